"""The engine and the naive model live the same lives: every answer, every state, every deadline, every entry."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given

from tests.model import Life
from tests.unit.laws.lives import Step, lives, starts, territories, times_as_many, wish
from tests.world import World
from workflow.errors import TransitionRefused


def shown(world: World) -> dict[str, tuple[object, ...]]:
    """The deadlines of a placement as the model tells them."""
    views = world.engine.view("P").deadlines
    return {v.name: (v.last_day, v.due_at, v.status) for v in views if v.status != "not_started"}


def live(world: World, life: Life, step: Step) -> None:
    """One step, in the engine and in the model."""
    world.sleep(hours=step.hours)
    if step.does == "restart":
        world.restart()
    if step.does == "sweep":
        world.engine.sweep()
        life.settle(world.now)
    if step.does == "ask":
        asked = wish(life, world.now, step.dice)
        agreed = life.fire(asked.trigger, world.now, asked.fields, at=asked.at, role=asked.role, reason=asked.reason)
        try:
            world.fire(asked.command("P"))
        except TransitionRefused as refused:
            assert not agreed, f"the engine refuses {asked}: {refused}"
        else:
            assert agreed, f"the model refuses {asked} in {life.state}"
    assert world.story() == life.story()
    assert world.state() == life.state
    assert shown(world) == life.open()


@times_as_many(4)
@given(territory=territories, start=starts, steps=lives)
def test_the_engine_and_the_naive_model_live_the_same_lives(
    territory: str, start: datetime, steps: Sequence[Step]
) -> None:
    world = World.starting(start)
    world.place(territory=territory)
    life = Life(territory, start)
    for step in steps:
        live(world, life, step)
    world.sleep(hours=1)
    world.engine.sweep()
    life.settle(world.now)
    assert world.story() == life.story()
    assert world.faults(swept=True) == []
