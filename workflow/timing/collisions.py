"""What falls at one instant: deadlines with different outcomes, an order that is none, a cycle that takes no time."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from workflow.definition import SCHEDULER, Deadline, Definition
from workflow.errors import Finding, Happening
from workflow.language.positions import Source
from workflow.timing.components import components
from workflow.timing.exploring import SOME, Explored, Visit
from workflow.timing.lives import Life
from workflow.timing.model import Timer
from workflow.timing.narrating import at
from workflow.timing.nodes import NOW, Node, Step
from workflow.timing.suspicions import Suspicion

_AT_ONCE = frozenset({"timeout", "missed", "automatic", "rested"})


def wrong_orders(definition: Definition, source: Source) -> Iterator[Finding]:
    """A `before` that the order in the file, or that of notices, contradicts."""
    for spec in definition.deadlines.values():
        for index, name in enumerate(spec.precedes):
            other = definition.deadlines.get(name)
            reason = None if other is None else _contradiction(spec, other)
            if reason is not None:
                place = source.value("deadlines", spec.name, "before", index)
                fr, en = reason
                yield source.finding(
                    place,
                    "wrong_before",
                    f"« {spec.name} » ne peut pas passer avant « {name} » au même instant : {fr}",
                    f"{spec.name!r} cannot go before {name!r} at one instant: {en}",
                )


def _contradiction(spec: Deadline, other: Deadline) -> tuple[str, str] | None:
    if other.name == spec.name:
        return "c'est la même échéance", "it is the same deadline"
    # What only gives notice goes before what fires, whatever the file says: nothing follows from it.
    if (spec.then is None) == (other.then is None) and other.order < spec.order:
        en = f"{other.name!r} stands before it in the file, and that order counts"
        return f"« {other.name} » est listée avant elle, et cet ordre compte", en
    return None


def collisions(explored: Explored, source: Source) -> Iterator[Suspicion]:
    """Two deadlines that can fall at one instant with different outcomes, where the first does not say `before`."""
    found: dict[tuple[str, str], list[Visit]] = {}
    for visit in explored.visits:
        for one, other in _together(explored.model.timers, visit.node):
            if _differ(explored.model.definition, one, other, visit.node.state):
                found.setdefault((one.name, other.name), []).append(visit)
    for pair, visits in found.items():
        yield _collision(explored, source, visits[:SOME], pair)


def _together(timers: Sequence[Timer], node: Node) -> Iterator[tuple[Timer, Timer]]:
    if node.status.count(NOW) > 1 and not node.fresh:
        due = [t for t in timers if node.status[t.number] == NOW and t.then is not None and not t.limit]
        yield from combinations(sorted(due, key=lambda timer: timer.rank), 2)


def _differ(definition: Definition, one: Timer, other: Timer, state: str) -> bool:
    if other.name in definition.deadlines[one.name].precedes:
        return False
    ends = [_ends(definition, str(timer.then), state) for timer in (one, other)]
    return ends[0] != ends[1] or len(ends[0]) != 1


def _ends(definition: Definition, trigger: str, state: str) -> frozenset[str | None]:
    return frozenset(m.to for m in definition.transitions_from(state, trigger) if SCHEDULER in m.by)


def _collision(explored: Explored, source: Source, visits: Sequence[Visit], pair: tuple[str, str]) -> Suspicion:
    first, second = pair
    spec = explored.model.definition.deadlines[first]
    place = source.key("deadlines", first)
    if spec.precedes:
        place = source.key("deadlines", first, "before")

    def shows(life: Life) -> Sequence[Happening] | None:
        met = next((moment for moment, names in life.together if {first, second} <= names), None)
        if met is None:
            return None
        return [at(met, f"au même instant : {first} et {second}", f"at the same instant: {first} and {second}")]

    return Suspicion(
        place,
        "same_instant",
        f"les échéances « {first} » et « {second} » peuvent tomber au même instant, avec des suites différentes : "
        f"dites before: [{second}] dans « {first} », ou écartez-les",
        f"deadlines {first!r} and {second!r} can fall at the same instant with different outcomes: "
        f"say before: [{second}] in {first!r}, or part them",
        explored.model,
        tuple(visit.path() for visit in visits),
        shows,
    )


def cycles_at_once(explored: Explored, source: Source) -> Iterator[Suspicion]:
    """Deadlines that can all fall at one instant in a cycle, so that a placement never comes to rest."""
    urgent = {
        node: [(step, other) for step, other in leaving if step.kind in _AT_ONCE]
        for node, leaving in explored.edges.items()
        if node.is_urgent
    }
    for nodes in components(urgent):
        fired = sorted({step.name for node in nodes for step, to in urgent[node] if _fires(step) and to in nodes})
        visits = explored.some(nodes_in(nodes))
        if fired and visits:
            yield _cycle_at_once(explored, source, visits, fired)


def nodes_in(nodes: frozenset[Node]) -> Callable[[Visit], bool]:
    """Whether a visit is at one of some nodes."""
    return lambda visit: visit.node in nodes


def _fires(step: Step) -> bool:
    return step.kind == "timeout"


def _cycle_at_once(explored: Explored, source: Source, visits: Sequence[Visit], names: list[str]) -> Suspicion:
    listed = ", ".join(names)

    def shows(life: Life) -> Sequence[Happening] | None:
        return () if life.restless else None

    return Suspicion(
        source.value("deadlines", names[0], "then"),
        "instant_cycle",
        f"ces échéances peuvent toutes tomber au même instant, en boucle : {listed}",
        f"these deadlines can all fall at one instant, in a cycle: {listed}",
        explored.model,
        tuple(visit.path() for visit in visits),
        shows,
    )
