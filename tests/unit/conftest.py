"""What the engine's examples begin with: one application on the morning of the 4th of January 2021."""

import pytest

from tests.world import World, instant

# Whoever breaks a law wants to see what differs.
pytest.register_assert_rewrite("tests.unit.laws.laws")


@pytest.fixture
def world() -> World:
    """An application in Paris, made on Monday the 4th of January 2021 at ten in the morning there."""
    world = World.starting(instant("2021-01-04T09:00"))
    world.place()
    return world
