"""From spells to odds and delays: what was done after how long, and what was not done yet when looking ended.

A spell that ended for another reason (a deadline, somebody else, today) is censored: it says that it would have taken
longer, or for ever. Leaving such spells out would make people look quicker than they are.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, log, pi, sqrt
from typing import Literal

from operators.simulation.distributions import Distribution, Empirical, Exponential, Lognormal

Kind = Literal["lognormal", "exponential", "empirical"]
KINDS: tuple[Kind, ...] = ("lognormal", "exponential", "empirical")
QUANTILES = 21
_LEAST_DAYS = 0.0001
_ROUNDS, _CLOSE = 2_000, 1e-7


@dataclass(frozen=True, slots=True)
class Spell:
    """So many days after an occasion an act was done; None: nothing was, for so long as anybody could see."""

    days: float
    act: str | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """How often an act is ever done, and after how long."""

    odds: float
    days: Distribution


def estimated(spells: Sequence[Spell], kind: Kind) -> Mapping[str, Estimate]:
    """The estimate for every act that was ever seen.

    `empirical`: Aalen and Johansen's estimate, which is Kaplan and Meier's where there is one act; what nobody was seen
    to do is done never. The others: maximum likelihood of a mixture, in which some never act, by the EM algorithm.
    """
    clean = [Spell(max(spell.days, _LEAST_DAYS), spell.act) for spell in spells]
    return _observed(clean) if kind == "empirical" else _Mixture(clean, kind).fitted()


def _observed(spells: Sequence[Spell]) -> Mapping[str, Estimate]:
    steps = _incidence(spells)
    found = {}
    for act, masses in steps.items():
        odds = sum(mass for _, mass in masses)
        found[act] = Estimate(min(1.0, odds), Empirical(_weighted_quantiles(masses, odds)))
    return found


def _incidence(spells: Sequence[Spell]) -> Mapping[str, list[tuple[float, float]]]:
    """For each act the moments at which it was done, with the share of all that each stands for."""
    by_day: dict[float, Counter[str | None]] = defaultdict(Counter)
    for spell in spells:
        by_day[spell.days][spell.act] += 1
    at_risk, waiting = len(spells), 1.0
    steps: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for days in sorted(by_day):
        here = by_day[days]
        done = sum(count for act, count in here.items() if act is not None)
        for act, count in sorted((str(a), c) for a, c in here.items() if a is not None):
            steps[act].append((days, waiting * count / at_risk))
        waiting *= 1 - done / at_risk
        at_risk -= sum(here.values())
    return steps


def _weighted_quantiles(masses: Sequence[tuple[float, float]], total: float) -> tuple[float, ...]:
    """Quantiles at equal steps, each the first moment by which that share of the mass has come."""
    found, gone, place = [], 0.0, 0
    for step in range(QUANTILES):
        wanted = total * step / (QUANTILES - 1) - 1e-12
        while place < len(masses) - 1 and gone + masses[place][1] < wanted:
            gone += masses[place][1]
            place += 1
        found.append(round(masses[place][0], 4))
    return tuple(found)


class _Mixture:
    """Some never act; each of the others does one act, after a lognormal or exponential time."""

    def __init__(self, spells: Sequence[Spell], kind: Kind) -> None:
        self._kind, self._count = kind, len(spells)
        self._done: dict[str, list[float]] = defaultdict(list)
        for spell in spells:
            if spell.act is not None:
                self._done[spell.act].append(spell.days)
        # Close ones together: what is censored by a deadline is censored at much the same time.
        waited = Counter(float(f"{s.days:.3g}") for s in spells if s.act is None)
        self._waited = sorted(waited.items())
        self._odds = {act: len(days) / self._count for act, days in self._done.items()}
        self._terms = {act: self._first(days) for act, days in self._done.items()}

    def fitted(self) -> Mapping[str, Estimate]:
        """The most likely odds and terms."""
        before = -float("inf")
        for _ in range(_ROUNDS):
            now = self._round()
            if abs(now - before) < _CLOSE * (1 + abs(now)):
                break
            before = now
        return {act: Estimate(min(1.0, self._odds[act]), self._distribution(act)) for act in sorted(self._done)}

    def _first(self, days: Sequence[float]) -> tuple[float, float]:
        if self._kind == "exponential":
            return sum(days) / len(days), 0.0
        logs = [log(each) for each in days]
        mean = sum(logs) / len(logs)
        return mean, max(0.05, sqrt(sum((each - mean) ** 2 for each in logs) / len(logs)))

    def _round(self) -> float:
        """One step of the algorithm; gives the likelihood of what was before, as far as censoring tells."""
        shares: dict[str, list[tuple[float, float]]] = {act: [] for act in self._done}
        nobody = max(1e-12, 1 - sum(self._odds.values()))
        likelihood = self._seen()
        for days, count in self._waited:
            still = {act: self._odds[act] * self._beyond(act, days) for act in self._done}
            whole = nobody + sum(still.values())
            likelihood += count * log(whole)
            for act, part in still.items():
                shares[act].append((days, count * part / whole))
        for act, parts in shares.items():
            weight = sum(share for _, share in parts)
            self._odds[act] = (len(self._done[act]) + weight) / self._count
            self._terms[act] = self._next(act, parts, weight)
        return likelihood

    def _seen(self) -> float:
        return sum(
            len(days) * log(self._odds[act]) + sum(self._density(act, each) for each in days)
            for act, days in self._done.items()
        )

    def _density(self, act: str, days: float) -> float:
        """The logarithm of the density."""
        first, second = self._terms[act]
        if self._kind == "exponential":
            return -log(first) - days / first
        return -log(days * second) - ((log(days) - first) / second) ** 2 / 2

    def _beyond(self, act: str, days: float) -> float:
        first, second = self._terms[act]
        return exp(-days / first) if self._kind == "exponential" else _upper((log(days) - first) / second)

    def _next(self, act: str, parts: Sequence[tuple[float, float]], weight: float) -> tuple[float, float]:
        done, (first, second) = self._done[act], self._terms[act]
        whole = len(done) + weight
        if self._kind == "exponential":
            return (sum(done) + sum(share * (days + first) for days, share in parts)) / whole, 0.0
        total, squares = 0.0, 0.0
        for days in done:
            total += log(days)
            squares += log(days) ** 2
        for days, share in parts:
            least = log(days)
            hazard = _hazard((least - first) / second)
            total += share * (first + second * hazard)
            squares += share * (first**2 + second**2 + second * hazard * (least + first))
        mean = total / whole
        return mean, max(0.05, sqrt(max(0.0, squares / whole - mean**2)))

    def _distribution(self, act: str) -> Distribution:
        first, second = self._terms[act]
        return Exponential(first) if self._kind == "exponential" else Lognormal(exp(first), second)


def _upper(z: float) -> float:
    """The share of a normal distribution above z."""
    return max(1e-300, erfc(z / sqrt(2)) / 2)


def _hazard(z: float) -> float:
    """The normal density over what is above z."""
    return z + 1 / z if z > 30 else exp(-(z**2) / 2) / sqrt(2 * pi) / _upper(z)
