"""Notes and placements put aside, which change no fact, and free text that stays out of the entries."""

import pytest

from tests.world import CANARY, World, instant, reach
from workflow.commands import Note, Void
from workflow.errors import StalePlacement, TransitionRefused


def test_a_note_changes_nothing_but_the_history(world: World) -> None:
    reach(world, "candidate_shown")
    before = world.engine.view("P")
    outcome = world.engine.ask(Note(reference="P", text=f"{CANARY} called", actor="Ada"))
    after = world.engine.view("P")
    assert [item.entry.kind for item in outcome.entries] == ["note"]
    assert (after.facts.revision, after.deadlines) == (before.facts.revision, before.deadlines)
    assert CANARY.encode() not in outcome.entries[0].data
    assert world.faults() == []


def test_a_note_says_something_and_not_of_tomorrow(world: World) -> None:
    for note in (
        Note(reference="P", text="  ", actor="x"),
        Note(reference="P", text="x", actor="x", at=instant("2022-01-01")),
    ):
        with pytest.raises(TransitionRefused):
            world.engine.ask(note)


def test_a_note_settles_first(world: World) -> None:
    reach(world, "candidate_shown")
    world.sleep(days=16)
    outcome = world.engine.ask(Note(reference="P", text="late", actor="Ada"))
    assert [item.entry.kind for item in outcome.settled] == ["reminder", "reminder", "timeout"]


def test_a_placement_made_by_mistake_is_put_aside_for_ever(world: World) -> None:
    reach(world, "candidate_shown")
    world.engine.ask(Void(reference="P", reason=f"{CANARY} typed it twice", actor="Ada", roles=("supervisor",)))
    assert world.state() == "voided"
    assert world.engine.next_wake() == instant("2023-01-04T23:00")  # what is kept of the persons expires
    assert world.engine.view("P").deadlines == ()
    assert world.refusal("withdraw", "host", reason="other") == {"not_allowed_here"}
    with pytest.raises(TransitionRefused, match="voided"):
        world.engine.ask(Void(reference="P", reason="other", actor="Ada", roles=("supervisor",)))
    assert world.faults() == []


def test_only_a_supervisor_puts_aside_and_says_why(world: World) -> None:
    with pytest.raises(TransitionRefused) as refused:
        world.engine.ask(Void(reference="P", reason="", actor="Ada", roles=("anct",)))
    assert {blocker.code for blocker in refused.value.blockers} == {"role_not_allowed", "reason_needed"}
    with pytest.raises(StalePlacement):
        world.engine.ask(Void(reference="P", reason="other", actor="Ada", roles=("supervisor",), expect=7))


def test_a_free_reason_is_kept_out_of_the_entry_but_for_its_code(world: World) -> None:
    outcome = world.ask("refuse_application", "anct", reason=f"because {CANARY} said so")
    entry = outcome.entries[0].entry
    assert (entry.reason, set(entry.commitments)) == ("other", {"reason"})
    coded = World.starting(instant("2021-01-04T09:00"))
    coded.place()
    outcome = coded.ask("refuse_application", "anct", reason="not_eligible")
    assert (outcome.entries[0].entry.reason, outcome.entries[0].entry.commitments) == ("not_eligible", {})


def test_an_actor_is_a_random_id_whose_name_is_kept_elsewhere(world: World) -> None:
    entry = world.history()[0].entry
    assert entry.actor.startswith("operator:")
    assert b"Ada" not in world.history()[0].data
    with world.store.reading() as reading:
        assert reading.actor(entry.actor) == "Ada"


def test_personal_values_are_shown_but_not_in_the_facts(world: World) -> None:
    reach(world, "contract_signed")
    view = world.engine.view("P")
    assert view.personal["monthly_gross"] == 2_000_00
    assert view.personal["selected_candidate_ref"] == "C-P"
    assert "monthly_gross" not in view.facts.fields
    assert world.faults() == []
