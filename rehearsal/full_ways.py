"""A way on which all that may be recorded is recorded as soon as it may, with every value that it takes.

What is set early shows what later empties it, and keeps clocks running that otherwise nobody would have begun.
"""

from collections.abc import Iterator, Sequence

from rehearsal.exploring import Situation, Step, next_moment, standing
from rehearsal.finding import Finder
from rehearsal.judging import Bench
from rehearsal.replaying import Astray, Player
from rehearsal.stage import Ask, Stage
from workflow.definition import Transition
from workflow.errors import TransitionRefused


def recorded_on(way: Sequence[Situation], player: Player) -> Iterator[Step]:
    """The steps of a way, and after each what may be recorded in the state that it led to, once for each state."""
    stage = way[0].stage.fork()
    done: set[tuple[str, int, str]] = set()
    yield way[0].step
    for situation in way[1:]:
        try:
            yield player.follow(stage, situation.edge, situation.step)
        except Astray:
            return
        yield from _recorded(stage, done)


def _recorded(stage: Stage, done: set[tuple[str, int, str]]) -> Iterator[Step]:
    state = stage.facts().state
    for transition in standing(stage):
        key = (transition.trigger, transition.number, state)
        if transition.to is None and transition.takes and key not in done:
            done.add(key)
            tried = stage.fork()
            tried.wait_until(next_moment(tried))
            ask = _fullest(tried, transition)
            if ask is not None and tried.facts().state == state and _is_granted(tried, ask):
                stage.wait_until(next_moment(stage))
                stage.ask(ask)
                yield Step(stage.now, ask=ask)


def _fullest(stage: Stage, transition: Transition) -> Ask | None:
    """A request that is granted with as many of its fields as can be, dates as far ahead as can be."""
    finder = Finder(Bench(stage))
    found = finder.granted(transition)
    if found is None:
        return None
    ask = found.ask
    for name in transition.takes:
        for value in _farthest_first(finder.values(name)):
            fuller = ask.with_value(name, value)
            if finder.judge(fuller).granted:
                ask = fuller
                break
    return ask


def _farthest_first(values: Sequence[str]) -> list[str]:
    return sorted(values, reverse=True) if values[0][4:5] == "-" else list(values)


def _is_granted(stage: Stage, ask: Ask) -> bool:
    try:
        stage.fork().ask(ask)
    except TransitionRefused:
        return False
    return True
