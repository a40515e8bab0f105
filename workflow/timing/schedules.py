"""On which days the steps of a path can happen: one day for each, counted from the first, that all clocks allow."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from workflow.timing.exploring import Visit
from workflow.timing.model import Model
from workflow.timing.nodes import Step
from workflow.timing.steps import Steps
from workflow.timing.zones import INFINITE, Zone

Pick = Callable[[int, int], int]
"""Chooses the days between two steps, from the fewest to the most."""

_LONG = 400
_MOST_BRANCHES = 12


def schedules(model: Model, path: Sequence[Visit], tries: int) -> Iterator[tuple[int, ...]]:
    """Some sequences of days for the visits of a path: as early as possible, as late, and in between."""
    picks: list[Pick] = [lambda fewest, most: fewest, lambda fewest, most: min(most, fewest + _LONG)]
    picks += [_some_way(number + 1) for number in range(tries - len(picks))]
    zones = _zones(model, path)
    seen: set[tuple[int, ...]] = set()
    for number, pick in enumerate(picks if zones else ()):
        days = _days(zones[number % len(zones)], len(model.timers), len(path), pick)
        if days not in seen:
            seen.add(days)
            yield days


def _some_way(parts: int) -> Pick:
    return lambda fewest, most: fewest + (min(most, fewest + _LONG) - fewest) // (parts + 1)


def stretched(path: Sequence[Visit]) -> tuple[Visit, ...]:
    """The same path with at least a day between what people do, so that there is room for the clocks to run."""
    longer: list[Visit] = []
    for visit, following in pairwise(path):
        longer.append(visit)
        if following.step.kind in ("moved", "recorded") and not visit.node.is_urgent:
            # From midnight to midnight is one step; from later in a day there are two, over the next midnight.
            for midnight in (True,) if visit.node.midnight else (True, False):
                node = visit.node._replace(midnight=midnight)
                longer.append(Visit(node, visit.zone, Step("waited", ""), longer[-1]))
    return (*longer, path[-1])


def _zones(model: Model, path: Sequence[Visit]) -> list[Zone]:
    """The clocks at the end of a path, with one more for each of its steps that counts the days since."""
    steps = Steps(model, more=len(path))
    first = path[0]
    zones = [zone for step, node, zone in steps.first() if (step, node) == (first.step, first.node)]
    zones = [_marked(zone, len(model.timers) + 1) for zone in zones]
    for number, (before, visit) in enumerate(pairwise(path), 1):
        found = [
            _marked(zone, len(model.timers) + 1 + number)
            for here in zones
            for step, node, zone in steps.after(before.node, here)
            if (step, node) == (visit.step, visit.node)
        ]
        zones = found[:_MOST_BRANCHES]
    return zones


def _marked(zone: Zone, clock: int) -> Zone:
    found = zone.freed(clock).within(clock, 0, 0)
    if found is None:
        raise ValueError("a clock that was set to nought shows something else")
    return found


def _days(zone: Zone, timers: int, length: int, pick: Pick) -> tuple[int, ...]:
    days = [0]
    for earlier, later in pairwise(range(timers + 1, timers + 1 + length)):
        fewest, most = -zone.bounds[later][earlier], zone.bounds[earlier][later]
        chosen = pick(fewest, most if most < INFINITE // 2 else fewest + _LONG)
        narrowed = zone.less(earlier, later, chosen)
        zone = (narrowed and narrowed.less(later, earlier, -chosen)) or zone
        days.append(days[-1] + chosen)
    return tuple(days)
