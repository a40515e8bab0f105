"""Everything that the engine itself can be brought to do under a small definition, by trying it: no model, no zones.

Moments are the midnights and noons of a territory whose clocks never change. What only differs in its dates counts as
one, so that often all is tried; a bound is kept otherwise, and told.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from workflow import deadlines
from workflow.calendar import deadline, load_calendar, local_day
from workflow.commands import Fire, Place
from workflow.deciding import decide_fire
from workflow.definition import SCHEDULER, Definition, EntryAnchor, FieldAnchor, Invariant, Label, Transition
from workflow.due_dates import anchored
from workflow.facts import Facts
from workflow.journal import Desk, Journal
from workflow.ledger import is_stopped
from workflow.placing import decide_place, waiting_fields
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.settling import Undecidable, settle_next
from workflow.situation import Past
from workflow.timing.components import components

TERRITORY = "974"
_MIDNIGHT = datetime(2021, 1, 4, 20, tzinfo=UTC)
_TICK = timedelta(hours=12)
_LONG_AGO = timedelta(days=12)
_RESTLESS = 40

Pending = tuple[datetime | None, ...]


@dataclass(frozen=True)
class Point:
    """A placement at a moment, and since when each limit counts."""

    facts: Facts
    at: datetime
    pending: Pending


@dataclass
class Seen:
    """What was seen to happen."""

    pairs: set[tuple[str, str]] = field(default_factory=set)
    fell_due: set[str] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    rounds: list[frozenset[str]] = field(default_factory=list)
    restless: bool = False
    whole: bool = True
    points: int = 0


class Undecided(Exception):
    """The engine gives up: a placement never comes to rest."""


class EveryRun:
    """All runs under one definition."""

    def __init__(self, definition: Definition, most: int) -> None:
        self.definition, self.most = definition, most
        self.rules = Rules(definition, load_calendar(definition.calendar))
        self.limits = tuple(_limits(definition))
        self.seen = Seen()
        self.edges: dict[object, set[tuple[tuple[frozenset[str], frozenset[str]], object]]] = {}
        self.open_at: dict[object, frozenset[str]] = {}
        self.state_at: dict[object, str] = {}

    def explored(self) -> Seen:
        """Try everything."""
        waiting = deque(self._beginnings())
        known = {self._key(point) for point in waiting}
        while waiting:
            here = waiting.popleft()
            self.seen.points += 1
            if self.seen.points > self.most:
                self.seen.whole = False
                break
            key = self._key(here)
            for point, passed, renewed in self._after(here):
                there = self._key(point)
                self.edges.setdefault(key, set()).add(((passed, renewed), there))
                if there not in known:
                    known.add(there)
                    waiting.append(point)
        self._find_rounds()
        return self.seen

    def _beginnings(self) -> Iterator[Point]:
        for at in (_MIDNIGHT, _MIDNIGHT + _TICK):
            for dates in self._dates_at_first(at):
                journal = Journal(self._desk(at), "P", self.rules, None, Past(tuple, dict))
                fields = {"territory": TERRITORY, **dates}
                decide_place(journal, Place(reference="P", fields=fields, actor="", at=at), "c", "0" * 32)
                try:
                    yield self._settled(journal, at, (None,) * len(self.limits))[0]
                except Undecided:
                    self.seen.restless = True

    def _dates_at_first(self, at: datetime) -> Iterator[dict[str, str]]:
        """The date that may come with a placement: none, one that is over, and some to come."""
        yield {}
        if self._matters and "signed_on" not in waiting_fields(self.definition):
            yield from _dates(at)

    @cached_property
    def _matters(self) -> bool:
        """Whether a clock counts from the date that people give, or a guard asks for it."""
        anchors = [anchor for spec in self.definition.deadlines.values() for anchor in spec.anchors]
        guards = [guard for moves in self.definition.transitions.values() for move in moves for guard in move.guards]
        return FieldAnchor("signed_on") in anchors or any("signed_on" in str(guard.require) for guard in guards)

    def _desk(self, at: datetime) -> Desk:
        return Desk("0" * 32, bytes(32), at, lambda digest: self.rules, lambda: bytes(16))

    def _after(self, point: Point) -> Iterator[tuple[Point, frozenset[str], frozenset[str]]]:
        for journal in (*self._asked(point), None):
            at = point.at
            if journal is None:
                self._judge(point)
                at += _TICK
                journal = self._journal(point, at)
            try:
                yield self._settled(journal, at, point.pending, before=point.facts)
            except Undecided:
                self.seen.restless = True

    def _journal(self, point: Point, at: datetime) -> Journal:
        return Journal(self._desk(at), "P", self.rules, point.facts, Past(tuple, dict))

    def _asked(self, point: Point) -> Iterator[Journal]:
        if point.facts.state not in self.definition.open_states:
            return
        for trigger, moves in self.definition.transitions.items():
            if not moves[0].by - {SCHEDULER}:
                continue
            for fields in self._given(moves[0], point.at):
                journal = self._journal(point, point.at)
                try:
                    decide_fire(journal, Fire(reference="P", trigger=trigger, actor="", fields=fields, at=point.at,
                                              roles=("clerk",)), "c")  # fmt: skip
                except Refused:
                    continue
                yield journal

    def _given(self, move: Transition, at: datetime) -> Iterator[dict[str, str]]:
        """What may come with a request: the day of the fact where it is needed, any where it may be given."""
        yield dict.fromkeys(move.needs, local_day(at, TERRITORY).isoformat())
        if move.takes and self._matters:
            yield from _dates(at)

    def _settled(
        self, journal: Journal, until: datetime, pending: Pending, *, before: Facts | None = None
    ) -> tuple[Point, frozenset[str], frozenset[str]]:
        here, times = None, 0
        pending = self._noted(journal, 0, pending)
        while (event := journal.next_event) is not None and event.moment <= until:
            times = times + 1 if event.moment == here else 1
            here = event.moment
            if times > _RESTLESS:
                raise Undecided
            self._note_due(journal, event.moment)
            known = len(journal.entries)
            try:
                settle_next(journal)
            except Undecidable:
                raise Undecided from None
            pending = self._noted(journal, known, pending)
        passed = frozenset(str(item.entry.to_state) for item in journal.entries if item.entry.changes_state)
        return Point(journal.facts, until, pending), passed, self._renewed(before, journal)

    def _renewed(self, before: Facts | None, journal: Journal) -> frozenset[str]:
        """The deadlines that have another anchor now, or had one in between."""
        if before is None:
            return frozenset()
        entered = {item.entry.to_state for item in journal.entries if item.entry.changes_state}
        after, names = journal.facts, set()
        for name, spec in self.definition.deadlines.items():
            then, now = anchored(before, spec), anchored(after, spec)
            again = {a.state for a in spec.anchors if isinstance(a, EntryAnchor) and not a.first} & entered
            if (then and then.seq) != (now and now.seq) or (again and len(spec.anchors) == 1):
                names.add(name)
        return frozenset(names)

    def _note_due(self, journal: Journal, moment: datetime) -> None:
        together = [e for e in deadlines.events(self.rules, journal.facts) if e.moment == moment and not e.is_reminder]
        specs = self.definition.deadlines
        self.seen.fell_due |= {event.deadline for event in together}
        firing = sorted((specs[e.deadline] for e in together if specs[e.deadline].then), key=lambda each: each.order)
        for number, one in enumerate(firing):
            for other in firing[number + 1 :]:
                if self._target(one.then) != self._target(other.then):
                    self.seen.pairs.add((one.name, other.name))

    def _target(self, trigger: str | None) -> str | None:
        return self.definition.transitions[str(trigger)][0].to

    def _noted(self, journal: Journal, known: int, pending: Pending) -> Pending:
        for item in journal.entries[known:]:
            entry = item.entry
            if not entry.changes_state and entry.kind != "placed":
                continue
            self._note_never(journal.facts, str(entry.to_state), entry.seq)
            pending = tuple(
                self._next(limit, since, str(entry.to_state), entry.occurred_at, number)
                for number, (limit, since) in enumerate(zip(self.limits, pending, strict=True))
            )
        return pending

    def _next(self, limit: Invariant, since: datetime | None, state: str, at: datetime, number: int) -> datetime | None:
        done = datetime.max.replace(tzinfo=UTC)
        if since is not None and since != done and at > self._due(limit, since):
            self.seen.broken.add(limit.number)
        if since is not None and since != done and state in limit.states:
            since = done if limit.first else None
        if state == limit.start:
            restarts = limit.kind == "at_most" and not limit.first
            since = at if since is None or restarts else since
        return since

    def _due(self, limit: Invariant, since: datetime) -> datetime:
        assert limit.within is not None
        return deadline(since, TERRITORY, limit.within, calendar=self.rules.calendar).instant

    def _judge(self, point: Point) -> None:
        """Before time goes on: which limits are over."""
        for limit, since in zip(self.limits, point.pending, strict=True):
            if since is not None and since.year < 9999 and self._due(limit, since) <= point.at:
                self.seen.broken.add(limit.number)

    def _key(self, point: Point) -> object:
        facts = point.facts
        clocks = tuple(self._clock(facts, point.at, name) for name in self.definition.deadlines)
        entered = frozenset(facts.entered)
        ages = tuple(_age(entry.last_at, point.at) for _, entry in sorted(facts.entered.items()))
        counts = frozenset((name, min(count, 1)) for name, count in facts.counts.items())
        limits = tuple(None if s is None else "done" if s.year == 9999 else _age(s, point.at) for s in point.pending)
        half = (point.at - _MIDNIGHT) // _TICK % 2
        key = (facts.state, half, clocks, entered, ages, counts, frozenset(facts.fields), limits)
        firing = {name for name, spec in self.definition.deadlines.items() if spec.then is not None}
        self.open_at[key] = frozenset(n for n, o in facts.occurrences.items() if o.closed is None and n in firing)
        self.state_at[key] = facts.state
        return key

    def _note_never(self, facts: Facts, state: str, seq: int) -> None:
        for invariant in self.definition.invariants:
            if invariant.kind == "never" and state in invariant.states:
                asked = facts.entered.get(str(invariant.without_state or invariant.after))
                known = asked is not None and asked.first_seq <= seq
                if known == (invariant.after is not None):
                    self.seen.broken.add(invariant.number)

    def _clock(self, facts: Facts, at: datetime, name: str) -> object:
        spec = self.definition.deadlines[name]
        anchor, occurrence = anchored(facts, spec), facts.occurrences.get(name)
        since = None if anchor is None else _age(anchor.at, at)
        if occurrence is None:
            return since, None
        same = anchor is not None and occurrence.anchor_seq == anchor.seq
        # While it stands still, what was left when it stopped is what will be left.
        here = occurrence.ledger[-1].at if is_stopped(occurrence.ledger) else at
        return since, same, occurrence.closed, None if occurrence.closed else occurrence.due_at - here

    def _find_rounds(self) -> None:
        """Where a placement goes round for ever, and no deadline that fires stays open with its anchor."""
        resting = {name for name, state in self.definition.states.items() if state.open_ended}
        edges = {
            key: [
                ((passed, renewed), to)
                for (passed, renewed), to in leaving
                if not resting & {*passed, self.state_at[to]}
            ]
            for key, leaving in self.edges.items()
            if self.state_at[key] not in resting
        }
        for nodes in components(edges):
            inner = [said for key in nodes for said, to in edges[key] if to in nodes]
            kept = frozenset.intersection(*(self.open_at[key] for key in nodes)) - {n for _, r in inner for n in r}
            entered = frozenset(self.state_at[key] for key in nodes).union(*(passed for passed, _ in inner))
            if not kept and len(entered) > 1:
                self.seen.rounds.append(entered)


def _dates(at: datetime) -> Iterator[dict[str, str]]:
    today = local_day(at, TERRITORY)
    yield from ({"signed_on": (today + timedelta(days=days)).isoformat()} for days in (-9, -1, 0, 1, 2))


def _age(then: datetime, at: datetime) -> timedelta:
    return min(at - then, _LONG_AGO)


def _limits(definition: Definition) -> Iterator[Invariant]:
    for invariant in definition.invariants:
        if invariant.kind != "never":
            yield invariant
    if definition.longest is not None:
        finals = frozenset(definition.states) - definition.open_states
        label = Label("", "")
        yield Invariant(-1, "at_most", label, finals, start=definition.initial, first=True, within=definition.longest)
