"""The laws still hold where the rules change under a running placement, to and fro, between all other steps."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.definitions import shipped
from tests.unit.laws.lives import times_as_many
from tests.unit.laws.test_corrections import SOURCES, SUPERVISOR, Step, beginning, carry_out, command, steps, told
from tests.world import SHIPPED, World, published
from workflow.commands import Migrate

_OLD, _NEW = "candidate_selected", "candidate_chosen"
_SIGNATURE = "# contacting the training body does not restart it\n    within: 15 days"

SECOND = shipped(
    ("version: 1\n", "version: 2\n"), (_SIGNATURE, "\n    within: 1 month\n    roll: next_working_day")
).encode()
"""Longer, and rolled to a working day."""

THIRD = shipped(
    ("version: 1\n", "version: 3\n"),
    (_SIGNATURE, "\n    within: 9 working days"),
    ("remind: [15 days before]", "remind: [20 days before, 15 days before, 3 days before]"),
    *((line, line.replace(_OLD, _NEW)) for line in shipped().splitlines() if _OLD in line and "after:" not in line),
    (f"after: {_OLD} ", f"after: {_NEW} "),
).encode()
"""Shorter, with other reminders, and with another name for a state."""


@dataclass(frozen=True)
class Change:
    """Wait so many hours, then change the rules; the numbers say to which, and on what terms."""

    hours: int
    version: int
    terms: int


changes = st.builds(
    Change, hours=st.sampled_from((0, 1, 24, 24 * 6, 24 * 16)), version=st.integers(0, 2), terms=st.integers(0, 11)
)
lives = st.lists(steps | steps | changes, min_size=4, max_size=18)


def world_of_three(first: bytes) -> World:
    """A post under the first of three versions."""
    world = beginning(first)
    with world.store.writing() as unit:
        unit.publish(published(SECOND))
        unit.publish(published(THIRD))
    return world


def migrate(world: World, change: Change, first: bytes) -> list[tuple[str, ...]]:
    """Change the rules; tells with which codes it was refused."""
    target = published((first, SECOND, THIRD)[change.version])
    names = {_OLD: _NEW} if change.version == 2 else {_NEW: _OLD}
    asked = Migrate(
        to=target.digest,
        reason="other",
        actor="Ada",
        roles=SUPERVISOR,
        states=names,
        keep=("signature", "vacancy", "training") if change.terms % 3 == 0 else (),
        drop=("signature",) if change.terms == 5 else (),
        accept_earlier=change.terms % 2 == 0,
    )
    planned = world.engine.plan(asked, ["P"])
    assert world.engine.migrate(asked, {"P": planned[0].revision}) == planned
    return [tuple(blocker.code for blocker in each.blockers) for each in planned]


def act(world: World, step: Step | Change, first: bytes) -> object:
    if isinstance(step, Change):
        return migrate(world, step, first)
    asked = command(world, step)
    return None if asked is None else carry_out(world, asked)


@times_as_many(2)
@given(steps=lives, first=SOURCES)
def test_the_fold_of_history_is_the_row_after_every_migration(steps: list[Step | Change], first: bytes) -> None:
    world = world_of_three(first)
    for step in steps:
        world.sleep(hours=step.hours)
        world.engine.sweep()
        act(world, step, first)
        assert not (faults := world.faults()), (step, faults)
    world.sleep(days=500)
    world.engine.sweep()
    assert not (faults := world.faults(swept=True)), faults


@given(steps=lives, first=SOURCES)
def test_downtime_does_not_change_a_history_with_migrations(steps: list[Step | Change], first: bytes) -> None:
    awake, asleep = world_of_three(first), world_of_three(first)
    for step in steps:
        awake.wait(hours=step.hours)
        asleep.sleep(hours=step.hours)
        if isinstance(step, Change):
            migrate(awake, step, first)
            migrate(asleep, step, first)
        elif (asked := command(awake, step)) is not None:
            assert carry_out(awake, asked) == carry_out(asleep, asked), asked
    awake.wait(days=1500)
    asleep.sleep(days=1500)
    asleep.engine.sweep()
    assert told(awake) == told(asleep)
    assert awake.state() == asleep.state()


def test_a_line_of_a_ledger_is_taken_back_in_the_state_of_today() -> None:
    world = world_of_three(SHIPPED)
    reached = [Step("forward", 0, 0, 0)] * 4
    later = [Step("wait", 384, 0, 0), Step("reverse", 0, 0, 0), Step("reverse", 0, 0, 0), Step("reverse", 0, 0, 1)]
    for step in [*reached, *later]:
        world.sleep(hours=step.hours)
        world.engine.sweep()
        act(world, step, SHIPPED)
    moved = next(item.entry for item in world.history() if item.entry.kind == "move")
    back = next(item.entry for item in world.history() if item.entry.concerns == moved.seq)
    assert (moved.to_state, back.from_state, back.to_state) == (
        "training_body_contacted", "candidate_selected", "candidate_selected",
    )  # fmt: skip
    assert world.faults() == []
