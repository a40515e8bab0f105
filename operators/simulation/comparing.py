"""Two policies on common random numbers: paired differences over replications, each with its interval of confidence.

Both policies meet the same people, who draw the same delays; so most of what chance does cancels in the difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

# Two-sided 95 %: Student's t by degrees of freedom; beyond, it is close to the normal distribution.
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over replications, and half the width of its 95 % interval; None with one replication."""

    mean: float
    half: float | None

    @property
    def low(self) -> float | None:
        """Where the interval begins."""
        return None if self.half is None else self.mean - self.half

    @property
    def high(self) -> float | None:
        """Where the interval ends."""
        return None if self.half is None else self.mean + self.half


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure under both policies, and the other's less the first's, pair by pair."""

    name: str
    first: float
    other: float
    change: Mean


def t_95(freedom: int) -> float:
    """Student's t for a two-sided interval of 95 % (Cornish-Fisher's expansion beyond 30 degrees of freedom)."""
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = 1.959964
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def mean_of(values: Sequence[float]) -> Mean:
    """The mean with its interval."""
    if len(values) < 2:
        return Mean(fmean(values), None)
    return Mean(fmean(values), t_95(len(values) - 1) * stdev(values) / sqrt(len(values)))


def compared(first: Sequence[Mapping[str, float]], other: Sequence[Mapping[str, float]]) -> list[Difference]:
    """Every figure of both policies, replication by replication."""
    names = dict.fromkeys(name for figures in (*first, *other) for name in figures)
    return [_difference(name, first, other) for name in names]


def _difference(name: str, first: Sequence[Mapping[str, float]], other: Sequence[Mapping[str, float]]) -> Difference:
    left, right = ([each.get(name, 0.0) for each in figures] for figures in (first, other))
    change = mean_of([b - a for a, b in zip(left, right, strict=True)])
    return Difference(name, fmean(left), fmean(right), change)
