"""What the engine enters of an erasure is what the offline verifier reads of one."""

from audit.verifier import verify
from tests.unit.test_erasing import erase
from tests.world import World, instant, reach


def test_the_verifier_counts_as_erased_what_the_engine_erased() -> None:
    world = World.starting(instant("2021-01-04T09:00"))
    world.place()
    reach(world, "candidate_shown")
    committed = dict(world.engine.view("P").facts.personal)
    erase(world, "candidate_name")
    item = world.history()[-1]
    entry = verify.read_entry(1, 0, item.data)
    assert entry.kind in verify.KEEPS
    assert set(str(entry.fields["erased"]).split()) == {committed["candidate_name"]}
    assert entry.commitments == {}
