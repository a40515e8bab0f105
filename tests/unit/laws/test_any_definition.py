"""The laws hold for the example definitions too: random lives, drawn from nothing but the definition itself."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given

from tests.shipped import EXAMPLES
from tests.unit.laws import any_life
from tests.unit.laws.any_life import Step, beginning, carry_out, command, definition_of, lives
from tests.unit.laws.lives import times_as_many
from tests.unit.laws.test_corrections import told

OF_EXAMPLES = pytest.mark.parametrize("path", EXAMPLES.values(), ids=EXAMPLES)


@OF_EXAMPLES
@times_as_many(0.25)
@given(steps=lives)
def test_the_fold_of_history_is_the_row_after_every_step(path: Path, steps: list[Step]) -> None:
    world, definition = beginning(path), definition_of(path)
    for step in steps:
        world.sleep(hours=step.hours)
        world.engine.sweep()
        asked = command(world, definition, step)
        if asked is not None:
            carry_out(world, asked)
        assert not (faults := world.faults()), (asked, faults)
    world.sleep(days=3000)
    world.engine.sweep()
    assert not (faults := world.faults(swept=True)), faults


@OF_EXAMPLES
@times_as_many(0.25)
@given(steps=lives)
def test_downtime_does_not_change_history(path: Path, steps: list[Step]) -> None:
    awake, asleep, definition = beginning(path), beginning(path), definition_of(path)
    for step in steps:
        awake.wait(hours=step.hours)
        asleep.sleep(hours=step.hours)
        asked = command(awake, definition, step)
        if asked is not None:
            assert carry_out(awake, asked) == carry_out(asleep, asked), asked
    awake.wait(days=3000)
    asleep.sleep(days=3000)
    asleep.engine.sweep()
    assert told(awake) == told(asleep)
    assert awake.state() == asleep.state()


@OF_EXAMPLES
def test_random_lives_get_into_every_state(path: Path) -> None:
    """Else the laws would be tried where nothing happens."""
    seen: set[str] = set()
    definition = definition_of(path)
    for seed in range(150):
        chance, world = Random(seed), beginning(path)
        for _ in range(9):
            world.sleep(hours=chance.choice(any_life.HOURS))
            asked = command(world, definition, Step("fire", 0, chance.randrange(60), chance.randrange(12)))
            if asked is not None:
                carry_out(world, asked)
            seen.add(world.state())
        world.sleep(days=1500)
        world.engine.sweep()
        seen.add(world.state())
    assert seen == set(definition.states)
