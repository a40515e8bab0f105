"""Laws 2, 3, 6 and 7 on random lives: settle before acting, state is the fold, one change for one key, time runs on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model import Life
from tests.unit.laws.lives import Step, lives, starts, territories, wish
from tests.world import World
from workflow.commands import Fire
from workflow.errors import ParcoursError, StalePlacement, TransitionRefused


def kept(world: World) -> tuple[object, ...]:
    """All that a store keeps of a placement."""
    with world.store.reading() as reading:
        facts = world.engine.view("P").facts
        personal = dict(reading.personal(facts.id))
        return facts, world.history(), personal, reading.next_wake(), world.store.change_token()


def attempt(world: World, command: Fire) -> TransitionRefused | None:
    try:
        world.fire(command)
    except TransitionRefused as refused:
        return refused
    return None


def living(territory: str, start: datetime, steps: Sequence[Step]) -> tuple[World, Life]:
    """A world in which some steps were lived, the last stretch of time being left unsettled."""
    world, life = World.starting(start), Life(territory, start)
    world.place(territory=territory)
    for number, step in enumerate(steps):
        world.sleep(hours=step.hours)
        wished = wish(life, world.now, step.dice)
        if attempt(world, wished.command("P", key=f"key {number}")) is None:
            life.fire(wished.trigger, world.now, wished.fields, at=wished.at, role=wished.role, reason=wished.reason)
        assert world.faults() == []
    return world, life


@given(territory=territories, start=starts, steps=lives)
def test_state_is_the_fold_of_history_after_every_step(territory: str, start: datetime, steps: Sequence[Step]) -> None:
    world, _ = living(territory, start, steps)
    world.engine.sweep()
    assert world.faults(swept=True) == []


@given(territory=territories, start=starts, steps=lives, days=st.integers(0, 200), last=st.integers(0, 11))
def test_everything_due_is_settled_before_anything_is_decided(
    territory: str, start: datetime, steps: Sequence[Step], days: int, last: int
) -> None:
    world, life = living(territory, start, steps[:-1])
    world.sleep(days=days)
    due = world.engine.view("P")
    assert due.behind == bool(due.pending) == (due.wakes_at is not None and due.wakes_at <= world.now)
    swept = World.starting(start)
    before = len(world.history())
    refused = attempt(world, Fire(reference="P", trigger="withdraw", actor="x", at=start - timedelta(days=1)))
    assert refused is not None
    settled = world.history()[before:]
    assert all(item.entry.actor == "scheduler" for item in settled)
    assert not world.engine.view("P").behind
    assert world.engine.sweep().entries == 0
    life.settle(world.now)
    assert world.story() == life.story()
    assert bool(settled) == bool(due.pending), last
    assert swept.engine.next_wake() is None


@given(territory=territories, start=starts, steps=lives, days=st.integers(0, 200))
def test_questions_write_nothing(territory: str, start: datetime, steps: Sequence[Step], days: int) -> None:
    world, life = living(territory, start, steps[:-1])
    world.sleep(days=days)
    before = kept(world)
    wished = wish(life, world.now, steps[-1].dice).command("P")
    said = previewed(world, wished)
    world.engine.can("P", roles=["host"])
    world.engine.can("P", at=world.now + timedelta(days=30))
    world.engine.view("P")
    assert kept(world) == before
    assert done(world, wished) == said


def previewed(world: World, command: Fire) -> list[tuple[object, ...]] | set[str]:
    try:
        outcome = world.engine.preview(command)
    except TransitionRefused as refused:
        return {blocker.code for blocker in refused.blockers}
    return [(i.entry.kind, i.entry.trigger, i.entry.occurred_at, i.entry.to_state) for i in (*outcome.settled, *outcome.entries)]


def done(world: World, command: Fire) -> list[tuple[object, ...]] | set[str]:
    try:
        outcome = world.fire(command)
    except TransitionRefused as refused:
        return {blocker.code for blocker in refused.blockers}
    return [(i.entry.kind, i.entry.trigger, i.entry.occurred_at, i.entry.to_state) for i in (*outcome.settled, *outcome.entries)]


@given(territory=territories, start=starts, steps=lives, days=st.integers(0, 40))
def test_the_same_command_twice_is_one_change(
    territory: str, start: datetime, steps: Sequence[Step], days: int
) -> None:
    world, life = living(territory, start, steps[:-1])
    command = wish(life, world.now, steps[-1].dice).command("P", key="once")
    if attempt(world, command) is not None:
        with world.store.reading() as reading:
            assert reading.remembered(world.engine.view("P").facts.id, "once") is None
        return
    made = [item for item in world.history() if item.entry.key == "once"]
    world.sleep(days=days)
    before = kept(world)
    again = world.engine.fire(command)
    assert again.repeated
    assert again.entries[0] == made[0]
    assert kept(world)[:4] == before[:4]
    assert refusal_of(world, Fire(reference="P", trigger="withdraw", actor="x", key="once")) == {"key_reused"}
    assert kept(world)[:4] == before[:4]


def refusal_of(world: World, command: Fire) -> set[str]:
    refused = attempt(world, command)
    return {blocker.code for blocker in refused.blockers} if refused else set()


@given(territory=territories, start=starts, steps=lives, days=st.integers(0, 40))
def test_who_names_a_revision_is_told_when_somebody_was_first(
    territory: str, start: datetime, steps: Sequence[Step], days: int
) -> None:
    world, _ = living(territory, start, steps)
    seen = world.engine.view("P").facts.revision
    world.sleep(days=days)
    asked = Fire(reference="P", trigger="withdraw", actor="x", roles=("host",), reason="other", expect=seen)
    with pytest.raises(ParcoursError) as caught:
        world.fire(Fire(reference="P", trigger="withdraw", actor="x", roles=("host",), reason="other", expect=seen + 1000))
    assert isinstance(caught.value, StalePlacement)
    moved = world.engine.view("P").facts.revision != seen
    try:
        world.fire(asked)
    except StalePlacement:
        assert moved
    except TransitionRefused:
        assert not moved
    else:
        assert not moved
