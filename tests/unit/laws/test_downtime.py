"""Law 1: downtime does not change history. Law 4: nothing fires early, nothing twice.

The same lives are lived twice: once with a daemon that wakes at every moment that asks for it, once with one that is
stopped for random stretches and started anew. Three placements share two posts and three candidates, so that what one
gives back by a timeout is there for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.model import Life
from tests.unit.laws.lives import Step, lives, starts, territories, times_as_many, wish
from tests.world import SHIPPED, World
from workflow.commands import Fire
from workflow.errors import TransitionRefused
from workflow.history import HistoryEntry

REFERENCES = ("P", "Q", "R")
TWO_POSTS = SHIPPED.replace(b"limit: 4000", b"limit: 2")


@dataclass(frozen=True)
class Asked:
    """What a person asked, when, and whether it was granted."""

    command: Fire
    now: datetime
    granted: bool


def begin(start: datetime, territory: str) -> World:
    world = World.starting(start, TWO_POSTS)
    for reference in REFERENCES:
        world.place(reference, territory)
    return world


def attempt(world: World, command: Fire) -> bool:
    try:
        world.fire(command)
    except TransitionRefused:
        return False
    return True


def live_awake(world: World, territory: str, steps: Sequence[Step]) -> list[Asked]:
    """Never sleep; the naive model only serves to have ideas of what to ask."""
    ideas = {reference: Life(territory, world.now) for reference in REFERENCES}
    asked = []
    for number, step in enumerate(steps):
        world.wait(hours=step.hours)
        reference = REFERENCES[0 if number < 6 else step.dice[7] % 3]
        wished = wish(ideas[reference], world.now, step.dice)
        granted = attempt(world, wished.command(reference))
        if granted:
            ideas[reference].fire(
                wished.trigger, world.now, wished.fields, at=wished.at, role=wished.role, reason=wished.reason
            )
        asked.append(Asked(wished.command(reference), world.now, granted))
    return asked


def live_again(world: World, asked: Sequence[Asked], habits: Sequence[str]) -> None:
    """The same requests at the same moments; between them the daemon runs, sleeps, or begins anew."""
    for request, habit in zip(asked, habits, strict=True):
        if habit == "awake":
            world.wait_until(request.now)
        if habit == "halfway":
            world.wait_until(world.now + (request.now - world.now) / 2)
        world.clock.at = request.now
        if habit == "restarts":
            world.restart()
            world.engine.sweep()
        assert attempt(world, request.command) == request.granted


def told(world: World, reference: str) -> list[HistoryEntry]:
    """A history without what says when the system was told, and without what is drawn at random."""
    entries = (item.entry for item in world.history(reference))
    same = [replace(e, recorded_at=e.occurred_at, prev="", placement="", commitments={}) for e in entries]
    return [replace(e, actor=e.actor.split(":")[0]) for e in same]


HABITS = st.sampled_from(["asleep", "asleep", "awake", "halfway", "restarts"])


@times_as_many(1.5)
@given(territory=territories, start=starts, steps=lives, data=st.data())
def test_downtime_does_not_change_history(
    territory: str, start: datetime, steps: Sequence[Step], data: st.DataObject
) -> None:
    awake = begin(start, territory)
    asked = live_awake(awake, territory, steps)
    habits = data.draw(st.lists(HABITS, min_size=len(asked), max_size=len(asked)))
    sleepy = begin(start, territory)
    live_again(sleepy, asked, habits)
    for world in (awake, sleepy):
        world.sleep(days=40)
        world.engine.sweep()
    for reference in REFERENCES:
        assert told(sleepy, reference) == told(awake, reference)
        assert sleepy.state(reference) == awake.state(reference)
    assert awake.faults(swept=True) == sleepy.faults(swept=True) == []


@given(territory=territories, start=starts, steps=lives, back=st.integers(1, 400))
def test_nothing_fires_early_or_twice_whatever_the_clock_does(
    territory: str, start: datetime, steps: Sequence[Step], back: int
) -> None:
    world = begin(start, territory)
    live_awake(world, territory, steps)
    world.engine.sweep()
    before = [world.history(reference) for reference in REFERENCES]
    assert world.engine.sweep().entries == 0
    world.clock.at -= timedelta(hours=back)
    world.restart()
    assert world.engine.sweep().entries == 0
    assert [world.history(reference) for reference in REFERENCES] == before
    assert world.faults() == []
