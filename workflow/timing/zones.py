"""Sets of clock readings, in whole days, as matrices of bounds on differences (difference-bound matrices).

After D. L. Dill, "Timing assumptions and verification of finite-state concurrent systems", 1989. A zone is never
empty and always closed, that is, each bound is the tightest that follows from all. Knows nothing of deadlines.
"""

from operator import ge
from typing import Self

INFINITE = 10**9
"""A bound that bounds nothing."""
_FINITE = INFINITE // 2


def _holds(mine: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    return mine == theirs or all(map(ge, mine, theirs))


class Zone:
    """The readings of so many clocks for which every difference is within its bound; never changed in place.

    Clock 0 is the constant zero. `bounds[i][j]` is the greatest value of clock i minus clock j.
    """

    __slots__ = ("bounds",)

    def __init__(self, bounds: tuple[tuple[int, ...], ...]) -> None:
        self.bounds = bounds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Zone) and self.bounds == other.bounds

    def __hash__(self) -> int:
        return hash(self.bounds)

    @classmethod
    def unbounded(cls, clocks: int) -> Self:
        """All readings of so many clocks."""
        size = range(clocks + 1)
        return cls(tuple(tuple(0 if i == j else INFINITE for j in size) for i in size))

    def less(self, i: int, j: int, bound: int) -> "Zone | None":
        """The part in which clock i minus clock j is at most `bound`; None where there is none."""
        old = self.bounds
        if old[i][j] <= bound:
            return self
        if old[j][i] + bound < 0:
            return None
        towards = [row[i] + bound for row in old]
        onwards = old[j]
        return Zone(
            tuple(
                tuple(
                    way + end if end < _FINITE and way + end < kept else kept
                    for kept, end in zip(row, onwards, strict=True)
                )
                if way < _FINITE
                else row
                for row, way in zip(old, towards, strict=True)
            )
        )

    def within(self, clock: int, lowest: int | None, highest: int | None) -> "Zone | None":
        """The part in which a clock shows from `lowest` to `highest`, both included."""
        zone: Zone | None = self
        if highest is not None:
            zone = self.less(clock, 0, highest)
        if zone is not None and lowest is not None:
            zone = zone.less(0, clock, -lowest)
        return zone

    def freed(self, clock: int) -> "Zone":
        """The same with anything for one clock."""
        old = self.bounds
        if old[clock].count(INFINITE) == len(old) - 1 and all(
            row[clock] == INFINITE for number, row in enumerate(old) if number != clock
        ):
            return self
        rows = [(*row[:clock], INFINITE, *row[clock + 1 :]) for row in old]
        rows[clock] = tuple(0 if j == clock else INFINITE for j in range(len(old)))
        return Zone(tuple(rows))

    def later(self) -> "Zone":
        """What the clocks show after one day or more."""
        first, *others = self.bounds
        # Adding a day to each clock, then any number of days: only the upper bounds go.
        top = (0, *(bound - 1 if bound < INFINITE else bound for bound in first[1:]))
        return Zone((top, *((INFINITE, *row[1:]) for row in others)))

    def includes(self, other: "Zone") -> bool:
        """Whether each reading in the other zone is in this one."""
        return all(map(_holds, self.bounds, other.bounds))

    def lowest(self, clock: int) -> int:
        """The least that a clock shows."""
        return -self.bounds[0][clock]

    def highest(self, clock: int) -> int:
        """The most that a clock shows."""
        return self.bounds[clock][0]
