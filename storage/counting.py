"""Counts beside lists: by the database, under the same conditions as the list, so that the two agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, func, select

from storage.database import Database
from storage.filters import deadline_conditions, placement_conditions, reached
from storage.listing import EVERYWHERE, PlacementFilter, Reach
from storage.tables import deadline, definition, incident, outbox, placement, request, unsealed

HOSTS = 20
UNSENT = ("pending", "queued", "dead")
"""Statuses of notices that somebody may still wait for; the last were given up."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host structure, and how many placements it has in a list."""

    siret: str
    name: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many placements a list has, and would have with another value of one of its filters.

    `hosts`: those with the most placements.
    """

    total: int
    states: Mapping[str, int]
    territories: Mapping[str, int]
    deadlines: Mapping[str, int]
    hosts: tuple[Host, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person: corrections for an approval, placements with an incident."""

    requests: int
    incidents: int


class Counts:
    """What is counted. Each call sees one consistent view. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facets(self, which: PlacementFilter) -> Facets:
        """The counts beside a list of placements; each filter's are those without that filter."""
        with self._database.reading() as connection:
            return Facets(
                total=_number(connection, select(func.count()).select_from(placement).where(
                    *placement_conditions(which))),
                states=_grouped(connection, placement.c.state, replace(which, state=None)),
                territories=_grouped(connection, placement.c.territory, replace(which, territory=None)),
                deadlines=_by_deadline(connection, replace(which, deadline=None)),
                hosts=_hosts(connection, replace(which, host_siret=None)),
            )  # fmt: skip

    def deadlines(self, which: PlacementFilter) -> int:
        """How many deadlines a list of deadlines has."""
        with self._database.reading() as connection:
            return _number(connection, _deadlines(select(func.count()), which))

    def deadlines_by(self, which: PlacementFilter) -> Facets:
        """The counts beside a list of deadlines; `states` are the placements' states."""
        with self._database.reading() as connection:
            return Facets(
                total=_number(connection, _deadlines(select(func.count()), which)),
                states=_deadlines_by(connection, placement.c.state, replace(which, state=None)),
                territories=_deadlines_by(connection, placement.c.territory, replace(which, territory=None)),
                deadlines=_deadlines_by(connection, deadline.c.name, replace(which, deadline=None)),
                hosts=(),
            )

    def states(self, which: PlacementFilter) -> Mapping[str, int]:
        """How many placements there are in each state that has some."""
        with self._database.reading() as connection:
            return _grouped(connection, placement.c.state, which)

    def waiting(self, within: Sequence[Reach] = EVERYWHERE) -> Waiting:
        """How much waits for a person among these placements."""
        seen = list(reached(within))
        asked = select(func.count()).select_from(request.join(placement)).where(*seen)
        stuck = select(func.count()).select_from(incident.join(placement)).where(*seen)
        with self._database.reading() as connection:
            return Waiting(_number(connection, asked), _number(connection, stuck))

    def pending_notices(self) -> int:
        """How many notices wait to be sent; by an index of those alone."""
        with self._database.reading() as connection:
            return _number(connection, select(func.count()).select_from(outbox).where(outbox.c.status == "pending"))

    def unsent_notices(self) -> Mapping[str, int]:
        """How many notices there are that were not sent, and may have to be, by status; also those without any."""
        asked = select(outbox.c.status, func.count()).where(outbox.c.status.in_(UNSENT)).group_by(outbox.c.status)
        with self._database.reading() as connection:
            found = {str(status): count for status, count in connection.execute(asked)}
        return {status: found.get(status, 0) for status in UNSENT}

    def unsealed(self, placement_id: str) -> int:
        """How many entries of a placement no seal covers yet."""
        with self._database.reading() as connection:
            asked = select(func.count()).select_from(unsealed).where(unsealed.c.placement == placement_id)
            return _number(connection, asked)

    def by_definition(self) -> Mapping[str, int]:
        """How many placements each published definition has, by digest; also those that have none."""
        joined = select(definition.c.digest, func.count(placement.c.id)).join(
            placement, placement.c.definition == definition.c.digest, isouter=True
        )
        asked = joined.group_by(definition.c.digest, definition.c.published_at).order_by(definition.c.published_at)
        with self._database.reading() as connection:
            return dict(connection.execute(asked).all())

    def last_published(self) -> tuple[str, datetime] | None:
        """The digest and the moment of the definition published last: changes when there is another."""
        asked = select(definition.c.digest, definition.c.published_at).order_by(definition.c.published_at.desc())
        with self._database.reading() as connection:
            row = connection.execute(asked.limit(1)).first()
            return None if row is None else (row[0], row[1])


def _number(connection: Connection, asked: Select[Any]) -> int:
    return int(connection.execute(asked).scalar_one())


def _grouped(connection: Connection, column: Column[Any], which: PlacementFilter) -> Mapping[str, int]:
    asked = select(column, func.count()).where(*placement_conditions(which)).group_by(column).order_by(column)
    return {str(value): count for value, count in connection.execute(asked)}


def _by_deadline(connection: Connection, which: PlacementFilter) -> Mapping[str, int]:
    # A placement has a deadline of one name at most: rows count placements.
    return _deadlines_by(connection, deadline.c.name, which)


def _deadlines(asked: Select[Any], which: PlacementFilter) -> Select[Any]:
    """A count of deadlines; placements are joined only where something is asked of them."""
    conditions = deadline_conditions(which)
    joined = asked.select_from(deadline.join(placement) if asks_of_placement(which) else deadline)
    return joined.where(*conditions)


def asks_of_placement(which: PlacementFilter) -> bool:
    """Whether a filter asks anything of placements."""
    return any((which.state, which.territory, which.host_siret, which.stuck_since, which.text)) or (
        Reach() not in which.within
    )


def _deadlines_by(connection: Connection, column: Column[Any], which: PlacementFilter) -> Mapping[str, int]:
    alone = column.table is deadline and not asks_of_placement(which)
    asked = select(column, func.count()).select_from(deadline if alone else deadline.join(placement))
    grouped = asked.where(*deadline_conditions(which)).group_by(column).order_by(column)
    return {str(value): count for value, count in connection.execute(grouped)}


def _hosts(connection: Connection, which: PlacementFilter) -> tuple[Host, ...]:
    many = func.count()
    asked = select(placement.c.host_siret, func.max(placement.c.host_name), many).where(
        placement.c.host_siret.is_not(None), *placement_conditions(which)
    )
    ordered = asked.group_by(placement.c.host_siret).order_by(many.desc(), placement.c.host_siret).limit(HOSTS)
    return tuple(Host(*row) for row in connection.execute(ordered))
