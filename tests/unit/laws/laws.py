"""The laws, each as a function that lives a life and asserts: for Hypothesis and for engines broken on purpose.

What should be comes from the naive model, or from a second life of the same engine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec.structs import replace as changed

from tests.model import FINAL, Life
from tests.unit.laws.lives import Step, Wish, wish
from tests.world import SHIPPED, World
from workflow.commands import Fire, Outcome
from workflow.definition import Value
from workflow.errors import StalePlacement, TransitionRefused
from workflow.history import ChainedEntry, HistoryEntry

THREE = ("P", "Q", "R")
TWO_POSTS = SHIPPED.replace(b"limit: 4000", b"limit: 2")


@dataclass(frozen=True)
class Lived:
    """Where a life begins, its steps, and in which kind of world: in memory, unless told otherwise."""

    territory: str
    start: datetime
    steps: Sequence[Step]
    world: Callable[[datetime, bytes], World] = World.starting


@dataclass(frozen=True)
class Asked:
    """What a person asked, when, and whether it was granted."""

    command: Fire
    now: datetime
    granted: bool


def begin(lived: Lived) -> tuple[World, Life]:
    """A world with one placement, and its model."""
    world = lived.world(lived.start, SHIPPED)
    world.place(territory=lived.territory)
    return world, Life(lived.territory, lived.start)


def attempt(world: World, command: Fire) -> set[str]:
    """Ask, and tell the codes of the refusal: none where it was granted."""
    try:
        world.fire(command)
    except TransitionRefused as refused:
        return {blocker.code for blocker in refused.blockers}
    return set()


def imagine(life: Life, wished: Wish, now: datetime) -> bool:
    """The same in the model: whether it grants the wish."""
    return life.fire(wished.trigger, now, wished.fields, at=wished.at, role=wished.role, reason=wished.reason)


def shown(world: World) -> dict[str, tuple[object, ...]]:
    """The deadlines of a placement as the model tells them."""
    views = world.engine.view("P").deadlines
    return {v.name: (v.last_day, v.due_at, v.status) for v in views if v.status != "not_started"}


def kept(world: World) -> tuple[object, ...]:
    """All that a store keeps of a placement."""
    with world.store.reading() as reading:
        facts = world.engine.view("P").facts
        return facts, world.history(), dict(reading.personal(facts.id)), reading.next_wake()


def lived_through(
    lived: Lived, *, steps: int | None = None, checked: bool = False, restarting: bool = False
) -> tuple[World, Life]:
    """A world after some steps of a life; what fell due since the last request is not entered yet."""
    world, life = begin(lived)
    for number, step in enumerate(lived.steps[:steps]):
        world.sleep(hours=step.hours)
        wished = wish(life, world.now, step.dice)
        if not attempt(world, wished.command("P", key=f"key {number}")):
            imagine(life, wished, world.now)
        if restarting:
            world.restart()
        assert not checked or not (faults := world.faults()), faults
    return world, life


def agrees_with_the_model(lived: Lived) -> None:
    """Every answer, state, deadline and entry is that of the naive model, after every step."""
    world, life = begin(lived)
    for step in lived.steps:
        _step(world, life, step)
        assert world.story() == life.story()
        assert world.state() == life.state
        assert shown(world) == life.open()
    world.engine.sweep()
    assert not (faults := world.faults(swept=True)), faults


def _step(world: World, life: Life, step: Step) -> None:
    world.sleep(hours=step.hours)
    if step.does == "restart":
        world.restart()
    if step.does == "sweep":
        world.engine.sweep()
        life.settle(world.now)
    if step.does == "ask":
        wished = wish(life, world.now, step.dice)
        granted = imagine(life, wished, world.now)
        refusal = attempt(world, wished.command("P"))
        assert granted == (not refusal), f"{wished} in {life.state}: the engine says {refusal or 'yes'}"


def downtime_does_not_change_history(lived: Lived, habits: Sequence[str]) -> None:
    """Law 1. Three placements share two posts and three candidates: what one gives back another may take."""
    awake, sleepy = _three(lived), _three(lived)
    asked = _live_awake(awake, lived)
    _live_again(sleepy, asked, habits)
    for world in (awake, sleepy):
        world.sleep(days=40)
        world.engine.sweep()
        assert not (faults := world.faults(swept=True)), faults
    for reference in THREE:
        assert told(sleepy, reference) == told(awake, reference)
        assert sleepy.state(reference) == awake.state(reference)


def _three(lived: Lived) -> World:
    world = lived.world(lived.start, TWO_POSTS)
    for reference in THREE:
        world.place(reference, lived.territory)
    return world


def _live_awake(world: World, lived: Lived) -> list[Asked]:
    """The daemon wakes whenever something falls due; the model only has ideas of what to ask."""
    ideas = {reference: Life(lived.territory, world.now) for reference in THREE}
    asked = []
    for number, step in enumerate(lived.steps):
        world.wait(hours=step.hours)
        reference = THREE[0 if number < 6 else step.dice[7] % 3]
        wished = wish(ideas[reference], world.now, step.dice)
        granted = not attempt(world, wished.command(reference))
        if granted:
            imagine(ideas[reference], wished, world.now)
        asked.append(Asked(wished.command(reference), world.now, granted))
    return asked


def _live_again(world: World, asked: Sequence[Asked], habits: Sequence[str]) -> None:
    """The same requests at the same moments; between them the daemon runs, sleeps, or begins anew."""
    for number, request in enumerate(asked):
        habit = habits[number % len(habits)]
        if habit == "awake":
            world.wait_until(request.now)
        if habit == "halfway":
            world.wait_until(world.now + (request.now - world.now) / 2)
        world.clock.at = request.now
        if habit == "restarts":
            world.restart()
            world.engine.sweep()
        assert (not attempt(world, request.command)) == request.granted


def told(world: World, reference: str) -> list[HistoryEntry]:
    """A history without what says when the system was told, and without what is drawn at random."""
    entries = (item.entry for item in world.history(reference))
    same = [changed(e, recorded_at=e.occurred_at, prev="", placement="", commitments={}) for e in entries]
    return [changed(e, actor=e.actor.split(":")[0], fields=_undrawn(e.fields)) for e in same]


def _undrawn(fields: Mapping[str, Value]) -> dict[str, object]:
    """Commitments are drawn at random: of those erased only their number can be compared."""
    return {name: len(str(value).split()) if name == "erased" else value for name, value in fields.items()}


def everything_due_is_settled_first(lived: Lived, days: int) -> None:
    """Law 2: also for a request that is refused, whatever moment it names; reads tell what is pending."""
    world, life = lived_through(lived)
    world.sleep(days=days)
    view, before = world.engine.view("P"), len(world.history())
    assert view.behind == bool(view.pending) == (view.wakes_at is not None and view.wakes_at <= world.now)
    long_ago = Fire(reference="P", trigger="withdraw", actor="x", at=lived.start - timedelta(days=1))
    assert attempt(world, long_ago)
    settled = world.history()[before:]
    assert bool(settled) == view.behind
    assert all(item.entry.actor == "scheduler" for item in settled)
    assert world.engine.sweep().entries == 0
    life.settle(world.now)
    assert world.story() == life.story()


def questions_write_nothing(lived: Lived, days: int) -> None:
    """Law 2: `can`, a view and a preview leave all as it is, and the preview tells what will be done."""
    world, life = lived_through(lived, steps=-1)
    world.sleep(days=days)
    before = kept(world)
    command = wish(life, world.now, lived.steps[-1].dice).command("P")
    said = answered(lambda: world.engine.preview(command))
    for at in (None, world.now + timedelta(days=30)):
        world.engine.can("P", at=at, roles=["host"])
    world.engine.view("P")
    assert kept(world) == before
    assert answered(lambda: world.fire(command)) == said


def answered(ask: Callable[[], Outcome]) -> object:
    try:
        outcome = ask()
    except TransitionRefused as refused:
        return {blocker.code for blocker in refused.blockers}
    entries = (item.entry for item in (*outcome.settled, *outcome.entries))
    return [(entry.kind, entry.trigger, entry.occurred_at, entry.to_state) for entry in entries]


def state_is_the_fold_of_history(lived: Lived) -> None:
    """Law 3, after every step."""
    lived_through(lived, checked=True)


def nothing_fires_early_or_twice(lived: Lived, back: int) -> None:
    """Law 4: sweeping again, on another engine, or with the clock set back by `back` hours, does nothing."""
    world, life = lived_through(lived)
    world.engine.sweep()
    before = kept(world)
    world.restart()
    assert world.engine.sweep().entries == 0
    world.clock.at -= timedelta(hours=back)
    assert world.engine.sweep().entries == 0
    assert kept(world) == before
    attempt(world, wish(life, world.now, lived.steps[-1].dice).command("P"))
    assert not (faults := world.faults()), faults


def the_same_command_twice_is_one_change(lived: Lived, days: int) -> None:
    """Law 6: answered again, before settling; a refusal is not kept; another command is refused."""
    world, life = lived_through(lived, steps=-1)
    command = wish(life, world.now, lived.steps[-1].dice).command("P", key="once")
    if attempt(world, command):
        with world.store.reading() as reading:
            assert reading.remembered(world.engine.view("P").facts.id, "once") is None
        return
    made = [item for item in world.history() if item.entry.key == "once"]
    world.sleep(days=days)
    before = kept(world)
    again = world.engine.fire(command)
    assert again.repeated
    assert again.entries[0] == made[0]
    assert attempt(world, replace(command, fields={**command.fields, "host_name": "another"})) == {"key_reused"}
    assert kept(world) == before


def who_was_second_is_told(lived: Lived, days: int) -> None:
    """Law 6: `expect` is compared with the revision after settling; reminders and notices do not count."""
    world, _ = lived_through(lived)
    seen = world.engine.view("P").facts.revision
    world.sleep(days=days)
    asked = Fire(reference="P", trigger="withdraw", actor="x", roles=("host",), reason="other", expect=seen)
    made: Sequence[ChainedEntry] = ()
    stale = False
    try:
        made = world.engine.fire(asked).entries
    except StalePlacement:
        stale = True
    except TransitionRefused:
        assert world.state() in FINAL
    kept_out = ("reminder", "missed", "milestone", "erasure")
    counted = [item for item in world.history() if item.entry.kind not in kept_out]
    assert stale == (len(counted) - len(made) != seen)
