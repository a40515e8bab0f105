"""Cycles that nothing ends: no deadline with a `then` stays open all round with its anchor kept.

Several cycles that share states count as one, since a placement may take them in turn: a deadline must stay open in
all of them. A state that is `open_ended` may be come back to for ever.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from workflow.errors import Happening
from workflow.language.positions import Source
from workflow.timing.components import components
from workflow.timing.exploring import SOME, Explored, TooMany, Visit
from workflow.timing.lives import Life
from workflow.timing.model import Timer
from workflow.timing.narrating import at
from workflow.timing.nodes import NOW, OPEN, STILL, Node, Step
from workflow.timing.suspicions import Suspicion
from workflow.timing.unfolding import Edges, Spot, Unfolded, folded, spot_of, unfolded

_MOVES = frozenset({"moved", "timeout", "automatic", "placed"})
Goal = Callable[[Step, Node], bool]


def endless_rounds(explored: Explored, source: Source) -> Iterator[Suspicion]:
    """A suspicion for each set of states between which a placement can go round for ever."""
    definition = explored.model.definition
    reported: list[frozenset[str]] = []
    for each in sorted(_rounds(explored), key=lambda one: (-len(one.states), sorted(one.states))):
        if not any(each.states <= known for known in reported):
            suspicion = each.suspicion(source, [name for name in definition.states if name in each.states])
            if suspicion is not None:
                reported.append(each.states)
                yield suspicion


def _rounds(explored: Explored) -> Iterator["_Round"]:
    """The cycles that nothing ends; whatever the zones at first, since only what is left is worth unfolding."""
    edges = _between_bounded(explored)
    for nodes in components(edges):
        whole = folded(explored, edges, nodes)
        if _Round(explored, whole, frozenset(whole.visits)).is_endless:
            part = _to_the_day(explored, edges, nodes) or whole
            rounds = (_Round(explored, part, spots) for spots in components(part.edges))
            yield from (each for each in rounds if each.is_endless)


def _to_the_day(explored: Explored, edges: Edges, nodes: frozenset[Node]) -> Unfolded | None:
    try:
        return unfolded(explored, edges, nodes)
    except TooMany:
        return None


def _between_bounded(explored: Explored) -> Edges:
    """The edges between the states that are not open-ended; what is only recorded moves no clock of a cycle."""
    states = explored.model.definition.states
    return {
        node: {(step, to) for step, to in leaving if step.kind != "recorded" and not states[to.state].open_ended}
        for node, leaving in explored.edges.items()
        if not states[node.state].open_ended
    }


@dataclass(frozen=True)
class _Round:
    explored: Explored
    part: Unfolded
    spots: frozenset[Spot]

    @cached_property
    def states(self) -> frozenset[str]:
        return frozenset(node.state for node, _ in self.spots)

    @property
    def is_endless(self) -> bool:
        """Whether a state is entered on the way round, and no deadline that fires stays open, its anchor kept."""
        return len(self.states) > 1 and not any(self._bounds(timer) for timer in self._firing)

    @property
    def _firing(self) -> Iterator[Timer]:
        return (timer for timer in self.explored.model.timers if timer.then is not None)

    def _stands(self, timer: Timer) -> set[str]:
        return {node.status[timer.number] for node, _ in self.spots}

    def _bounds(self, timer: Timer) -> bool:
        stands = self._stands(timer)
        # One that stands still in some of the states goes on in the others.
        is_open = stands <= {OPEN, NOW, STILL} and stands != {STILL}
        return is_open and not any(timer.number in step.renewed for step in self._inner())

    def _inner(self) -> Iterator[Step]:
        for spot in self.spots:
            yield from (step for step, to in self.part.edges[spot] if to in self.spots)

    def suspicion(self, source: Source, names: list[str]) -> Suspicion | None:
        at_rest = (way for spot, way in self.part.visits.items() if spot in self.spots and not spot[0].is_urgent)
        visits = islice(at_rest, SOME)
        walks = tuple(walk for visit in visits if (walk := self._walk(visit)) is not None)
        if not walks:
            return None
        listed = ", ".join(names)

        def shows(life: Life) -> Sequence[Happening] | None:
            return self._shown(life, listed) if self.part.to_the_day else None

        return Suspicion(
            source.key("states", names[0]),
            "endless_cycle",
            f"un placement peut tourner sans fin entre ces états, sans qu'une échéance avec then reste ouverte : "
            f"{listed} ; donnez-en une, ou marquez un des états open_ended: true",
            f"a placement can go round between these states for ever, and no deadline with a then stays open: {listed};"
            " give it one, or mark one of the states open_ended: true",
            self.explored.model,
            walks,
            shows,
        )

    def _shown(self, life: Life, listed: str) -> Sequence[Happening] | None:
        """Whether the life came back to a state, and no clock that fires was open all the way with its anchor."""
        *before, last_stop = life.stops
        deadlines = life.rules.definition.deadlines
        firing = {(name, seq) for name, seq in last_stop.clocks.items() if deadlines[name].then is not None}
        passed = {last_stop.state}
        for stop in reversed(before):
            firing &= set(stop.clocks.items())
            passed.add(stop.state)
            held = any(not passed <= deadlines[name].stops for name, _ in firing)
            if stop.state == last_stop.state and stop.moves < last_stop.moves and not held:
                return [self._and_so_on(life, listed)]
        return None

    def _and_so_on(self, life: Life, listed: str) -> Happening:
        """One round was lived. That guards grant the next one as well is not known."""
        guarded = any(step.move is not None and (step.move.guards or step.move.when) for step in self._inner())
        fr = ", tant que les conditions le permettent" if guarded else ""
        en = ", as long as the guards grant it" if guarded else ""
        return at(life.entries[-1].occurred_at, f"et ainsi de suite{fr} : {listed}", f"and so on{en}: {listed}")

    def _walk(self, start: Visit) -> tuple[Visit, ...] | None:
        """On from a visit, to what ends or renews each clock that does not stand still, and back to where it began."""
        here = start
        running = [timer for timer in self._firing if self._stands(timer) != {STILL}]
        goals = [goal for timer in running if (goal := self._goal(timer, start.node)) is not None]
        for goal in [*goals, lambda step, to: step.kind in _MOVES, lambda step, to: to.state == start.node.state]:
            found = self._on(here, goal)
            if found is None:
                return None
            here = found
        return here.path()

    def _goal(self, timer: Timer, begun: Node) -> Goal | None:
        if begun.status[timer.number] not in (OPEN, NOW, STILL):
            return None

        def ends(step: Step, to: Node) -> bool:
            return to.status[timer.number] not in (OPEN, NOW, STILL) or timer.number in step.renewed

        return ends

    def _on(self, start: Visit, goal: Goal) -> Visit | None:
        waiting, seen = deque([start]), {spot_of(start)}
        while waiting:
            here = waiting.popleft()
            for step, to in sorted(self.part.edges[spot_of(here)], key=lambda each: (each[0].kind, each[0].name)):
                if to not in self.spots:
                    continue
                following = Visit(*to, step, here)
                if goal(step, following.node):
                    return following
                if to not in seen:
                    seen.add(to)
                    waiting.append(following)
        return None
