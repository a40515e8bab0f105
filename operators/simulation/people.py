"""What people intend on each occasion of one placement, and when: drawn by name, never by whose turn it is."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

import msgspec

from operators.simulation.behaviours import Act, Behaviours
from operators.simulation.distributions import remaining
from operators.simulation.draws import Draws
from operators.simulation.making import Maker
from workflow.calendar import local_day, start_of_day
from workflow.commands import Fire
from workflow.definition import Definition
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.living import Life
from workflow.rules import Rules


class Intent(msgspec.Struct, frozen=True):
    """Somebody means to do this at that moment. `state_seq`: only while the placement has not moved since that entry;
    `setter`: only while the field that dates it was not set anew.
    """

    at: datetime
    act: Act
    occasion: str
    state_seq: int | None = None
    dated_by: tuple[str, int] | None = None

    def still_stands(self, facts: Facts) -> bool:
        """Whether what it was meant for is still so."""
        if self.state_seq is not None and facts.state_seq != self.state_seq:
            return False
        return self.dated_by is None or facts.setters.get(self.dated_by[0]) == self.dated_by[1]


class Person:
    """All who deal with one placement: what they intend, and what they say when they ask."""

    def __init__(self, rules: Rules, behaviours: Behaviours, draws: Draws) -> None:
        self._rules, self._behaviours, self._draws = rules, behaviours, draws
        self._times: dict[str, int] = {}
        self._decided_on = behaviours.decisions.keys()
        self._dates = frozenset(filter(None, (record.day_in for record in behaviours.records.values())))

    def intents(self, life: Life, news: Sequence[HistoryEntry]) -> Iterator[Intent | None]:
        """What follows from new entries; None where nobody means to do anything."""
        facts = life.facts
        for entry in news:
            if entry.trigger in self._decided_on and entry.seq >= facts.state_seq:
                yield self._decided(str(entry.trigger), facts, entry.occurred_at)
            if entry.changes_state:
                if entry.seq == facts.state_seq and entry.to_state in self._decided_on:
                    yield self._decided(str(entry.to_state), facts, entry.occurred_at)
                for name in self._behaviours.recorded_since.get(str(entry.to_state), ()):
                    yield self._recorded(name, facts, entry.occurred_at, None)
            if not self._dates.isdisjoint(entry.fields):
                yield from self._dated(facts, entry)

    def resumed(self, life: Life, now: datetime, told: Sequence[HistoryEntry]) -> Iterator[Intent | None]:
        """What is still intended of a life that was not simulated so far, given that it has not been done by now."""
        facts, decisions = life.facts, self._behaviours.decisions
        since = {facts.state: facts.state_since}
        since |= {e.trigger: e.occurred_at for e in told if e.trigger and e.seq >= facts.state_seq}
        for occasion, began in since.items():
            if occasion in decisions:
                yield self._decided(occasion, facts, began, now)
        for name, record in self._behaviours.records.items():
            done = facts.counts.get(record.act.trigger, 0)
            entered = facts.entered.get(record.since or "")
            if entered is not None and not any(
                e.trigger == record.act.trigger and e.seq > entered.last_seq for e in told
            ):
                yield self._recorded(name, facts, entered.last_at, None, now)
            day = _day(facts, record.day_in)
            if day is not None and record.day_in and done < self._rank(name):
                setter = (record.day_in, facts.setters[record.day_in])
                yield self._recorded(name, facts, start_of_day(day, facts.territory), setter, now)

    def _rank(self, name: str) -> int:
        """Which one of the records of its trigger a dated record is."""
        records = self._behaviours.records
        same = [each for each, r in records.items() if r.act.trigger == records[name].act.trigger and r.day_in]
        return same.index(name) + 1

    def _nth(self, occasion: str) -> str:
        self._times[occasion] = count = self._times.get(occasion, 0) + 1
        return f"{occasion} {count}"

    def _decided(self, occasion: str, facts: Facts, began: datetime, now: datetime | None = None) -> Intent | None:
        nth, acts = self._nth(occasion), self._behaviours.decisions[occasion]
        if now is None:
            return self._fresh(nth, acts, facts, began)
        passed = [self._passed(act, began, now, facts) for act in acts]
        odds = [act.odds * (1 - act.delay.days.within(days)) for act, days in zip(acts, passed, strict=True)]
        nobody = max(0.0, 1 - sum(act.odds for act in acts))
        left = self._draws.share(nth, "which") * (sum(odds) + nobody)
        for act, chance, days in zip(acts, odds, passed, strict=True):
            left -= chance
            if left < 0:
                return self._meant(act, nth, facts, began, days, state_seq=facts.state_seq)
        return None

    def _fresh(self, nth: str, acts: Sequence[Act], facts: Facts, began: datetime) -> Intent | None:
        """The same where nothing has passed yet, as it nearly always is."""
        left = self._draws.share(nth, "which")
        for act in acts:
            left -= act.odds
            if left < 0:
                return self._meant(act, nth, facts, began, 0.0, state_seq=facts.state_seq)
        return None

    def _dated(self, facts: Facts, entry: HistoryEntry) -> Iterator[Intent | None]:
        for name, record in self._behaviours.records.items():
            day = _day(facts, record.day_in)
            if record.day_in in entry.fields and day is not None and record.day_in:
                began = max(entry.occurred_at, start_of_day(day, facts.territory))
                yield self._recorded(name, facts, began, (record.day_in, entry.seq))

    def _recorded(
        self, name: str, facts: Facts, began: datetime, setter: tuple[str, int] | None, now: datetime | None = None
    ) -> Intent | None:
        act, nth = self._behaviours.records[name].act, self._nth(name)
        passed = 0.0 if now is None else self._passed(act, began, now, facts)
        left = act.odds * (1 - act.delay.days.within(passed))
        if self._draws.share(nth, "whether") * (left + 1 - act.odds) < left:
            return self._meant(act, nth, facts, began, passed, dated_by=setter)
        return None

    def _passed(self, act: Act, began: datetime, now: datetime, facts: Facts) -> float:
        if now <= began:
            return 0.0
        return act.delay.between(began, now, facts.territory, self._rules.calendar)

    def _meant(
        self,
        act: Act,
        nth: str,
        facts: Facts,
        began: datetime,
        passed: float,
        *,
        state_seq: int | None = None,
        dated_by: tuple[str, int] | None = None,
    ) -> Intent | None:
        forgets = self._behaviours.forgets(act.role)
        if forgets and self._draws.share(nth, act.name, "forgets") < forgets:
            return None
        days = remaining(act.delay.days, self._draws.share(nth, act.name, "delay"), passed)
        if days is None:
            return None
        at = act.delay.after(began, days, facts.territory, self._rules.calendar)
        return Intent(at, act, nth, state_seq, dated_by)

    def asks(self, life: Life, intent: Intent, now: datetime, actor: str) -> Fire | None:
        """What they ask for; None where nothing can be said that is needed."""
        act, facts, definition = intent.act, life.facts, self._rules.definition
        day = local_day(now, facts.territory)
        maker = Maker(definition, self._draws, day, facts.territory, life.journal, f"{intent.occasion} {act.name}")
        fields: dict[str, str] = {}
        for name, needed in _wanted(definition, act, facts.state):
            text = maker.text(name, act.rules.get(name))
            if text is None and needed:
                return None
            if text is not None:
                fields[name] = text
        return Fire(
            reference=facts.reference,
            trigger=act.trigger,
            actor=actor,
            roles=(act.role,),
            fields=fields,
            at=now,
            reason=act.reason or self._some_reason(act, facts.state),
        )

    def _some_reason(self, act: Act, state: str) -> str | None:
        definition = self._rules.definition
        if any(each.reason_required for each in definition.transitions_from(state, act.trigger)):
            return next(iter(definition.reasons), "simulation")
        return None


@lru_cache(maxsize=4096)
def _wanted(definition: Definition, act: Act, state: str) -> tuple[tuple[str, bool], ...]:
    """The fields to give, and whether each must be given."""
    standing = definition.transitions_from(state, act.trigger)
    needs = standing[0].needs if standing else ()
    kept = standing[0].kept if standing else frozenset()
    taken = {name for each in standing for name in (*each.needs, *each.takes)}
    given = {name: name in needs for name in act.rules if name in taken}
    return tuple({**{name: True for name in needs if name not in kept}, **given}.items())


def beginning(rules: Rules, behaviours: Behaviours, draws: Draws, on: date) -> dict[str, str]:
    """What a new placement begins with: by the file's rules, and whatever else the definition requires."""
    definition, rule = rules.definition, behaviours.beginnings
    maker = Maker(definition, draws, on, "", None, "beginning")
    fields = definition.fields.items()
    names = [name for name, spec in fields if name in rule or (spec.required and spec.default is None)]
    texts = {name: maker.text(name, rule.get(name)) for name in names}
    return {name: text for name, text in texts.items() if text is not None}


def arrival(behaviours: Behaviours, draws: Draws, start: datetime) -> datetime:
    """When a placement begins."""
    return start + timedelta(seconds=round(behaviours.arrivals.days.quantile(draws.share("arrival")) * 86_400))


def _day(facts: Facts, name: str | None) -> date | None:
    value = facts.fields.get(name or "")
    return date.fromisoformat(value) if isinstance(value, str) else None
