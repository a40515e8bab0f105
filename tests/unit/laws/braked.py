"""Lives under a brake that holds easily: stops, jumps of the clock, and releases between what people ask."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from tests.unit.laws.laws import THREE, Asked, Lived, _live_awake, _three, attempt, told
from tests.world import World
from workflow.brake import ClockBehind, Limits
from workflow.commands import Fire, Release
from workflow.engine import Engine

TIGHT = Limits(max_gap=timedelta(days=3), max_share=0.2, min_firings=1)
RELEASE = Release(reason="seen to", actor="Ada", roles=("supervisor",))
HABITS = ("asleep", "asleep", "sweeps", "halfway", "restarts", "ahead", "behind", "ahead and asked")


def braked(at: datetime, source: bytes) -> World:
    """A world whose brake holds after three days, and before a fifth of all deadlines fires."""
    return World.starting(at, source, lambda store, clock: Engine(store, clock, limits=TIGHT))


def releases_do_not_change_history(lived: Lived, habits: Sequence[str]) -> int:
    """Law 1, with a brake: gives how often it held. The first world has none, and its daemon never sleeps."""
    awake, sleepy = _three(lived), _three(replace(lived, world=braked))
    asked = _live_awake(awake, lived)
    held = sum(_live(sleepy, request, habits[number % len(habits)]) for number, request in enumerate(asked))
    awake.sleep(days=40)
    awake.engine.sweep()
    held += _come_to(sleepy, awake.now)
    for world in (awake, sleepy):
        assert not (faults := world.faults(swept=True)), faults
    for reference in THREE:
        assert told(sleepy, reference) == told(awake, reference)
        assert sleepy.state(reference) == awake.state(reference)
    return held


def _live(world: World, request: Asked, habit: str) -> int:
    held = 0
    if habit.startswith("ahead"):
        _jump(world, timedelta(days=14 * 365), asking=habit.endswith("asked"))
    if habit == "behind":
        _refused(world)
    if habit == "halfway":
        held += _come_to(world, world.now + (request.now - world.now) / 2)
    if habit in ("sweeps", "restarts"):
        held += _come_to(world, request.now, restart=habit == "restarts")
    world.clock.at = request.now
    refusal = attempt(world, request.command)
    if refusal == {"held"}:
        held += _release(world)
        refusal = attempt(world, request.command)
    assert "held" not in refusal
    assert (not refusal) == request.granted
    return held


def _come_to(world: World, moment: datetime, *, restart: bool = False) -> int:
    """The daemon wakes then; where the brake holds, a person releases it."""
    world.clock.at = moment
    if restart:
        world.restart()
    if world.engine.sweep().held is None:
        return 0
    before = world.history()
    assert world.engine.sweep().entries == 0, "held"
    assert world.history() == before
    _release(world)
    assert world.engine.sweep().held is None
    return 1


def _release(world: World) -> int:
    assert world.engine.release(RELEASE) is not None
    return 1


def _jump(world: World, by: timedelta, *, asking: bool) -> None:
    """The clock is far ahead for a while: the daemon looks, perhaps somebody asks what is due, nothing moves."""
    before = [world.history(reference) for reference in THREE]
    world.clock.at += by
    assert world.engine.sweep().entries == 0
    for reference in THREE if asking else ():
        if world.engine.view(reference).behind:
            asked = Fire(reference=reference, trigger="withdraw", actor="x", roles=("host",), reason="other")
            assert attempt(world, asked) == {"held"}
    world.clock.at -= by
    assert [world.history(reference) for reference in THREE] == before


def _refused(world: World) -> None:
    before = [world.history(reference) for reference in THREE]
    world.clock.at -= timedelta(days=3650)
    with suppress(ClockBehind):
        world.engine.sweep()
        raise AssertionError("a clock far behind was believed")
    world.clock.at += timedelta(days=3650)
    assert [world.history(reference) for reference in THREE] == before
