"""Whether the process that a definition describes makes sense, as far as can be seen without reckoning time.

Every check yields findings with the place in the file that has to be changed. Takes names and types as
resolved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from workflow.definition import (
    SCHEDULER,
    Anchor,
    Deadline,
    Definition,
    EntryAnchor,
    FieldAnchor,
    Label,
    Place,
    Transition,
)
from workflow.errors import Finding
from workflow.language.apart import are_apart
from workflow.language.check_reminders import late_reminders
from workflow.language.positions import Path, Source
from workflow.language.reachability import Reachability, Spot

_STILL = "son horloge est toujours arrêtée", "its clock always stands still"
_NOWHERE = "aucun placement n'est jamais dans un état de son while", "no placement is ever in a state of its while"
_TOO_LATE = (
    "on n'entre dans son point de départ qu'après avoir quitté son while",
    "its anchor is entered only after its while is left",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a fault shows in a life: in a state, after `since` was entered, while no anchor of `lacking` is set.

    `fr` and `en` say what is seen there.
    """

    state: str
    fr: str
    en: str
    since: str | None = None
    lacking: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding, and where it shows in a life, if in any."""

    finding: Finding
    standing: Standing | None = None


def check(definition: Definition, source: Source) -> list[Fault]:
    """Every fault of the process; none for one that makes sense."""
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

    def unreachable_states(self) -> Iterator[Fault]:
        for name in self.definition.states:
            if name not in self.reach.states:
                en = f"state {name!r} is unreachable: no transition leads to it from the initial state"
                fr = f"l'état « {name} » ne peut être atteint : aucune transition n'y mène depuis l'état initial"
                yield self._at(self.source.key("states", name), "unreachable_state", fr, en)

    def states_without_a_way_out(self) -> Iterator[Fault]:
        for name in self.definition.open_states:
            if all(move.to in (None, name) for move in self.reach.moves_from.get(name, ())):
                en = f"no transition leads out of state {name!r}: add one, or mark it final: true"
                fr = f"aucune transition ne quitte l'état « {name} » : ajoutez-en une, ou marquez-le final: true"
                stuck = Standing(name, "rien ne mène plus loin", "nothing leads on from here")
                yield self._at(self.source.key("states", name), "no_way_out", fr, en, stuck)

    def final_states_that_are_left(self) -> Iterator[Fault]:
        for move in self.reach.moves:
            finals = sorted(move.sources - self.definition.open_states)
            if finals and move.to is not None:
                place = self.source.value(*self._path(move), "from")
                en = f"{move.trigger!r} leaves the final state {finals[0]!r}: only facts are recorded there"
                fr = f"« {move.trigger} » quitte l'état final « {finals[0]} » : on n'y enregistre que des faits"
                yield self._at(place, "leaves_final_state", fr, en)

    def states_that_wait_for_nothing(self) -> Iterator[Fault]:
        for name in self.definition.open_states & self.reach.states:
            if self.definition.states[name].open_ended or self._is_passed_at_once(name):
                continue
            if not any(self._surely_runs(spec, name) for spec in self.definition.deadlines.values()):
                en = f"state {name!r} waits without a deadline: add one, or mark it open_ended: true"
                fr = f"l'état « {name} » attend sans échéance : ajoutez-en une, ou marquez-le open_ended: true"
                waits = Standing(name, "on attend, sans échéance sûre", "it waits, with no deadline for sure")
                yield self._at(self.source.key("states", name), "waits_for_nothing", fr, en, waits)

    def ambiguous_triggers(self) -> Iterator[Fault]:
        for moves in self.definition.transitions.values():
            for one, other in combinations(moves, 2):
                shared = sorted(one.sources & other.sources)
                if shared and not are_apart(one, other):
                    yield from self._ambiguous(one, other, shared[0])

    def cycles_of_automatic_transitions(self) -> Iterator[Fault]:
        for move in self.definition.automatic:
            if move.to is not None and self._leads_back(move):
                en = f"{move.trigger!r} is part of a cycle of automatic transitions: it never comes to rest"
                fr = f"« {move.trigger} » fait partie d'un cycle de transitions automatiques, qui ne s'arrête jamais"
                yield self._at(self.source.key("automatic", move.trigger), "automatic_cycle", fr, en)

    def deadlines(self) -> Iterator[Fault]:
        for spec in self.definition.deadlines.values():
            path = ("deadlines", spec.name)
            spots = [spot for spot in self.reach.spots(spec.since) if self._may_run_at(spec, spot)]
            if all(spot.state in spec.stops for spot in spots):
                fr, en = _STILL if spots else _NOWHERE
                yield self._never_fires(self.source.value(*path, "while"), spec, fr, en)
                continue
            yield from self._anchor_of(spec, spots)
            yield from self._then_of(spec, [spot for spot in spots if spot.state not in spec.stops])
            yield from (Fault(each) for each in late_reminders(self.definition, spec, self.source))

    def _at(self, place: Place, code: str, fr: str, en: str, standing: Standing | None = None) -> Fault:
        return Fault(self.source.finding(place, code, fr, en), standing)

    def _never_fires(self, place: Place, spec: Deadline, fr: str, en: str) -> Fault:
        en = f"deadline {spec.name!r} can never fire: {en}"
        return self._at(place, "never_fires", f"l'échéance « {spec.name} » ne peut jamais tomber : {fr}", en)

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

    def _ambiguous(self, one: Transition, other: Transition, state: str) -> Iterator[Fault]:
        place, line = self.source.key(*self._path(other)), self.source.key(*self._path(one)).line
        if not (one.first_that_holds and other.first_that_holds):
            en = (
                f"trigger {one.trigger!r} is ambiguous in state {state!r}: nothing parts this from line "
                f"{line}; mark both first_that_holds: true, or give them a when that parts them"
            )
            fr = (
                f"le déclencheur « {one.trigger} » est ambigu dans l'état « {state} » : rien ne distingue ceci de la "
                f"ligne {line} ; marquez les deux first_that_holds: true, ou donnez-leur un when qui les distingue"
            )
            a, b = self._end(one), self._end(other)
            to_fr, to_en = f"mène à : {a.fr} / {b.fr}", f"leads to: {a.en} / {b.en}"
            here = Standing(state, f"ici {one.trigger} {to_fr}", f"here {one.trigger} {to_en}")
            yield self._at(place, "ambiguous_trigger", fr, en, here)
        elif one.when is None:
            en = f"{one.trigger!r} is never taken here in {state!r}: that of line {line} has no when"
            fr = f"« {one.trigger} » n'est jamais pris ici dans « {state} » : celui de la ligne {line} n'a pas de when"
            yield self._at(place, "never_taken", fr, en)

    def _end(self, move: Transition) -> Label:
        return self.definition.states[move.to].label if move.to else Label("–", "–")

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

    def _anchor_of(self, spec: Deadline, spots: list[Spot]) -> Iterator[Fault]:
        place = self.source.value("deadlines", spec.name, "after")
        if not any(self._may_be_set(anchor, spec) for anchor in spec.anchors):
            yield self._never_fires(place, spec, *_TOO_LATE)
            return
        unset = sorted(spot.state for spot in spots if not self.reach.surely_anchored(spec, spot))
        if unset and not spec.if_unset_waits:
            en = (
                f"the anchor of {spec.name!r} is not set on every path into {unset[0]!r}: "
                "set it before, or say if_unset: waits"
            )
            fr = (
                f"le point de départ de « {spec.name} » n'est pas posé sur tous les chemins vers « {unset[0]} » : "
                "posez-le avant, ou dites if_unset: waits"
            )
            label = spec.label
            lacks_fr, lacks_en = f"{label.fr} : rien d'où compter", f"{label.en}: nothing to count from"
            here = Standing(unset[0], lacks_fr, lacks_en, spec.since, spec.anchors)
            yield self._at(place, "anchor_not_set", fr, en, here)

    def _may_be_set(self, anchor: EntryAnchor | FieldAnchor, spec: Deadline) -> bool:
        if isinstance(anchor, FieldAnchor):
            return True
        reached = anchor.state in self.reach.states
        return reached and not self.reach.after(anchor.state).isdisjoint(spec.span & self.definition.open_states)

    def _then_of(self, spec: Deadline, spots: list[Spot]) -> Iterator[Fault]:
        if spec.then is None:
            return
        place = self.source.value("deadlines", spec.name, "then")
        for spot in sorted(spots):
            moves = self.definition.transitions_from(spot.state, spec.then)
            if not any(self._scheduler_may(move, spec, spot) for move in moves):
                yield self._not_allowed(place, spec, spot.state)
                return
        moves = tuple(m for m in self.definition.transitions[spec.then] if not m.sources.isdisjoint(spec.span))
        for demand in {demand for move in moves for demand in _demands(move)}:
            en = f"trigger {spec.then!r} needs {demand.en}: a deadline has nothing to give"
            fr = f"le déclencheur « {spec.then} » demande {demand.fr} : une échéance n'a rien à donner"
            yield self._at(place, "then_has_needs", fr, en)

    def _not_allowed(self, place: Place, spec: Deadline, state: str) -> Fault:
        en = f"trigger {spec.then!r} is not allowed to the scheduler in {state!r} of its while"
        fr = f"le déclencheur « {spec.then} » n'est pas permis à l'échéancier dans « {state} », un état de son while"
        falls_fr = f"si « {spec.label.fr} » tombe ici, {spec.then} n'est pas permis"
        falls_en = f"if “{spec.label.en}” falls due here, {spec.then} is not allowed"
        return self._at(place, "then_not_allowed", fr, en, Standing(state, falls_fr, falls_en, spec.since))

    def _scheduler_may(self, move: Transition, spec: Deadline, spot: Spot) -> bool:
        if SCHEDULER not in move.by:
            return False
        return move.since in (None, spec.since) or self.reach.surely_entered(str(move.since), spec, spot)


def _demands(move: Transition) -> Iterator[Label]:
    if SCHEDULER in move.by:
        for name in move.needs:
            yield from [] if name in move.kept else [Label(f"le champ « {name} »", f"the field {name!r}")]
        yield from [Label("un motif", "a reason")] if move.reason_required else []
