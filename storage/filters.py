"""The conditions that a PlacementFilter puts on placements and on deadlines."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from string import ascii_lowercase, ascii_uppercase

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from storage.listing import PlacementFilter, Reach
from storage.tables.placements import deadline, placement


def placement_conditions(which: PlacementFilter) -> list[ColumnElement[bool]]:
    """What must hold of a placement; a deadline is looked for where one is asked about."""
    conditions = list(_of_placement(which))
    if asked := list(_of_deadline(which)):
        # Not looked for placement by placement: what is overdue is a few, found by their date.
        conditions.append(placement.c.id.in_(select(deadline.c.placement).where(*asked)))
    return conditions


def asks_of_deadlines(which: PlacementFilter) -> bool:
    """Whether a deadline is asked about."""
    return bool(list(_of_deadline(which)))


def conditions_near(which: PlacementFilter, beyond: str) -> list[ColumnElement[bool]]:
    """The same as `placement_conditions`, of the next few thousand placements beyond a reference.

    Where many have such a deadline, a page is found there without looking for all that have one.
    """
    nearest = select(placement.c.reference).where(placement.c.reference > beyond).order_by(placement.c.reference)
    end = func.coalesce(nearest.offset(_NEAR).limit(1).scalar_subquery(), _HIGHEST)
    own = select(deadline.c.name).where(deadline.c.placement == placement.c.id, *_of_deadline(which))
    return [*_of_placement(which), placement.c.reference <= end, own.correlate(placement).exists()]


def deadline_conditions(which: PlacementFilter) -> list[ColumnElement[bool]]:
    """What must hold of a deadline and of the placement that it is joined with."""
    return [*_of_placement(which), *_of_deadline(which)]


def reached(within: Sequence[Reach]) -> Iterator[ColumnElement[bool]]:
    """What must hold of a placement for somebody who may see these; nothing where they may see all."""
    if Reach() not in within:
        yield or_(false(), *(and_(true(), *_of_reach(reach)) for reach in within))


def _of_reach(reach: Reach) -> Iterator[ColumnElement[bool]]:
    if reach.territory is not None:
        yield placement.c.territory == reach.territory
    if reach.host_siret is not None:
        yield placement.c.host_siret == reach.host_siret


_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_FAR = timedelta(days=3)
_NEAR = 2_000
# Above every character that a reference may hold.
_HIGHEST = "\U0010ffff"


def begins(text: str) -> ColumnElement[bool]:
    """What must hold of a placement whose reference begins so; found by index."""
    return and_(placement.c.reference >= text, placement.c.reference < text + _HIGHEST)


def _speaks_of(text: str) -> ColumnElement[bool]:
    """A reference that begins so, or a host whose name has it, in capitals or not."""
    # SQLite knows the case of ASCII letters alone: É is tried as it would be written, and what it does know once only.
    written = (text, text.lower(), text.upper(), text.capitalize(), text.title())
    spelt = dict.fromkeys(each.translate(_SMALL) for each in written)
    return or_(begins(text), *(placement.c.host_name.icontains(each, autoescape=True) for each in spelt))


def _of_placement(which: PlacementFilter) -> Iterator[ColumnElement[bool]]:
    yield from reached(which.within)
    if which.text is not None:
        yield _speaks_of(which.text)
    if which.state is not None:
        yield placement.c.state == which.state
    if which.territory is not None:
        yield placement.c.territory == which.territory
    if which.host_siret is not None:
        yield placement.c.host_siret == which.host_siret
    if which.stuck_since is not None:
        now, length = which.stuck_since
        yield placement.c.state_since <= now - length


def _of_days(first: date, last: date) -> Iterator[ColumnElement[bool]]:
    # By the index of instants, which are within a day or two of the last day in whichever zone.
    yield deadline.c.due_at >= datetime.combine(first - _FAR, time(), UTC)
    yield deadline.c.due_at <= datetime.combine(last + _FAR, time(), UTC)
    yield deadline.c.last_day >= first
    yield deadline.c.last_day <= last
    yield deadline.c.status != "paused"


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
    if which.due_between is not None:
        after, until = which.due_between
        yield deadline.c.due_at > after
        yield deadline.c.due_at <= until
        yield deadline.c.status == "running"
    if which.last_days is not None:
        yield from _of_days(*which.last_days)
