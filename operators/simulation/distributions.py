"""How long people take: distributions of days, each with its quantile and its distribution function.

A delay is drawn by its quantile from one uniform number, so that the same number gives comparable delays under two
policies; the distribution function conditions it on what has passed already. Reads no clock and no dice.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from statistics import NormalDist
from typing import Protocol

_NORMAL = NormalDist()
_LEAST = 1e-12


class Distribution(Protocol):
    """Days from an occasion to an act."""

    def quantile(self, share: float) -> float:
        """The days within which this share (0 < share < 1) has acted."""
        ...

    def within(self, days: float) -> float:
        """The share that has acted within so many days."""
        ...


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Half act within `median` days; `sigma` is the standard deviation of the logarithm."""

    median: float
    sigma: float

    def quantile(self, share: float) -> float:
        return self.median * exp(self.sigma * _NORMAL.inv_cdf(share))

    def within(self, days: float) -> float:
        return _NORMAL.cdf(log(days / self.median) / self.sigma) if days > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Exponential:
    """The same odds every day, `mean` days on average."""

    mean: float

    def quantile(self, share: float) -> float:
        return -self.mean * log1p(-share)

    def within(self, days: float) -> float:
        return 1 - exp(-days / self.mean) if days > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any time between two numbers of days, alike."""

    least: float
    most: float

    def quantile(self, share: float) -> float:
        return self.least + share * (self.most - self.least)

    def within(self, days: float) -> float:
        return min(1.0, max(0.0, (days - self.least) / max(self.most - self.least, _LEAST)))


@dataclass(frozen=True, slots=True)
class Empirical:
    """Quantiles as observed, at equal steps from the shortest delay to the longest; straight lines between."""

    days: tuple[float, ...]

    def quantile(self, share: float) -> float:
        if len(self.days) == 1:
            return self.days[0]
        place = share * (len(self.days) - 1)
        below = min(int(place), len(self.days) - 2)
        return self.days[below] + (place - below) * (self.days[below + 1] - self.days[below])

    def within(self, days: float) -> float:
        above = bisect_right(self.days, days)
        if above in (0, len(self.days)):
            return float(above > 0)
        low, high = self.days[above - 1], self.days[above]
        return (above - 1 + (days - low) / (high - low)) / (len(self.days) - 1)


def remaining(distribution: Distribution, share: float, passed: float) -> float | None:
    """The days in all, given that so many have passed without an act; None where nobody takes longer."""
    done = distribution.within(passed)
    if done >= 1 - _LEAST:
        return None
    wanted = done + share * (1 - done)
    return max(passed, distribution.quantile(min(max(wanted, _LEAST), 1 - _LEAST)))


def quantiles(sorted_days: Sequence[float], count: int) -> tuple[float, ...]:
    """So many quantiles of observed days, which are in order."""
    whole = Empirical(tuple(sorted_days))
    if len(sorted_days) <= count:
        return whole.days
    return tuple(whole.quantile(step / (count - 1)) for step in range(count))
