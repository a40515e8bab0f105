"""The conditions that a PlacementFilter puts on placements and on deadlines."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, exists

from storage.listing import PlacementFilter
from storage.tables import deadline, placement


def placement_conditions(which: PlacementFilter) -> list[ColumnElement[bool]]:
    """What must hold of a placement; a deadline is looked for where one is asked about."""
    conditions = list(_of_placement(which))
    if asked := list(_of_deadline(which)):
        conditions.append(exists().where(deadline.c.placement == placement.c.id, *asked))
    return conditions


def deadline_conditions(which: PlacementFilter) -> list[ColumnElement[bool]]:
    """What must hold of a deadline and of the placement that it is joined with."""
    return [*_of_placement(which), *_of_deadline(which)]


def _of_placement(which: PlacementFilter) -> Iterator[ColumnElement[bool]]:
    if which.state is not None:
        yield placement.c.state == which.state
    if which.territory is not None:
        yield placement.c.territory == which.territory
    if which.host_siret is not None:
        yield placement.c.host_siret == which.host_siret
    if which.stuck_since is not None:
        now, length = which.stuck_since
        yield placement.c.state_since <= now - length


def _of_deadline(which: PlacementFilter) -> Iterator[ColumnElement[bool]]:
    if which.deadline is not None:
        yield deadline.c.name == which.deadline
    if which.overdue is not None:
        yield deadline.c.due_at <= which.overdue
        yield deadline.c.status != "paused"
    if which.due_within is not None:
        now, length = which.due_within
        yield deadline.c.due_at > now
        yield deadline.c.due_at <= now + length
        yield deadline.c.status == "running"
