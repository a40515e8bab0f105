"""A part of what was explored, with every zone kept apart: what can happen there again and again.

To find what can be reached, a zone within another is left out. What can go on for ever is not seen so: the way round
may lead back to a part of the wider zone only, from which there is no other round. Here two zones are one only where
they are equal; each cycle can then be gone round any number of times.
"""

from collections import deque
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from workflow.timing.exploring import MOST_ZONES, Explored, TooMany, Visit
from workflow.timing.nodes import Node, Step
from workflow.timing.steps import Steps
from workflow.timing.zones import Zone

Spot = tuple[Node, Zone]
"""Where a placement stands, with what its clocks show."""
Edges = Mapping[Node, Set[tuple[Step, Node]]]


@dataclass
class Unfolded:
    """The spots in the order in which they were found, each with a way to it, and what comes after each.

    `to_the_day`: whether every zone is a spot of its own, and each cycle therefore one.
    """

    to_the_day: bool

    visits: dict[Spot, Visit] = field(default_factory=dict)
    edges: dict[Spot, list[tuple[Step, Spot]]] = field(default_factory=dict)


def spot_of(visit: Visit) -> Spot:
    """The spot at which a visit is."""
    return visit.node, visit.zone


def unfolded(explored: Explored, edges: Edges, nodes: frozenset[Node], most: int = MOST_ZONES) -> Unfolded:
    """What can happen between some nodes by some of their edges. Raises TooMany."""
    steps, found = Steps(explored.model), Unfolded(to_the_day=True)
    waiting = deque(visit for visit in explored.visits if visit.node in nodes)
    while waiting:
        visit = waiting.popleft()
        here = spot_of(visit)
        if here in found.visits:
            continue
        found.visits[here] = visit
        if len(found.visits) > most:
            raise TooMany
        after = [Visit(to, zone, step, visit) for step, to, zone in steps.after(*here) if (step, to) in edges[here[0]]]
        found.edges[here] = [(each.step, spot_of(each)) for each in after if each.node in nodes]
        waiting.extend(each for each in after if each.node in nodes)
    return found


def folded(explored: Explored, edges: Edges, nodes: frozenset[Node]) -> Unfolded:
    """The same with one zone for each node: it has every cycle, and perhaps some that are none."""
    found, spots = Unfolded(to_the_day=False), dict[Node, Spot]()
    for visit in explored.visits:
        if visit.node in nodes and visit.node not in spots:
            spots[visit.node] = spot_of(visit)
            found.visits[spot_of(visit)] = visit
    for node, here in spots.items():
        found.edges[here] = [(step, spots[to]) for step, to in edges[node] if to in spots]
    return found
