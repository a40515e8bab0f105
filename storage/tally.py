"""How many placements there are of each state and territory, kept with every change: counting grows with the table.

A count is the sum over parts. Each transaction writes to one that no other has in hand, so that none waits for the row
of another: there are as many parts as ever wrote at once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Select, func, select

from storage import locks
from storage.bulk import BulkWrites
from storage.executing import Executor
from storage.listing import EVERYWHERE, PlacementFilter, Reach
from storage.tables.placements import placement
from storage.tables.placements import tally as table
from workflow.changes import Change

Place = tuple[str, str]
"""A state and a territory."""

PARTS: Final = 256

_PLACE = (table.c.state, table.c.territory)
_COUNT = func.sum(table.c.placements)


class Counted(Protocol):
    """A placement where it is counted."""

    @property
    def state(self) -> str: ...

    @property
    def territory(self) -> str: ...


def shift(executor: Executor, bulk: BulkWrites, before: Mapping[str, Counted], changes: Sequence[Change]) -> None:
    """Count placements where they are now, and no longer where they were; `before` by reference, none for new ones."""
    moved = _moved(before, changes)
    counts = sorted((place, count) for place, count in moved.items() if count)
    if counts:
        part = locks.free_part(executor.connection, PARTS)
        # In one order: where all parts are had, two who count the last one do not wait for each other for ever.
        bulk.tallies.run(executor, ((*place, part, count) for place, count in counts))


def _moved(before: Mapping[str, Counted], changes: Sequence[Change]) -> dict[Place, int]:
    moved: dict[Place, int] = defaultdict(int)
    for change in changes:
        moved[change.after.state, change.after.territory] += 1
        if (left := before.get(change.after.reference)) is not None:
            moved[left.state, left.territory] -= 1
    return moved


def knows(which: PlacementFilter) -> bool:
    """Whether the counts of these placements follow from the kept ones: nothing is asked but state and territory."""
    asked = PlacementFilter(state=which.state, territory=which.territory, within=which.within)
    return which == asked and all(reach.host_siret is None for reach in which.within)


def counted(within: Sequence[Reach] = EVERYWHERE) -> Select[Any]:
    """How many placements there are of each state and territory that has some, among these (of no host)."""
    asked = select(*_PLACE, _COUNT).group_by(*_PLACE).having(_COUNT != 0).order_by(*_PLACE)
    if Reach() in within:
        return asked
    return asked.where(table.c.territory.in_([reach.territory for reach in within]))


def differences(connection: Connection) -> Iterator[tuple[Place, int, int]]:
    """(place, what is kept, what there is) wherever the two are not the same."""
    rows = select(placement.c.state, placement.c.territory, func.count())
    there = _by_place(connection, rows.group_by(placement.c.state, placement.c.territory))
    kept = _by_place(connection, counted())
    for place in sorted(kept.keys() | there.keys(), key=repr):
        if kept.get(place, 0) != there.get(place, 0):
            yield place, kept.get(place, 0), there.get(place, 0)


def _by_place(connection: Connection, asked: Select[Any]) -> dict[Place, int]:
    return {(state, territory): int(count) for state, territory, count in connection.execute(asked)}
