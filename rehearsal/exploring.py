"""The map of a definition: every situation that its placements can be in, and the moves between them.

A situation is a state together with what may happen next; two placements of which the same can be expected are in one.
Each was reached by the real engine, over the shortest way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rehearsal.finding import Finder, Found, Witness, unseen
from rehearsal.judging import Bench
from rehearsal.stage import HOUR, Ask, Stage, at_hour
from workflow.changes import Published
from workflow.definition import SCHEDULER, Transition
from workflow.errors import Blocker, TransitionRefused

MAX_SITUATIONS = 300
_IDLE = 400
"""How many wakes may pass without a move before a clock is taken to move nothing any more."""

Edge = tuple[str, int, str]
"""A move on the map: trigger or deadline, number among the trigger's transitions (-1: time), the state after."""


@dataclass(frozen=True)
class Step:
    """How a placement came further: placed with fields, asked for something, or left alone until a moment."""

    at: datetime
    ask: Ask | None = None
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Move:
    """A step that leads on from a situation, and where to. `waits`: for how many moments of others it had to wait."""

    edge: Edge
    step: Step
    found: Found | None = None


@dataclass
class Situation:
    """One situation: how it was reached, the stage as it was then, and what leads on from there."""

    number: int
    parent: "Situation | None"
    step: Step
    stage: Stage
    edge: Edge | None = None
    moves: dict[Edge, Move] = field(default_factory=dict)
    leads: dict[Edge, "Situation"] = field(default_factory=dict)
    done: set[Edge] = field(default_factory=set)

    @property
    def state(self) -> str:
        """The state that the placement is in."""
        return self.stage.facts().state

    @property
    def way(self) -> list["Situation"]:
        """The situations from the first to this one."""
        return [*(self.parent.way if self.parent else ()), self]

    @property
    def depth(self) -> int:
        """How many steps lead here."""
        return len(self.way)


@dataclass
class Map:
    """All situations that were found, the first one first, and what refused the moves that never were granted."""

    situations: list[Situation]
    refused: dict[tuple[str, int, str], Sequence[Blocker]] = field(default_factory=dict)
    cut: bool = False


def next_moment(stage: Stage, days: int = 1) -> datetime:
    """The hour at which people act again, so many local days later."""
    return at_hour(stage.today() + timedelta(days=days), stage.facts().territory, HOUR)


def begun(definition: Published, fields: Mapping[str, str], at: datetime) -> Situation:
    """The first situation: a placement just made. Raises TransitionRefused."""
    stage = Stage.opened(definition, at)
    stage.place(fields)
    return Situation(0, None, Step(at, fields=dict(fields)), stage)


def explore(
    first: Situation,
    witness: Witness = unseen,
    lived: Callable[[Stage], None] = lambda stage: None,
    most: int = MAX_SITUATIONS,
) -> Map:
    """Every situation that can be reached from the first one, breadth first; at most so many.

    `lived` is told of the stage after each move.
    """
    found = Map([first])
    known = {_signature(first, found, witness): first}
    for situation in found.situations:
        for edge, move in situation.moves.items():
            after = taken(situation, move)
            if after is None:
                continue
            situation.done.add(edge)
            lived(after.stage)
            signature = _signature(after, found, witness)
            if signature not in known and len(found.situations) < most:
                after.number = len(found.situations)
                known[signature] = after
                found.situations.append(after)
            found.cut |= signature not in known
            if signature in known:
                situation.leads[edge] = known[signature]
    return found


def taken(situation: Situation, move: Move) -> Situation | None:
    """The situation after a move; None where a claim of it is refused."""
    stage = situation.stage.fork()
    try:
        play(stage, move.step)
    except TransitionRefused:
        return None
    return Situation(-1, situation, move.step, stage, move.edge)


def play(stage: Stage, step: Step) -> None:
    """Take one step on a stage. Raises TransitionRefused."""
    stage.wait_until(step.at)
    if step.fields is not None:
        stage.place(step.fields)
    elif step.ask is not None:
        stage.ask(step.ask)


def _signature(situation: Situation, found: Map, witness: Witness) -> tuple[object, ...]:
    """What tells situations apart: the state, what may happen next, which clocks run."""
    situation.moves = {move.edge: move for move in _moves(situation, found, witness)}
    facts = situation.stage.facts()
    running = frozenset(name for name, run in facts.occurrences.items() if run.closed is None)
    return facts.state, frozenset(situation.moves), running


def _moves(situation: Situation, found: Map, witness: Witness) -> Iterator[Move]:
    yield from _asked(situation, found, witness)
    yield from _fired(situation)


def _asked(situation: Situation, found: Map, witness: Witness) -> Iterator[Move]:
    """What people may ask: the day after, or on and after the last days of what runs."""
    left = dict.fromkeys(standing(situation.stage))
    for at in _moments(situation.stage):
        stage = situation.stage.fork()
        stage.wait_until(at)
        if stage.facts().state != situation.state:
            return
        finder = Finder(Bench(stage), witness)
        for transition in list(left):
            granted = finder.granted(transition)
            if granted is not None:
                del left[transition]
                yield Move(_edge(stage, granted), Step(at, ask=granted.ask), granted)
            elif finder.closest is not None:
                key = (transition.trigger, transition.number, situation.state)
                found.refused.setdefault(key, finder.closest.verdict.blockers)


def standing(stage: Stage) -> list[Transition]:
    """The transitions that people may ask for in the placement's state."""
    definition, state = stage.rules.definition, stage.facts().state
    every = [each for group in definition.transitions.values() for each in group]
    return [each for each in every if state in each.sources and each.by - {SCHEDULER}]


def _moments(stage: Stage) -> list[datetime]:
    facts, days = stage.facts(), {1}
    for occurrence in facts.occurrences.values():
        if occurrence.closed is None:
            ahead = (occurrence.last_day - stage.today()).days
            days |= {ahead, ahead + 1}
    return [next_moment(stage, day) for day in sorted(days) if 1 <= day <= 1500]


def _edge(stage: Stage, granted: Found) -> Edge:
    transition = granted.verdict.transition
    number = transition.number if transition else -1
    try:
        after = stage.preview(granted.ask).facts.state
    except TransitionRefused:
        after = ""
    return granted.ask.trigger, number, after


def _fired(situation: Situation) -> Iterator[Move]:
    """What time alone leads to: the first timeout that moves the placement."""
    stage, state = situation.stage.fork(), situation.state
    for _ in range(_IDLE):
        wake = stage.engine.next_wake()
        if wake is None:
            return
        stage.wait_until(wake)
        last = stage.history()[-1].entry
        if stage.facts().state != state:
            moved = next(item.entry for item in reversed(stage.history()) if item.entry.deadline)
            yield Move((str(moved.deadline), -1, stage.facts().state), Step(wake))
            return
        if last.kind == "erasure" and stage.engine.next_wake() is None:
            return
