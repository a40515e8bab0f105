"""Whether the process that a definition describes makes sense, as far as can be seen without reckoning time.

Every check yields findings with the place in the file that has to be changed. Takes names and types as
resolved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from workflow.definition import SCHEDULER, Deadline, Definition, EntryAnchor, FieldAnchor, Place, Transition
from workflow.errors import Finding
from workflow.language.apart import are_apart
from workflow.language.check_reminders import late_reminders
from workflow.language.positions import Path, Source
from workflow.language.reachability import Reachability, Spot


def check(definition: Definition, source: Source) -> list[Finding]:
    """Every finding about the process; none for one that makes sense."""
    checks = _Checks(definition, source, Reachability(definition))
    return [
        *checks.unreachable_states(),
        *checks.states_without_a_way_out(),
        *checks.final_states_that_are_left(),
        *checks.states_that_wait_for_nothing(),
        *checks.ambiguous_triggers(),
        *checks.cycles_of_automatic_transitions(),
        *checks.deadlines(),
    ]


@dataclass(frozen=True)
class _Checks:
    definition: Definition
    source: Source
    reach: Reachability

    def unreachable_states(self) -> Iterator[Finding]:
        for name in self.definition.states:
            if name not in self.reach.states:
                message = f"state {name!r} is unreachable: no transition leads to it from the initial state"
                yield self._at(self.source.key("states", name), "unreachable_state", message)

    def states_without_a_way_out(self) -> Iterator[Finding]:
        for name in self.definition.open_states:
            if all(move.to in (None, name) for move in self.reach.moves_from.get(name, ())):
                message = f"no transition leads out of state {name!r}: add one, or mark it final: true"
                yield self._at(self.source.key("states", name), "no_way_out", message)

    def final_states_that_are_left(self) -> Iterator[Finding]:
        for move in self.reach.moves:
            finals = sorted(move.sources - self.definition.open_states)
            if finals and move.to is not None:
                place = self.source.value(*self._path(move), "from")
                message = f"{move.trigger!r} leaves the final state {finals[0]!r}: only facts are recorded there"
                yield self._at(place, "leaves_final_state", message)

    def states_that_wait_for_nothing(self) -> Iterator[Finding]:
        for name in self.definition.open_states & self.reach.states:
            if self.definition.states[name].open_ended or self._is_passed_at_once(name):
                continue
            if not any(self._surely_runs(spec, name) for spec in self.definition.deadlines.values()):
                message = f"state {name!r} waits without a deadline: add one, or mark it open_ended: true"
                yield self._at(self.source.key("states", name), "waits_for_nothing", message)

    def ambiguous_triggers(self) -> Iterator[Finding]:
        for moves in self.definition.transitions.values():
            for one, other in combinations(moves, 2):
                shared = sorted(one.sources & other.sources)
                if shared and not are_apart(one, other):
                    yield from self._ambiguous(one, other, shared[0])

    def cycles_of_automatic_transitions(self) -> Iterator[Finding]:
        for move in self.definition.automatic:
            if move.to is not None and self._leads_back(move):
                message = f"{move.trigger!r} is part of a cycle of automatic transitions: it never comes to rest"
                yield self._at(self.source.key("automatic", move.trigger), "automatic_cycle", message)

    def deadlines(self) -> Iterator[Finding]:
        for spec in self.definition.deadlines.values():
            path = ("deadlines", spec.name)
            spots = [spot for spot in self.reach.spots(spec.since) if self._may_run_at(spec, spot)]
            if all(spot.state in spec.stops for spot in spots):
                why = "its clock always stands still" if spots else "no placement is ever in a state of its while"
                message = f"deadline {spec.name!r} can never fire: {why}"
                yield self._at(self.source.value(*path, "while"), "never_fires", message)
                continue
            yield from self._anchor_of(spec, spots)
            yield from self._then_of(spec, [spot for spot in spots if spot.state not in spec.stops])
            yield from late_reminders(self.definition, spec, self.source)

    def _at(self, place: Place, code: str, message: str) -> Finding:
        return self.source.finding(place, code, message)

    def _path(self, move: Transition) -> Path:
        if move.automatic:
            return ("automatic", move.trigger)
        numbered = ("transitions", move.trigger, move.number)
        return numbered if numbered in self.source.values else ("transitions", move.trigger)

    def _is_passed_at_once(self, state: str) -> bool:
        return any(move.when is None for move in self.definition.automatic_from[state])

    def _may_run_at(self, spec: Deadline, spot: Spot) -> bool:
        return spot.begun and spot.state in spec.span & self.definition.open_states

    def _surely_runs(self, spec: Deadline, state: str) -> bool:
        if state not in spec.span - spec.stops:
            return False
        spots = [spot for spot in self.reach.spots(spec.since) if spot.state == state]
        return all(spot.begun and self.reach.surely_anchored(spec, spot) for spot in spots)

    def _ambiguous(self, one: Transition, other: Transition, state: str) -> Iterator[Finding]:
        place, line = self.source.key(*self._path(other)), self.source.key(*self._path(one)).line
        if not (one.first_that_holds and other.first_that_holds):
            message = (
                f"trigger {one.trigger!r} is ambiguous in state {state!r}: nothing parts this from line "
                f"{line}; mark both first_that_holds: true, or give them a when that parts them"
            )
            yield self._at(place, "ambiguous_trigger", message)
        elif one.when is None:
            message = f"{one.trigger!r} is never taken here in {state!r}: that of line {line} has no when"
            yield self._at(place, "never_taken", message)

    def _leads_back(self, move: Transition) -> bool:
        found: set[str] = set()
        waiting = [str(move.to)]
        while waiting:
            here = waiting.pop()
            if here in move.sources:
                return True
            targets = {str(other.to) for other in self.definition.automatic_from.get(here, ())} - found
            found |= targets
            waiting += targets
        return False

    def _anchor_of(self, spec: Deadline, spots: list[Spot]) -> Iterator[Finding]:
        place = self.source.value("deadlines", spec.name, "after")
        if not any(self._may_be_set(anchor, spec) for anchor in spec.anchors):
            message = f"deadline {spec.name!r} can never fire: its anchor is entered only after its while is left"
            yield self._at(place, "never_fires", message)
            return
        unset = sorted(spot.state for spot in spots if not self.reach.surely_anchored(spec, spot))
        if unset and not spec.if_unset_waits:
            message = (
                f"the anchor of {spec.name!r} is not set on every path into {unset[0]!r}: "
                "set it before, or say if_unset: waits"
            )
            yield self._at(place, "anchor_not_set", message)

    def _may_be_set(self, anchor: EntryAnchor | FieldAnchor, spec: Deadline) -> bool:
        if isinstance(anchor, FieldAnchor):
            return True
        reached = anchor.state in self.reach.states
        return reached and not self.reach.after(anchor.state).isdisjoint(spec.span & self.definition.open_states)

    def _then_of(self, spec: Deadline, spots: list[Spot]) -> Iterator[Finding]:
        if spec.then is None:
            return
        place = self.source.value("deadlines", spec.name, "then")
        for spot in sorted(spots):
            moves = self.definition.transitions_from(spot.state, spec.then)
            if not any(self._scheduler_may(move, spec, spot) for move in moves):
                message = f"trigger {spec.then!r} is not allowed to the scheduler in {spot.state!r} of its while"
                yield self._at(place, "then_not_allowed", message)
                return
        moves = tuple(m for m in self.definition.transitions[spec.then] if not m.sources.isdisjoint(spec.span))
        for demand in {demand for move in moves for demand in _demands(move)}:
            yield self._at(
                place,
                "then_has_needs",
                f"trigger {spec.then!r} needs {demand}: a deadline has nothing to give",
            )

    def _scheduler_may(self, move: Transition, spec: Deadline, spot: Spot) -> bool:
        if SCHEDULER not in move.by:
            return False
        return move.since in (None, spec.since) or self.reach.surely_entered(str(move.since), spec, spot)


def _demands(move: Transition) -> Iterator[str]:
    if SCHEDULER in move.by:
        yield from (f"the field {name!r}" for name in move.needs if name not in move.kept)
        yield from ["a reason"] if move.reason_required else []
