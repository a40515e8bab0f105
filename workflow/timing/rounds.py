"""Cycles that nothing ends: no deadline with a `then` stays open all round with its anchor kept.

Several cycles that share states count as one, since a placement may take them in turn: a deadline must stay open in
all of them. A state that is `open_ended` may be come back to for ever.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow.errors import Happening
from workflow.language.positions import Source
from workflow.timing.components import components
from workflow.timing.exploring import Explored, Visit
from workflow.timing.lives import Life
from workflow.timing.model import Timer
from workflow.timing.narrating import at
from workflow.timing.nodes import NOW, OPEN, STILL, Node, Step
from workflow.timing.suspicions import Suspicion

_MOVES = frozenset({"moved", "timeout", "automatic", "placed"})
Edges = Mapping[Node, Sequence[tuple[Step, Node]]]
Goal = Callable[[Step, Node], bool]


def endless_rounds(explored: Explored, source: Source) -> Iterator[Suspicion]:
    """A suspicion for each set of states between which a placement can go round for ever."""
    definition = explored.model.definition
    edges = _between_bounded(explored)
    reported: list[frozenset[str]] = []
    found = [_Round(explored, edges, nodes) for nodes in components(edges)]
    for each in sorted(found, key=lambda one: (-len(one.states), sorted(one.states))):
        if each.moves and not any(each.states <= known for known in reported) and not each.is_bounded:
            suspicion = each.suspicion(source, [name for name in definition.states if name in each.states])
            if suspicion is not None:
                reported.append(each.states)
                yield suspicion


def _between_bounded(explored: Explored) -> Edges:
    """The edges between the states that are not open-ended; what is only recorded moves no clock of a cycle."""
    states = explored.model.definition.states
    return {
        node: [(step, to) for step, to in leaving if step.kind != "recorded" and not states[to.state].open_ended]
        for node, leaving in explored.edges.items()
        if not states[node.state].open_ended
    }


@dataclass(frozen=True)
class _Round:
    explored: Explored
    edges: Edges
    nodes: frozenset[Node]

    @property
    def states(self) -> frozenset[str]:
        return frozenset(node.state for node in self.nodes)

    @property
    def moves(self) -> bool:
        """Whether a state is entered on the way round."""
        return len(self.states) > 1

    @property
    def is_bounded(self) -> bool:
        """Whether a deadline that fires stays open all round, its anchor kept."""
        return any(self._bounds(timer) for timer in self.explored.model.timers if timer.then is not None)

    def _bounds(self, timer: Timer) -> bool:
        stands = {node.status[timer.number] for node in self.nodes}
        # One that stands still in some of the states goes on in the others.
        is_open = stands <= {OPEN, NOW, STILL} and stands != {STILL}
        return is_open and not any(timer.number in step.renewed for _, step, _ in self._inner())

    def _inner(self) -> Iterator[tuple[Node, Step, Node]]:
        for node in self.nodes:
            yield from ((node, step, to) for step, to in self.edges[node] if to in self.nodes)

    def suspicion(self, source: Source, names: list[str]) -> Suspicion | None:
        visits = self.explored.some(lambda each: each.node in self.nodes and not each.node.is_urgent)
        walks = tuple(walk for visit in visits if (walk := self._walk(visit)) is not None)
        if not walks:
            return None
        listed = ", ".join(names)

        def shows(life: Life) -> Sequence[Happening] | None:
            return self._shown(life, listed)

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
        for stop in reversed(before):
            firing &= set(stop.clocks.items())
            if stop.state == last_stop.state and stop.moves < last_stop.moves and not firing:
                last = life.entries[-1].occurred_at
                return [at(last, f"et ainsi de suite : {listed}", f"and so on: {listed}")]
        return None

    def _walk(self, start: Visit) -> tuple[Visit, ...] | None:
        """On from a visit, to what ends or renews each clock, and back to where it began."""
        here = start
        goals = [goal for timer in self.explored.model.timers if (goal := self._goal(timer, start.node)) is not None]
        for goal in [*goals, lambda step, to: step.kind in _MOVES, lambda step, to: to.state == start.node.state]:
            found = self._on(here, goal)
            if found is None:
                return None
            here = found
        return here.path()

    def _goal(self, timer: Timer, begun: Node) -> Goal | None:
        if timer.then is None or begun.status[timer.number] not in (OPEN, NOW, STILL):
            return None

        def ends(step: Step, to: Node) -> bool:
            return to.status[timer.number] not in (OPEN, NOW, STILL) or timer.number in step.renewed

        return ends

    def _on(self, start: Visit, goal: Goal) -> Visit | None:
        waiting, seen = deque([start]), {start.node}
        while waiting:
            here = waiting.popleft()
            for step, to in sorted(self.edges[here.node], key=lambda each: (each[0].kind, each[0].name)):
                if to not in self.nodes:
                    continue
                following = Visit(to, here.zone, step, here)
                if goal(step, to):
                    return following
                if to not in seen:
                    seen.add(to)
                    waiting.append(following)
        return None
