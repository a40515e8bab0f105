"""What came of a replication: counted as it happens, entry by entry, by month and by week.

Knows nothing of how it is shown (tables.py, report.py).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from operators.simulation.behaviours import Payments
from operators.simulation.making import recorded
from workflow.calendar import load_zone
from workflow.definition import SCHEDULER, Deadline, Definition
from workflow.history import HistoryEntry
from workflow.journal import Journal
from workflow.living import Life

NOTICES = frozenset({"reminder", "missed", "milestone", "timeout"})
Series = dict[str, Counter[date]]
"""By name, and by the day on which a month or week begins."""


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def week_of(day: date) -> date:
    """The Monday of its week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def months(start: date, end: date) -> list[date]:
    """The first days of the months from one day to another."""
    return [date(n // 12, n % 12 + 1, 1) for n in range(_number(start), _number(end) + 1)]


def weeks(start: date, end: date) -> list[date]:
    """The Mondays of the weeks from one day to another."""
    first = week_of(start)
    return [first + timedelta(weeks=n) for n in range((week_of(end) - first).days // 7 + 1)]


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1


@dataclass
class Outcome:
    """One replication, counted. Amounts are in cents; `period` tells which month or week a day belongs to.

    `flows`: by state, how many more placements are in it since the month began; `timeouts`, `missed`, `notices`: by
    deadline; `acts`: by role; `due`, `paid`: amounts by milestone, and recorded.
    """

    definition: Definition
    payments: Payments | None
    period: Callable[[date], date] = month_of
    flows: Series = field(default_factory=lambda: defaultdict(Counter))
    timeouts: Series = field(default_factory=lambda: defaultdict(Counter))
    missed: Series = field(default_factory=lambda: defaultdict(Counter))
    notices: Series = field(default_factory=lambda: defaultdict(Counter))
    acts: Series = field(default_factory=lambda: defaultdict(Counter))
    due: Series = field(default_factory=lambda: defaultdict(Counter))
    due_count: Series = field(default_factory=lambda: defaultdict(Counter))
    paid: Series = field(default_factory=lambda: defaultdict(Counter))
    placements: int = 0
    entries: int = 0
    began: dict[int, datetime] = field(default_factory=dict)
    reached: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self._zone = load_zone(self.definition.timezone)

    def see(self, life: Life, entry: HistoryEntry) -> None:
        """Count one entry."""
        self.entries += 1
        day = local(entry.occurred_at, self._zone)
        if entry.changes_state:
            self._moved(life, entry, day)
        if entry.kind in NOTICES and entry.deadline is not None:
            self._fell_due(life, entry, day)
        elif entry.role not in (None, SCHEDULER) and entry.kind in ("transition", "recorded"):
            self.acts[str(entry.role)][week_of(day)] += 1
            self._paid(entry, day)

    def starts_with(self, state: str, on: date) -> None:
        """Count a placement that was there before."""
        self.placements += 1
        self.flows[state][self.period(on)] += 1

    def _moved(self, life: Life, entry: HistoryEntry, day: date) -> None:
        state, month = str(entry.to_state), self.period(day)
        self.flows[state][month] += 1
        if entry.from_state is None:
            self.placements += 1
            self.began[life.number] = entry.occurred_at
        else:
            self.flows[entry.from_state][month] -= 1
        began, reached = self.began.get(life.number), self.reached[state]
        if began is not None and life.number not in reached:
            reached[life.number] = (entry.occurred_at - began) / timedelta(days=1)

    def _fell_due(self, life: Life, entry: HistoryEntry, day: date) -> None:
        name, month = str(entry.deadline), self.period(day)
        self.notices[name][week_of(day)] += 1
        if entry.kind == "timeout":
            self.timeouts[name][month] += 1
        elif entry.kind == "missed":
            self.missed[name][month] += 1
        elif entry.kind == "milestone":
            self.due_count[name][month] += 1
            amount = amount_due(self.definition, self.payments, name, life.journal)
            self.due[name][month] += amount or 0

    def _paid(self, entry: HistoryEntry, day: date) -> None:
        name = None if self.payments is None else self.payments.paid
        amount = entry.fields.get(name or "")
        if name is not None and isinstance(amount, int):
            self.paid[name][self.period(day)] += amount

    def state_counts(self, span: list[date]) -> Mapping[str, list[int]]:
        """How many placements are in each state at the end of each month."""
        return {name: list(_summed(self.flows[name], span)) for name in self.definition.states}

    def figures(self) -> dict[str, float]:
        """Everything as one number each, to be compared: by a name in two parts."""
        found = {f"state.{name}": sum(self.flows[name].values()) for name in self.definition.states}
        found |= {f"reached.{name}": len(self.reached[name]) for name in self.definition.states}
        for name, spec in self.definition.deadlines.items():
            if spec.then is not None:
                found[f"timeout.{name}"] = sum(self.timeouts[name].values())
            if spec.milestone:
                found[f"milestone.{name}"] = sum(self.due_count[name].values())
            else:
                found[f"missed.{name}"] = sum(self.missed[name].values())
        found |= {f"acts.{role}": sum(self.acts[role].values()) for role in self.definition.roles}
        told: dict[str, float] = dict(found)
        told["amount.due"] = sum(sum(each.values()) for each in self.due.values()) / 100
        told["amount.paid"] = sum(sum(each.values()) for each in self.paid.values()) / 100
        for name in self.definition.states:
            if self.reached[name] and name != self.definition.initial:
                told[f"days.{name}"] = round(median(self.reached[name].values()), 1)
        return told


def local(moment: datetime, zone: ZoneInfo) -> date:
    """The day of a moment, in the definition's own zone: one calendar for all that is counted."""
    return moment.astimezone(zone).date()


def amount_due(definition: Definition, payments: Payments | None, name: str, journal: Journal) -> int | None:
    """What a milestone costs, in cents: its share of the grant, or an equal part of what the others leave unpaid.

    None where the definition or the placement has no amount.
    """
    if payments is None:
        return None
    whole = journal.facts.fields.get(payments.grant)
    if not isinstance(whole, int):
        return None
    share = payments.shares.get(name)
    if share is not None:
        return round(whole * share)
    left = [spec for spec in stones(definition) if not _is_met(spec, journal)]
    gone = recorded(journal, payments.paid) if payments.paid else 0
    return max(0, whole - gone) // max(1, len(left))


def stones(definition: Definition) -> Iterator[Deadline]:
    """The milestones of a definition, in its order."""
    return (spec for spec in definition.deadlines.values() if spec.milestone)


def _is_met(spec: Deadline, journal: Journal) -> bool:
    until = spec.until
    return until is not None and journal.facts.counts.get(until.trigger or "", 0) >= until.times


def _summed(flows: Counter[date], span: list[date]) -> Iterator[int]:
    total = sum(count for month, count in flows.items() if month < span[0])
    for month in span:
        total += flows[month]
        yield total
