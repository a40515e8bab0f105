"""All paths through the map, loops bounded: each is lived on the real engine and held against the laws.

A path enters no situation twice, and no state more than `1 + loops` times. The shortest come first.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rehearsal.coverage import Coverage
from rehearsal.exploring import Map, Situation
from rehearsal.laws import differences, faults
from rehearsal.replaying import Astray, Player
from rehearsal.stage import Stage
from workflow.language.wording import Said

HORIZON = timedelta(days=366 * 12)
"""So long a placement is left alone at the end of a path, or until nothing is due any more."""


@dataclass
class Walk:
    """One path so far: where it stands on the map, its stage, what it has been through."""

    situation: Situation
    stage: Stage
    been: frozenset[int]
    states: Counter[str]
    length: int = 1


@dataclass
class Walked:
    """What walking all paths gave: how many ended, how many could not be gone, what does not hold."""

    paths: int = 0
    astray: int = 0
    cut: bool = False
    faults: list[Said] = field(default_factory=list)


def walk_all(
    found: Map, player: Player, coverage: Coverage, loops: int, most: int, over: Callable[[], bool] = lambda: False
) -> Walked:
    """Live every path, at most so many; `over` is asked whether time is up."""
    first, walked = found.situations[0], Walked()
    start = Walk(first, first.stage.fork(), frozenset({0}), Counter([first.state]))
    queue = deque([start])
    while queue:
        if walked.paths >= most or over():
            walked.cut = True
            break
        walk = queue.popleft()
        further = list(_further(walk, player, coverage, loops, walked))
        queue.extend(further)
        if not further:
            walked.paths += 1
            walked.faults += ended(walk.stage, coverage)
    return walked


def _further(walk: Walk, player: Player, coverage: Coverage, loops: int, walked: Walked) -> Iterator[Walk]:
    for edge, following in walk.situation.leads.items():
        state, moves = following.state, following.state != walk.situation.state
        if following.number in walk.been or (moves and walk.states[state] > loops):
            continue
        stage = walk.stage.fork()
        try:
            player.follow(stage, edge, walk.situation.moves[edge].step)
        except Astray:
            walked.astray += 1
            continue
        if edge[1] >= 0:
            coverage.took(player.transition(edge))
        states = walk.states + Counter([state] if moves else [])
        yield Walk(following, stage, walk.been | {following.number}, states, walk.length + 1)


def ended(stage: Stage, coverage: Coverage) -> list[Said]:
    """Leave a placement alone, awake and asleep: what does not hold then."""
    awake, asleep = stage.fork(), stage.fork()
    rest(awake)
    asleep.sleep_until(awake.now)
    coverage.lived(awake)
    return [*faults(awake, swept=True), *differences(asleep, awake)]


def rest(stage: Stage) -> datetime:
    """Let all fall due that will, as it falls due; gives the moment at which it was over."""
    until = stage.now + HORIZON
    while (wake := stage.engine.next_wake()) is not None and wake <= until and not stage.is_stuck:
        stage.wait_until(wake)
    return stage.now
