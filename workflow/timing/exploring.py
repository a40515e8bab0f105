"""Every node that a placement can come to, with the zones of its clocks: breadth first, so that paths are short.

A zone within one that was seen at the same node adds nothing. Gives up where there are too many.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from workflow.timing.model import Model
from workflow.timing.nodes import Node, Step
from workflow.timing.steps import Steps
from workflow.timing.zones import Zone

MOST_ZONES = 12_000
SOME = 4
"""How many paths to a fault are looked for: the engine may refuse one and go another."""


class TooMany(Exception):
    """The model has more zones than are looked at."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A node with a zone, the step that led there, and the visit before it."""

    node: Node
    zone: Zone
    step: Step
    before: "Visit | None"

    def path(self) -> tuple["Visit", ...]:
        """The visits from the first to this one."""
        visits: list[Visit] = []
        here: Visit | None = self
        while here is not None:
            visits.append(here)
            here = here.before
        return tuple(reversed(visits))


@dataclass
class Explored:
    """What was found: the visits, and the edges between nodes, whatever their zones."""

    model: Model
    visits: list[Visit] = field(default_factory=list)
    edges: dict[Node, set[tuple[Step, Node]]] = field(default_factory=dict)

    def some(self, wanted: Callable[[Visit], bool]) -> tuple[Visit, ...]:
        """The visits with the fewest steps that are wanted, a few of them."""
        return tuple(islice(filter(wanted, self.visits), SOME))


def explore(model: Model, most: int = MOST_ZONES) -> Explored:
    """Everything that can be reached. Raises TooMany."""
    found = Explored(model)
    for visit in _breadth_first(model, found.edges):
        found.visits.append(visit)
        if len(found.visits) > most:
            raise TooMany
    return found


def search(model: Model, wanted: Callable[[Visit], bool], most: int = MOST_ZONES) -> tuple[Visit, ...]:
    """The first visits that are wanted, a few of them; none where there are none at all. Raises TooMany."""
    found: list[Visit] = []
    for number, visit in enumerate(_breadth_first(model, {})):
        if wanted(visit):
            found.append(visit)
        if len(found) == SOME or (found and number > most):
            break
        if number > most:
            raise TooMany
    return tuple(found)


def _breadth_first(model: Model, edges: dict[Node, set[tuple[Step, Node]]]) -> Iterator[Visit]:
    steps = Steps(model)
    seen: dict[Node, list[Zone]] = {}
    waiting = deque(Visit(node, zone, step, None) for step, node, zone in steps.first())
    while waiting:
        visit = waiting.popleft()
        zones = seen.setdefault(visit.node, [])
        if any(zone.includes(visit.zone) for zone in zones):
            continue
        zones[:] = [*(zone for zone in zones if not visit.zone.includes(zone)), visit.zone]
        yield visit
        leaving = edges.setdefault(visit.node, set())
        for step, node, zone in steps.after(visit.node, visit.zone):
            leaving.add((step, node))
            waiting.append(Visit(node, zone, step, visit))
