"""Laws 1, 3 and 4 where the end of a life is long ago: periods of retention end, with holds and erasures between.

The lives are those of the other laws; here years pass after them, and somebody holds, releases and erases.
"""

from collections.abc import Sequence
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.laws.laws import Lived, lived_through, told
from tests.unit.laws.lives import lives, starts, territories, times_as_many
from tests.unit.test_erasing import erase, hold
from tests.world import CANARY, World
from workflow.commands import Fire, Note
from workflow.errors import TransitionRefused

lived = st.builds(Lived, territories, starts, lives)
doings = st.sampled_from(["hold", "release", "note", "erase", "nothing"])
acts = st.lists(st.tuples(doings, st.sampled_from([0, 20, 200, 500, 740])), max_size=8)


def act(world: World, doing: str) -> None:
    """Do it where it may be done."""
    with suppress(TransitionRefused):
        match doing:
            case "hold" | "release":
                hold(world, doing == "hold")
            case "note":
                world.engine.ask(Note(reference="P", text=f"{CANARY} wrote", actor="Ada"))
            case "erase":
                erase(world, "candidate_name")


def live_on(lived: Lived, acts: Sequence[tuple[str, int]], *, awake: bool) -> World:
    """The life, its end, then years; the daemon wakes for everything that falls due, or only at the very end."""
    world, _ = lived_through(lived)
    with suppress(TransitionRefused):
        world.fire(Fire(reference="P", trigger="withdraw", actor="x", roles=("host",), reason=f"{CANARY} left"))
    for doing, days in acts:
        if awake:
            world.wait(days=days)
        else:
            world.sleep(days=days)
        act(world, doing)
        assert not (faults := world.faults()), faults
    world.sleep(days=10)
    world.engine.sweep()
    assert not (faults := world.faults(swept=True)), faults
    return world


@times_as_many(0.5)
@given(lived=lived, acts=acts)
def test_downtime_does_not_change_what_expires_nor_when(lived: Lived, acts: list[tuple[str, int]]) -> None:
    awake, sleepy = live_on(lived, acts, awake=True), live_on(lived, acts, awake=False)
    assert told(sleepy, "P") == told(awake, "P")


@times_as_many(0.5)
@given(lived=lived, acts=acts)
def test_no_value_is_erased_twice_or_early_and_none_named_is_left(lived: Lived, acts: list[tuple[str, int]]) -> None:
    world = live_on(lived, acts, awake=False)
    erasures = [item.entry for item in world.history() if item.entry.kind == "erasure"]
    named = [text for entry in erasures for text in str(entry.fields["erased"]).split()]
    assert len(named) == len(set(named))
    assert all(entry.due_at is None or entry.due_at <= entry.occurred_at <= world.now for entry in erasures)
    committed = {(i.entry.seq, n): text for i in world.history() for n, text in i.entry.commitments.items()}
    with world.store.reading() as reading:
        kept = reading.personal(world.engine.view("P").facts.id)
    assert {key for key, text in committed.items() if text not in named} == set(kept)
    assert world.engine.sweep().entries == 0
