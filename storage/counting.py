"""Counts beside lists: by the database, under the same conditions as the list, so that the two agree."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage import tally
from storage.asides import ALARMING
from storage.database import Database
from storage.filters import deadline_conditions, placement_conditions, reached
from storage.listing import EVERYWHERE, PlacementFilter, Reach, Touched
from storage.tables.definitions import definition
from storage.tables.log import unsealed
from storage.tables.placements import deadline, incident, outbox, placement, request
from storage.touching import touched

UNSENT = ("pending", "queued", "dead")
"""Statuses of notices that somebody may still wait for; the last were given up."""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many items a list has, and would have with another value of one of its filters."""

    total: int
    states: Mapping[str, int]
    territories: Mapping[str, int]
    deadlines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person: corrections for an approval, placements with an incident. Incidents that a person
    set aside are counted apart.
    """

    requests: int
    incidents: int
    set_aside: int = 0


_PLACE = (placement.c.state, placement.c.territory)
_PLACES = select(*_PLACE, func.count())


class Counts:
    """What is counted. Each call sees one consistent view. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def placements(self, which: PlacementFilter) -> Facets:
        """The counts beside a list of placements; each filter's are those without that filter."""
        with self._database.reading() as connection:
            return _facets(connection, which, _by_place(which))

    def deadlines(self, which: PlacementFilter) -> Facets:
        """The counts beside a list of deadlines; `states` are their placements' states."""
        asked = _PLACES.join_from(deadline, placement)
        conditions = deadline_conditions(replace(which, state=None, territory=None))
        with self._database.reading() as connection:
            return _facets(connection, which, asked.where(*conditions).group_by(*_PLACE))

    def by_day(self, which: PlacementFilter) -> Mapping[date, Mapping[str, int]]:
        """How many deadlines of a list have which last day, by name; days that have none are left out."""
        asked = select(deadline.c.last_day, deadline.c.name, func.count())
        counted = asked.select_from(deadline.join(placement) if _asks_of_placement(which) else deadline)
        grouped = counted.where(*deadline_conditions(which)).group_by(deadline.c.last_day, deadline.c.name)
        found: dict[date, dict[str, int]] = {}
        with self._database.reading() as connection:
            for day, name, count in connection.execute(grouped.order_by(deadline.c.last_day, deadline.c.name)):
                found.setdefault(day, {})[name] = int(count)
        return found

    def number(self, which: PlacementFilter) -> int:
        """How many deadlines a list of deadlines has."""
        asked = select(func.count()).select_from(deadline.join(placement) if _asks_of_placement(which) else deadline)
        with self._database.reading() as connection:
            return _number(connection, asked.where(*deadline_conditions(which)))

    def states(self, which: PlacementFilter) -> Mapping[str, int]:
        """How many placements there are in each state that has some, whichever state is asked for."""
        with self._database.reading() as connection:
            return _states(connection.execute(_by_place(which)).all(), which)

    def misplaced(self) -> tuple[tuple[tally.Place, int, int], ...]:
        """Where the kept counts are not what there is: (state and territory), kept, there."""
        with self._database.reading() as connection:
            return tuple(tally.differences(connection))

    def waiting(self, within: Sequence[Reach] = EVERYWHERE) -> Waiting:
        """How much waits for a person among these placements."""
        seen = list(reached(within))
        asked = select(func.count()).select_from(request.join(placement)).where(*seen)
        stuck = select(func.count()).select_from(incident.join(placement)).where(*seen)
        with self._database.reading() as connection:
            alarming, all_stuck = (_number(connection, each) for each in (stuck.where(ALARMING), stuck))
            return Waiting(_number(connection, asked), alarming, all_stuck - alarming)

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

    def touched(self, digests: Collection[str], states: Collection[str], deadlines: Collection[str]) -> Touched:
        """How many placements under these versions stand in these states, or have one of these deadlines listed."""
        return touched(self._database, digests, states, deadlines)

    def last_published(self) -> tuple[str, datetime] | None:
        """The digest and the moment of the definition published last: changes when there is another."""
        asked = select(definition.c.digest, definition.c.published_at).order_by(definition.c.published_at.desc())
        with self._database.reading() as connection:
            row = connection.execute(asked.limit(1)).first()
            return None if row is None else (row[0], row[1])


def _number(connection: Connection, asked: Select[Any]) -> int:
    return int(connection.execute(asked).scalar_one())


def _by_place(which: PlacementFilter) -> Select[Any]:
    """How many of these placements there are of each state and territory, whichever of the two they ask for."""
    everywhere = replace(which, state=None, territory=None)
    if tally.knows(everywhere):
        return tally.counted(which.within)
    return _PLACES.where(*placement_conditions(everywhere)).group_by(*_PLACE)


def _facets(connection: Connection, which: PlacementFilter, asked: Select[Any]) -> Facets:
    """One look at all states and territories; each is counted under the other one's filter."""
    counted = connection.execute(asked).all()
    states = _states(counted, which)
    territories: dict[str, int] = {}
    for state, territory, count in sorted(counted):
        if which.state in (None, state):
            territories[territory] = territories.get(territory, 0) + int(count)
    chosen = states.values() if which.state is None else [states.get(which.state, 0)]
    return Facets(sum(chosen), states, territories, _by_deadline(connection, replace(which, deadline=None)))


def _states(counted: Iterable[Any], which: PlacementFilter) -> dict[str, int]:
    states: dict[str, int] = {}
    for state, territory, count in sorted(counted):
        if which.territory in (None, territory):
            states[state] = states.get(state, 0) + int(count)
    return states


def _by_deadline(connection: Connection, which: PlacementFilter) -> Mapping[str, int]:
    # A placement has a deadline of one name at most: rows count placements too.
    asked = select(deadline.c.name, func.count())
    joined = asked.select_from(deadline.join(placement) if _asks_of_placement(which) else deadline)
    grouped = joined.where(*deadline_conditions(which)).group_by(deadline.c.name).order_by(deadline.c.name)
    return dict(connection.execute(grouped).all())


def _asks_of_placement(which: PlacementFilter) -> bool:
    """Whether a filter asks anything of placements: only then need they be looked at."""
    asked = (which.state, which.territory, which.host_siret, which.stuck_since, which.text)
    return any(asked) or Reach() not in which.within
