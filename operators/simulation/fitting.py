"""Behaviours fitted from a real history: the occasions and acts of other behaviours, with the odds and delays observed.

Reads standing entries alone: what was reversed did not happen. Personal values are not in entries, and not looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from operators.simulation.behaviours import Act, Behaviours, Delay, Record, Rule
from operators.simulation.distributions import Empirical, quantiles
from operators.simulation.estimating import QUANTILES, Kind, Spell, estimated
from workflow.calendar import start_of_day
from workflow.definition import SCHEDULER, Definition
from workflow.history import HistoryEntry
from workflow.rules import Rules

FEWEST = 5
"""Fewer acts than these say nothing of how long they take: what the other behaviours say is kept."""


@dataclass
class Observed:
    """What a history shows, life by life, up to `now`."""

    rules: Rules
    template: Behaviours
    now: datetime
    spells: dict[str, list[Spell]] = field(default_factory=lambda: defaultdict(list))
    began: list[datetime] = field(default_factory=list)
    values: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def see(self, territory: str, entries: Sequence[HistoryEntry]) -> None:
        """Look at one life: its standing entries, oldest first."""
        if not entries:
            return
        self.began.append(entries[0].occurred_at)
        self._see_values(entries[0])
        for place, entry in enumerate(entries):
            self._see_decision(territory, entries, place, entry)
        for name, record in self.template.records.items():
            for began, until, done in self._recorded(territory, entries, record, name):
                trigger = record.act.trigger if done else None
                self._spell(f"records/{name}", [record.act], territory, began, until, trigger)

    def _see_values(self, placed: HistoryEntry) -> None:
        fields = self.rules.definition.fields
        for name, value in placed.fields.items():
            if name in fields and fields[name].type in ("choice", "territory") and value is not None:
                self.values[name][str(value)] += 1

    def _see_decision(self, territory: str, entries: Sequence[HistoryEntry], place: int, entry: HistoryEntry) -> None:
        occasions = [str(entry.trigger)] if entry.trigger in self.template.decisions else []
        if entry.changes_state and entry.to_state in self.template.decisions:
            occasions.append(str(entry.to_state))
        later = entries[place + 1 :]
        # Passed through at one moment: nobody could decide anything there.
        if entry.changes_state and later and _passes(entry, later[0]):
            return
        for occasion in occasions:
            acts = self.template.decisions[occasion]
            until, done = _first_of(later, {act.trigger for act in acts}, self.now)
            self._spell(f"decisions/{occasion}", acts, territory, entry.occurred_at, until, done)

    def _spell(
        self, where: str, acts: Sequence[Act], territory: str, began: datetime, until: datetime, done: str | None
    ) -> None:
        if until >= began:
            days = _unit_of(acts).between(began, until, territory, self.rules.calendar)
            self.spells[where].append(Spell(days, next((act.name for act in acts if act.trigger == done), None)))

    def _recorded(
        self, territory: str, entries: Sequence[HistoryEntry], record: Record, name: str
    ) -> Iterator[tuple[datetime, datetime, bool]]:
        trigger = record.act.trigger
        if record.since is not None:
            for place, entry in enumerate(entries):
                if entry.changes_state and entry.to_state == record.since:
                    yield entry.occurred_at, *self._next(entries[place + 1 :], trigger, 1, record.since)
            return
        dated = [n for n, r in self.template.records.items() if r.day_in and r.act.trigger == trigger]
        for place, entry in enumerate(entries):
            value = entry.fields.get(str(record.day_in))
            if isinstance(value, str):
                began = start_of_day(date.fromisoformat(value), territory)
                before = sum(each.trigger == trigger for each in entries[: place + 1])
                rank = dated.index(name) + 1 - before
                if rank > 0 and began < self.now:
                    until, done = self._next(entries[place + 1 :], trigger, rank, None)
                    yield began, max(began, until), done

    def _next(
        self, later: Sequence[HistoryEntry], trigger: str, times: int, again: str | None
    ) -> tuple[datetime, bool]:
        """When a trigger is recorded for the nth time; or until when it could have been."""
        definition = self.rules.definition
        for entry in later:
            if entry.trigger == trigger:
                times -= 1
                if times == 0:
                    return entry.occurred_at, True
            state = str(entry.to_state)
            gone = state in definition.states and not definition.transitions_from(state, trigger)
            if entry.changes_state and (state == again or gone):
                return entry.occurred_at, False
        return self.now, False


def _unit_of(acts: Sequence[Act]) -> Delay:
    """The unit in which the delays of an occasion are compared: working days where all of its acts say so."""
    return Delay(acts[0].delay.days, all(act.delay.working for act in acts))


def _passes(entry: HistoryEntry, after: HistoryEntry) -> bool:
    return after.changes_state and after.kind == "automatic" and after.occurred_at == entry.occurred_at


def _first_of(later: Sequence[HistoryEntry], acts: Collection[str], now: datetime) -> tuple[datetime, str | None]:
    """The first of these acts that people did before the placement moved otherwise; or when that was."""
    for entry in later:
        if entry.trigger in acts and entry.role != SCHEDULER:
            return entry.occurred_at, entry.trigger
        if entry.changes_state:
            return entry.occurred_at, None
    return now, None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The behaviours, and a remark on each occasion: from how much it was fitted, or why it was not."""

    behaviours: Behaviours
    remarks: Mapping[str, str]


def fitted(observed: Observed, kind: Kind) -> Fitted:
    """The template with what was observed in place of what it assumed."""
    template, remarks = observed.template, dict[str, str]()
    decisions = {
        occasion: _decided(observed, f"decisions/{occasion}", acts, kind, remarks)
        for occasion, acts in template.decisions.items()
    }
    records = {
        name: replace(record, act=_decided(observed, f"records/{name}", [record.act], kind, remarks)[0])
        for name, record in template.records.items()
    }
    actors = {name: replace(actor, forgets=0.0) for name, actor in template.actors.items()}
    return Fitted(
        replace(
            template,
            decisions=decisions,
            records=records,
            actors=actors,
            arrivals=_arrivals(observed) or template.arrivals,
            beginnings={**template.beginnings, **_beginnings(observed)},
        ),
        remarks,
    )


def _decided(
    observed: Observed, where: str, acts: Sequence[Act], kind: Kind, remarks: dict[str, str]
) -> tuple[Act, ...]:
    spells = observed.spells.get(where, [])
    done = Counter(spell.act for spell in spells if spell.act is not None)
    told = f"{len(spells)} occasions, {sum(done.values())} acts, {len(spells) - sum(done.values())} censored"
    if sum(done.values()) < FEWEST:
        remarks[where] = f"kept as it was: {told}"
        # What is forgotten is part of the odds from here on.
        return tuple(replace(a, odds=a.odds * (1 - observed.template.forgets(a.role))) for a in acts)
    remarks[where] = told
    found, fitted_acts = estimated(spells, kind), []
    for act in acts:
        estimate = found.get(act.name)
        if estimate is None:
            fitted_acts.append(replace(act, odds=0.0))
        else:
            few = done[act.name] < FEWEST
            delay = act.delay if few else Delay(estimate.days, _unit_of(acts).working)
            fitted_acts.append(replace(act, odds=round(estimate.odds, 4), delay=delay))
    return tuple(fitted_acts)


def _arrivals(observed: Observed) -> Delay | None:
    if len(observed.began) < FEWEST:
        return None
    first = min(observed.began)
    days = sorted((began - first) / timedelta(days=1) for began in observed.began)
    return Delay(Empirical(tuple(round(day, 4) for day in quantiles(days, QUANTILES))))


def _beginnings(observed: Observed) -> dict[str, Rule]:
    weights = {name: dict(sorted(counts.items())) for name, counts in observed.values.items()}
    return {
        name: Rule("choose", weights={value: float(count) for value, count in found.items()})
        for name, found in weights.items()
        if _may_begin_with(observed.rules.definition, name)
    }


def _may_begin_with(definition: Definition, name: str) -> bool:
    spec = definition.fields[name]
    return spec.required and not spec.personal
