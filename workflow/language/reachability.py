"""Which states a life can reach, and what surely holds there: fields that are set, states that were entered.

Looks at the graph of a definition without time: every transition may be taken, whatever its guards, but for
what a plain `has(field)` guarantees. Knows nothing of findings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from workflow.definition import Anchor, Deadline, Default, Definition, EntryAnchor, Transition

_HAS = re.compile(r"has\( *([a-z][a-z0-9_]*) *\)")


class Fact(NamedTuple):
    """Something that holds of a placement: a field is `set`, or a state was `entered`."""

    kind: str
    name: str


class Spot(NamedTuple):
    """A state, and whether the state that a `since` names was entered before."""

    state: str
    begun: bool


Facts = frozenset[Fact]


@dataclass(frozen=True)
class Reachability:
    """The states that can be reached from the initial one, and what holds in them on every path."""

    definition: Definition

    @cached_property
    def moves(self) -> tuple[Transition, ...]:
        """All transitions, those under triggers and the automatic ones."""
        under_triggers = (t for forms in self.definition.transitions.values() for t in forms)
        return (*under_triggers, *self.definition.automatic)

    @cached_property
    def moves_from(self) -> Mapping[str, tuple[Transition, ...]]:
        """State -> the transitions that stand in it."""
        found: dict[str, list[Transition]] = {}
        for move in self.moves:
            for state in move.sources:
                found.setdefault(state, []).append(move)
        return {state: tuple(moves) for state, moves in found.items()}

    @cached_property
    def states(self) -> frozenset[str]:
        """The states that a path leads to, the initial one included."""
        return frozenset(spot.state for spot in self._facts(None))

    def after(self, state: str) -> frozenset[str]:
        """The states that a path leads to from a state, itself included."""
        found, waiting = {state}, [state]
        while waiting:
            here = waiting.pop()
            targets = {move.to for move in self.moves_from.get(here, ()) if move.to is not None} - found
            found |= targets
            waiting += targets
        return frozenset(found)

    def spots(self, since: str | None) -> Mapping[Spot, Facts]:
        """The reachable spots for a `since` (all begun where there is none), and what surely holds there."""
        return self._facts(since)

    def surely_anchored(self, spec: Deadline, spot: Spot) -> bool:
        """Whether an anchor of a deadline is set on every path to a spot."""
        facts = self._facts(spec.since)[spot]
        return any(_anchor_fact(anchor) in facts for anchor in spec.anchors)

    def surely_entered(self, state: str, spec: Deadline, spot: Spot) -> bool:
        """Whether a state was entered on every path to a spot of a deadline."""
        return Fact("entered", state) in self._facts(spec.since)[spot]

    @cached_property
    def _known(self) -> dict[str | None, Mapping[Spot, Facts]]:
        return {}

    def _facts(self, since: str | None) -> Mapping[Spot, Facts]:
        if since not in self._known:
            self._known[since] = self._solved(since)
        return self._known[since]

    def _solved(self, since: str | None) -> Mapping[Spot, Facts]:
        start = Spot(self.definition.initial, since in (None, self.definition.initial))
        found: dict[Spot, Facts] = {start: self._at_first}
        waiting = [start]
        while waiting:
            spot = waiting.pop()
            for move in self.moves_from.get(spot.state, ()):
                if not _may_begin(move, spot, since):
                    continue
                target, facts = self._effect(move, spot, found[spot], since)
                holds = facts & found[target] if target in found else facts
                if holds != found.get(target):
                    found[target] = holds
                    waiting.append(target)
        return found

    @property
    def _at_first(self) -> Facts:
        fields = self.definition.fields.items()
        given = {Fact("set", name) for name, spec in fields if spec.required or has_value(spec.default)}
        return frozenset(given | {Fact("entered", self.definition.initial)})

    def _effect(self, move: Transition, spot: Spot, facts: Facts, since: str | None) -> tuple[Spot, Facts]:
        emptied = {Fact("set", name) for name in self._emptied_by(move)}
        promised = frozenset(Fact("set", name) for name in _asked(move))
        given = {Fact("set", name) for name in move.needs if name not in move.kept}
        facts = ((facts | promised) - emptied) | given
        if move.to is None:
            return spot, facts
        begun = spot.begun or move.to == since
        return Spot(move.to, begun), facts | {Fact("entered", move.to)}

    def _emptied_by(self, move: Transition) -> Iterator[str]:
        causes: Iterable[str | None] = (None if move.automatic else move.trigger, move.to)
        for cause in causes:
            yield from self.definition.unset_on.get(cause or "", ())


def _may_begin(move: Transition, spot: Spot, since: str | None) -> bool:
    return move.since is None or move.since != since or spot.begun


def _asked(move: Transition) -> Iterator[str]:
    """The fields that are surely set where a move is taken: kept ones, and those of a plain `has(field)`."""
    yield from move.kept
    expressions = [guard.require for guard in move.guards]
    if move.when is not None:
        expressions.append(move.when.expression)
    for expression in expressions:
        found = _HAS.fullmatch((expression or "").strip())
        if found:
            yield found[1]


def has_value(default: Default | None) -> bool:
    """Whether a default always gives a value."""
    if default is None:
        return False
    always = any(not case.when for case in default.cases)
    return always and all(case.value is not None for case in default.cases)


def _anchor_fact(anchor: Anchor) -> Fact:
    if isinstance(anchor, EntryAnchor):
        return Fact("entered", anchor.state)
    return Fact("set", anchor.field)
