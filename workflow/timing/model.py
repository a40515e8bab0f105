"""A definition as a timed automaton: what is watched in it, and where a placement can stand.

Each clock counts the days to one due day and shows 0 on it: that of a deadline, or of a limit that an invariant
sets. Knows nothing of how placements move (steps.py).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from workflow.calendar import Calendar, Length
from workflow.definition import (
    SCHEDULER,
    Anchor,
    Deadline,
    Definition,
    EntryAnchor,
    FieldAnchor,
    FieldLength,
    Guard,
    Invariant,
    Transition,
    Until,
)
from workflow.language.reachability import Fact, has_value
from workflow.timing.lengths import Rule, Span, is_endless, rules_of, span_of, spread_of
from workflow.timing.nodes import fact_of

_HAS = re.compile(r"(!? *)has\( *([a-z][a-z0-9_]*) *\)")


@dataclass(frozen=True)
class Timer:
    """One clock: of a deadline, or of a limit (`limit`) that begins with an entry and ends with others (`span`)."""

    name: str
    number: int
    anchors: tuple[Anchor, ...]
    span: frozenset[str]
    rules: tuple[Rule, ...]
    days: Span
    order: int = -1
    stops: frozenset[str] = frozenset()
    since: str | None = None
    until: Until | None = None
    then: str | None = None
    length_field: str | None = None
    may_lack_length: bool = False
    limit: bool = False
    restarts: bool = False

    @cached_property
    def anchor_facts(self) -> tuple[Fact, ...]:
        """What has to have happened for each anchor to be set."""
        return tuple(fact_of(anchor) for anchor in self.anchors)

    @cached_property
    def is_exact(self) -> bool:
        """Whether it falls due within a day, not when one begins."""
        return any(rule.is_exact for rule in self.rules)

    @property
    def rank(self) -> tuple[bool, int]:
        """Its place among what falls due at one instant."""
        return (self.then is not None, self.order)


@dataclass(frozen=True)
class Model:
    """The watched clocks of a definition, and which facts they and the transitions depend on.

    Deadlines with a `then` that are not watched may fire at any moment. The fields of `unset` are never set.
    """

    definition: Definition
    calendar: Calendar
    timers: tuple[Timer, ...]
    unset: frozenset[str] = frozenset()
    asked: frozenset[Fact] = frozenset()

    @cached_property
    def moves_from(self) -> Mapping[str, tuple[Transition, ...]]:
        """State -> the transitions that people may ask for in it."""
        forms = [t for each in self.definition.transitions.values() for t in each if t.by - {SCHEDULER}]
        return {name: tuple(t for t in forms if name in t.sources) for name in self.definition.open_states}

    @cached_property
    def unwatched(self) -> tuple[Deadline, ...]:
        """The deadlines with a `then` that may fire at any moment."""
        watched = {timer.name for timer in self.timers if not timer.limit}
        return tuple(s for s in self.definition.deadlines.values() if s.then is not None and s.name not in watched)

    @cached_property
    def tracked(self) -> frozenset[Fact]:
        """The facts that are kept of a placement."""
        return frozenset({*self.asked, *self._of_timers(), *self._of_transitions()})

    def _of_timers(self) -> Iterator[Fact]:
        for timer in self.timers:
            yield from (fact_of(anchor) for anchor in timer.anchors)
            yield from [Fact("entered", timer.since)] if timer.since else []
            if timer.until is not None and timer.until.field is not None:
                yield Fact("set", timer.until.field)
            elif timer.until is not None and timer.until.times == 1:
                yield Fact("fired", str(timer.until.trigger))

    def _of_transitions(self) -> Iterator[Fact]:
        under_triggers = [t for each in self.definition.transitions.values() for t in each]
        for move in (*under_triggers, *self.definition.automatic):
            yield from [Fact("entered", move.since)] if move.since else []
            yield from [Fact("fired", move.trigger)] if move.once and move.to is not None else []
            yield from (Fact("set", name) for _, name in _plain_conditions(move) if move.to is not None)

    @cached_property
    def tracked_fields(self) -> frozenset[str]:
        """The fields of which is kept whether they are set."""
        return frozenset(fact.name for fact in self.tracked if fact.kind == "set")

    def anchor_of(self, timer: Timer, facts: frozenset[Fact]) -> int | None:
        """The number of the anchor that counts; None where none is set."""
        for number, fact in enumerate(timer.anchor_facts):
            if fact in facts:
                return number
        return None

    def spread(self, one: Timer, other: Timer) -> Span | None:
        """How many days later than `other` a clock is due that was set by the same event; None where unknown."""
        spreads = [spread_of(a, b, self.calendar) for a in one.rules for b in other.rules]
        known = [spread for spread in spreads if spread is not None and spread.highest is not None]
        if len(known) < len(spreads) or one.days.highest is None or other.days.highest is None:
            return None
        return Span(min(each.lowest for each in known), max(each.highest or 0 for each in known))

    def never_meet(self, one: Timer, other: Timer) -> bool:
        """Whether two clocks cannot both become due at one instant: hours from one entry, differently many."""
        exact = one.is_exact and other.is_exact and len(one.anchors) == 1 and one.anchors == other.anchors
        lengths = {rule.length.exact for rule in one.rules} & {rule.length.exact for rule in other.rules}
        return exact and isinstance(one.anchors[0], EntryAnchor) and not lengths


def timer_of(definition: Definition, calendar: Calendar, spec: Deadline, number: int) -> Timer:
    """The clock of a deadline."""
    field = spec.length.field if isinstance(spec.length, FieldLength) else None
    rules = tuple(dict.fromkeys(rules_of(definition, spec)))
    return Timer(
        name=spec.name,
        number=number,
        anchors=spec.anchors,
        span=spec.span & definition.open_states,
        rules=rules,
        days=_joined([span_of(rule, calendar) for rule in rules], endless=is_endless(definition, spec)),
        order=spec.order,
        stops=spec.stops,
        since=spec.since,
        until=spec.until,
        then=spec.then,
        length_field=field,
        may_lack_length=field is not None and not _is_always_set(definition, field),
    )


def _is_always_set(definition: Definition, field: str) -> bool:
    spec = definition.fields[field]
    return (spec.required or has_value(spec.default)) and not spec.unset_by


def limit_of(calendar: Calendar, invariant: Invariant, number: int) -> Timer:
    """The clock of an invariant's limit: it begins with an entry and ends with one of others."""
    rule = Rule(invariant.within or Length(0, "days"))
    return Timer(
        name=f"invariants {invariant.number}",
        number=number,
        anchors=(EntryAnchor(str(invariant.start), invariant.first),),
        span=invariant.states,
        rules=(rule,),
        days=span_of(rule, calendar),
        limit=True,
        restarts=invariant.kind == "at_most" and not invariant.first,
    )


def _joined(spans: Iterable[Span], *, endless: bool) -> Span:
    found = list(spans)
    highest = [span.highest for span in found if span.highest is not None]
    open_ended = endless or len(highest) < len(found)
    return Span(min(span.lowest for span in found), None if open_ended else max(highest))


def can_be_taken(move: Transition, facts: frozenset[Fact], tracked: frozenset[Fact]) -> bool:
    """Whether nothing that is known stands against a transition: `since`, `once`, a plain `has(field)`."""
    if move.since is not None and Fact("entered", move.since) not in facts:
        return False
    if move.once and Fact("fired", move.trigger) in facts:
        return False
    given = {*move.needs, *move.takes}
    for negated, field in _plain_conditions(move):
        fact = Fact("set", field)
        if fact in tracked and field not in given and (fact in facts) == negated:
            return False
    return True


def _plain_conditions(move: Transition) -> Iterator[tuple[bool, str]]:
    expressions = [guard.require for guard in move.guards]
    if move.when is not None and not move.when.predicates:
        expressions.append(move.when.expression)
    for expression in expressions:
        found = _HAS.fullmatch((expression or "").strip())
        if found:
            yield bool(found[1].strip()), found[2]


def surely_grants(guard: Guard) -> bool:
    """Whether a guard never refuses the scheduler: one of its alternatives says so."""
    text = guard.require or ""
    plain = not any(sign in text.split("||")[0] for sign in ("(", "&&", "?", "!"))
    return "||" in text and plain and " ".join(text.split("||")[0].split()) == "role == 'scheduler'"


def is_dated(move: Transition, anchor: Anchor) -> bool:
    """Whether a transition gives a field anchor the day on which it happens."""
    return isinstance(anchor, FieldAnchor) and move.dated_by == anchor.field


def is_free(definition: Definition, field: str) -> bool:
    """Whether people may set a date field to any day, not only to that of the fact."""
    moves = [move for each in definition.transitions.values() for move in each]
    setting = [move for move in moves if field in (*move.needs, *move.takes)]
    return not setting or any(move.dated_by != field for move in setting)
