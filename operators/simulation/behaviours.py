"""What behaviours say, as frozen data: who does what on which occasion, with which odds, after how long.

Knows nothing of YAML (reading.py) and of one placement (people.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Literal

from operators.simulation.distributions import Distribution
from workflow.calendar import Calendar, count_open_days, local_day, shift_open_days, start_of_day
from workflow.definition import Label

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Delay:
    """A distribution of days, counted by the calendar or in working days of the placement's territory."""

    days: Distribution
    working: bool = False

    def after(self, moment: datetime, days: float, territory: str, calendar: Calendar) -> datetime:
        """The moment so many days later."""
        if not self.working:
            return moment + timedelta(seconds=round(days * _DAY_S))
        start, part = working_place(moment, territory)
        whole, rest = divmod(part + days, 1)
        day = shift_open_days(start, int(whole), "working", territory, calendar)
        return max(moment, start_of_day(day, territory) + timedelta(seconds=round(rest * _DAY_S)))

    def between(self, start: datetime, end: datetime, territory: str, calendar: Calendar) -> float:
        """The days from one moment to another, as `after` counts them."""
        if not self.working:
            return (end - start) / timedelta(days=1)
        (first, began), (last, ended) = working_place(start, territory), working_place(end, territory)
        # The days after the first, the last one included.
        opened = count_open_days(first + timedelta(days=1), last + timedelta(days=1), "working", territory, calendar)
        return max(0.0, opened + ended - began)


def working_place(moment: datetime, territory: str) -> tuple[date, float]:
    """The local day of a moment, and how much of it has passed."""
    day = local_day(moment, territory)
    return day, min(1.0, (moment - start_of_day(day, territory)).total_seconds() / _DAY_S)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a value is made: the kind of rule, and what it says."""

    kind: Literal["value", "day", "choose", "between", "same_as", "share_of", "table", "count", "unique"]
    text: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    numbers: tuple[float, float] = (0.0, 0.0)
    less: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """Something that somebody does; `name` tells it from the others of its occasion. Each is itself alone."""

    name: str
    trigger: str
    role: str
    odds: float
    delay: Delay
    reason: str | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """An act beside all else: each time a state is entered (`since`), or once the day in a field has come."""

    act: Act
    since: str | None = None
    day_in: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in a role."""

    label: Label
    forgets: float = 0.0


@dataclass(frozen=True, slots=True)
class Payments:
    """What milestones cost: shares of the amount in the field `grant`; `paid` is the field that records payments."""

    grant: str
    paid: str | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Behaviours:
    """All habits for one definition.

    `decisions`: on entering a state, or once a trigger was recorded, one of these acts is drawn by its odds, or none.
    """

    definition: str
    title: Label
    arrivals: Delay
    beginnings: Mapping[str, Rule]
    actors: Mapping[str, Actor]
    decisions: Mapping[str, tuple[Act, ...]]
    records: Mapping[str, Record]
    payments: Payments | None = None

    @cached_property
    def recorded_since(self) -> Mapping[str, Sequence[str]]:
        """State -> the records that follow from entering it."""
        states = {record.since for record in self.records.values() if record.since is not None}
        return {state: [name for name, each in self.records.items() if each.since == state] for state in states}

    def forgets(self, role: str) -> float:
        """How often somebody in this role never does what was meant to be done."""
        actor = self.actors.get(role)
        return actor.forgets if actor else 0.0


def at_start_of(day: date) -> datetime:
    """The instant from which a simulation counts."""
    return datetime.combine(day, time(8), UTC)
