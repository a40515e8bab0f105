"""One rehearsal of a definition: its map, all its paths, its deadlines' edges, its guards both ways, its shares."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rehearsal.coverage import Coverage, Goal, called
from rehearsal.days import beginning
from rehearsal.edges import Edges, try_edges
from rehearsal.exploring import Map, begun, explore
from rehearsal.judging import coded, reasons
from rehearsal.paths import Walked, ended, walk_all
from rehearsal.refusing import refuse_guards, try_shares
from rehearsal.replaying import Player
from rehearsal.stage import at_hour, published
from rehearsal.values import usual
from workflow.changes import Published
from workflow.definition import Definition
from workflow.errors import DefinitionError, TransitionRefused
from workflow.language.positions import START, Source
from workflow.language.wording import Said


@dataclass(frozen=True)
class Limits:
    """How far a rehearsal goes: the loops of a path, how many paths, how many seconds."""

    loops: int = 0
    paths: int = 2000
    seconds: float = 60.0


@dataclass
class Rehearsal:
    """What a rehearsal saw."""

    coverage: Coverage
    found: Map
    walked: Walked
    edges: Edges
    faults: list[Said] = field(default_factory=list)


@dataclass
class Budget:
    """So many seconds of computing, from now on: a machine that is busy with other things tries no less."""

    seconds: float
    since: float = field(default_factory=time.process_time)

    def is_over(self) -> bool:
        """Whether they have passed."""
        return time.process_time() - self.since > self.seconds


def prepared(source: bytes, file: str) -> tuple[Published, Definition]:
    """A definition that can be rehearsed. Raises DefinitionError."""
    kept = published(source, file)
    definition = Definition.from_compiled(kept.compiled, kept.source)
    return kept, definition


def mapped(kept: Published, definition: Definition, coverage: Coverage) -> tuple[Map, Player]:
    """The map of a definition, and who plays on it. Raises DefinitionError where no placement can be made."""
    fields = usual(definition)
    try:
        first = begun(kept, fields, at_hour(beginning(definition), fields["territory"]))
    except TransitionRefused as refused:
        why = reasons(refused)
        fr, en = f"aucun placement n'a pu être créé : {why.fr}", f"no placement could be made: {why.en}"
        raise DefinitionError([Source(definition.name).finding(START, "no_placement", fr, en)]) from refused
    found = explore(first, coverage.judged, coverage.lived)
    return found, Player(kept, first.stage.rules, coverage.judged)


def rehearse(source: bytes, file: str, limits: Limits = Limits()) -> Rehearsal:
    """Rehearse a definition. Raises DefinitionError with all findings."""
    kept, definition = prepared(source, file)
    coverage, budget = Coverage(definition), Budget(limits.seconds)
    found, player = mapped(kept, definition, coverage)
    faults = _situations(found, player, coverage)
    refuse_guards(found, player, coverage)
    faults += try_shares(found, player, coverage)
    walked = walk_all(found, player, coverage, limits.loops, limits.paths, budget.is_over)
    edges = try_edges(found, player, coverage, budget.is_over)
    rehearsal = Rehearsal(coverage, found, walked, edges, faults)
    coverage.why = {goal: _why(goal, rehearsal) for goal in coverage.missing}
    return rehearsal


def _situations(found: Map, player: Player, coverage: Coverage) -> list[Said]:
    """Leave the placement alone in every situation; take note of every move that was made."""
    faults: list[Said] = []
    for situation in found.situations:
        faults += ended(situation.stage, coverage)
        for edge in situation.done:
            if edge[1] >= 0:
                coverage.took(player.transition(edge))
    return faults


def all_faults(rehearsal: Rehearsal) -> Sequence[Said]:
    """Every law that did not hold, each told once."""
    return list(dict.fromkeys((*rehearsal.faults, *rehearsal.edges.faults, *rehearsal.walked.faults)))


def _why(goal: Goal, rehearsal: Rehearsal) -> Said:
    """Why something was not seen, as far as the search can tell."""
    if goal.section == "states":
        return Said("aucune demande qui y mène n'a été trouvée", "no request was found that leads there")
    if goal.section == "guards":
        return _unseen_guard(goal)
    if goal.section == "deadlines":
        about = [each.why for each in rehearsal.edges.unreached if each.deadline == goal.name and not each.where.en]
        no_life = Said("aucune vie où elle en arrive là n'a été trouvée", "no life was found in which it comes so far")
        return about[0] if about else no_life
    if goal.section == "transitions":
        return _refusals(goal, rehearsal)
    return Said("aucun placement qui en prenne n'a été trouvé", "no placement was found that takes it")


def _unseen_guard(goal: Goal) -> Said:
    if goal.outcome == "held":
        return Said("aucune demande qui la remplit n'a été trouvée", "no request was found for which it holds")
    return Said("aucune demande qu'elle refuse n'a été trouvée", "no request was found that it refuses")


def _refusals(goal: Goal, rehearsal: Rehearsal) -> Said:
    definition = rehearsal.coverage.definition
    for (trigger, number, state), blockers in rehearsal.found.refused.items():
        if called(definition.transitions[trigger][number]) == goal.name:
            other = Said("une autre transition est choisie", "another transition is chosen")
            why = coded(blockers) if blockers else other
            return Said(f"dans {state} : {why.fr}", f"in {state}: {why.en}")
    return Said("rien ne mène à un état où elle est permise", "nothing leads to a state in which it stands")
