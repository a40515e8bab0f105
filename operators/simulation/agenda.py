"""What is going to happen, taken out in the order of its moments: a calendar queue (R. Brown, CACM 31, 1988).

One heap of everything that a cohort has before it would be walked over, compared and moved with every act. So what
belongs to a later day (of UTC, as all moments are) waits unsorted under its day, and only the day that has come is a
heap.
"""

from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")
_Entry = tuple[datetime, int, int, T]


class Agenda(Generic[T]):
    """Things with a moment each; at one moment by their `rank`, and then as they came."""

    def __init__(self) -> None:
        self._days: list[int] = []
        self._later: dict[int, list[_Entry[T]]] = {}
        self._today = 0
        self._due: list[_Entry[T]] = []
        self._count = 0

    def add(self, at: datetime, rank: int, thing: T) -> None:
        """One more; what belongs to a day that is over comes next."""
        self._count += 1
        entry, day = (at, rank, self._count, thing), at.toordinal()
        if day <= self._today:
            heappush(self._due, entry)
        elif day in self._later:
            self._later[day].append(entry)
        else:
            self._later[day] = [entry]
            heappush(self._days, day)

    def next(self, until: datetime) -> tuple[datetime, T] | None:
        """Take out what comes first; None where nothing is left until then."""
        if not self._due and self._days:
            self._today = heappop(self._days)
            self._due = self._later.pop(self._today)
            heapify(self._due)
        if not self._due or self._due[0][0] > until:
            return None
        at, _, _, thing = heappop(self._due)
        return at, thing
