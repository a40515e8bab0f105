"""Erasing personal data on request: what goes, what stays, and what is refused afterwards, with a sentence."""

from collections.abc import Callable, Sequence

import pytest

from tests.world import CANARY, HOST, World, instant, reach
from workflow.commands import Erase, EraseAgain, Fire, HoldData, Life, Note, Outcome, Place
from workflow.errors import TransitionRefused, UnknownName


def erase(
    world: World,
    *fields: str,
    ground: str = "objection",
    decision: str = "DPO-2021/7",
    roles: Sequence[str] = ("supervisor",),
) -> Outcome:
    asked = Erase(reference="P", ground=ground, decision=decision, actor="Ada", fields=fields, roles=roles)
    return world.engine.ask(asked)


def hold(world: World, on: bool, *, reason: str = f"{CANARY} sues", roles: Sequence[str] = ("supervisor",)) -> Outcome:
    return world.engine.ask(HoldData(reference="P", on=on, reason=reason, actor="Ada", roles=roles))


def codes(act: Callable[[], object]) -> set[str]:
    with pytest.raises(TransitionRefused) as refused:
        act()
    return {blocker.code for blocker in refused.value.blockers}


def disclosed(world: World) -> set[tuple[int, str]]:
    with world.store.reading() as reading:
        return set(reading.personal(world.engine.view("P").facts.id))


def test_an_erased_value_is_gone_and_its_commitment_stays(world: World) -> None:
    reach(world, "candidate_shown")
    before = world.engine.view("P").facts
    (entry,) = [item.entry for item in erase(world, "candidate_name").entries]
    view = world.engine.view("P")
    assert (entry.kind, entry.role, entry.reason) == ("erasure", "supervisor", "objection")
    assert entry.fields["erased"] == before.personal["candidate_name"] == view.facts.personal["candidate_name"]
    assert entry.fields["decision"] == "DPO-2021/7"
    assert "candidate_name" not in view.personal
    assert view.personal["candidate_ref"] == "C-P"
    assert view.facts.erased == ("candidate_name",)
    assert view.facts.revision == before.revision
    assert world.faults() == []


def test_all_that_is_kept_goes_free_texts_included(world: World) -> None:
    reach(world, "candidate_shown")
    world.engine.ask(Note(reference="P", text=f"{CANARY} called", actor="Ada"))
    erase(world)
    assert disclosed(world) == set()
    assert world.engine.view("P").facts.keeps == {}
    assert all(each.erased and each.value is None for each in world.engine.persons("P").values)
    assert world.faults() == []


def test_erasing_twice_is_one_change(world: World) -> None:
    reach(world, "candidate_shown")
    erase(world)
    count = len(world.history())
    assert codes(lambda: erase(world)) == {"nothing_to_erase"}
    assert codes(lambda: erase(world, "candidate_name")) == {"nothing_to_erase"}
    assert len(world.history()) == count


def test_only_a_supervisor_erases_on_a_ground_of_the_law_by_a_decision(world: World) -> None:
    reach(world, "candidate_shown")
    assert codes(lambda: erase(world, roles=())) == {"role_needed"}
    assert codes(lambda: erase(world, roles=("host",))) == {"role_not_allowed"}
    assert codes(lambda: erase(world, ground="tidying")) == {"ground_unknown"}
    assert codes(lambda: erase(world, decision="")) == {"decision_unclear"}
    assert codes(lambda: erase(world, decision=f"{CANARY} asked for it")) == {"decision_unclear"}
    with pytest.raises(UnknownName):
        erase(world, "host_name")
    assert len(disclosed(world)) == 2


def test_a_guard_says_that_what_it_looks_for_was_erased(world: World) -> None:
    reach(world, "candidate_shown")
    erase(world, "candidate_ref")
    refused = world.refusal("select_candidate", "host", selected_candidate_ref="C-P")
    assert "value_erased" in refused


def test_an_erased_value_may_be_set_again(world: World) -> None:
    reach(world, "candidate_shown")
    erase(world, "candidate_name")
    world.ask("show_candidate", "platform", candidate_ref="C-2", candidate_name=f"{CANARY} 2")
    view = world.engine.view("P")
    assert (view.facts.erased, view.personal["candidate_name"]) == ((), f"{CANARY} 2")
    assert world.faults() == []


def test_an_erased_choice_holds_nobody_elses_candidate(world: World) -> None:
    world.place("Q")
    for reference in ("P", "Q"):
        reach(world, "candidate_shown", reference)
    for reference in ("P", "Q"):
        world.ask("show_candidate", "platform", reference, candidate_ref="C-both", candidate_name=CANARY)
    world.ask("select_candidate", "host", "P", selected_candidate_ref="C-both")
    assert world.refusal("select_candidate", "host", "Q", selected_candidate_ref="C-both") == {"value_taken"}
    erase(world, "selected_candidate_ref")
    assert world.refusal("select_candidate", "host", "Q", selected_candidate_ref="C-both") == set()
    assert world.faults() == []


def test_the_hash_of_what_was_typed_goes_with_it(world: World) -> None:
    reach(world, "ami_application")
    said = {"candidate_ref": "C-1", "candidate_name": CANARY}
    command = Fire(reference="P", trigger="show_candidate", actor="Ada", fields=said, roles=("platform",), key="once")
    world.fire(command)
    erase(world, "candidate_name")
    with world.store.reading() as reading:
        kept = reading.remembered(world.engine.view("P").facts.id, "once")
    assert kept is not None
    assert kept.fingerprint == ""
    assert codes(lambda: world.fire(command)) == {"key_reused"}


def test_nothing_is_erased_under_a_legal_hold(world: World) -> None:
    reach(world, "candidate_shown")
    hold(world, True)
    assert world.engine.view("P").facts.held
    assert codes(lambda: erase(world)) == {"legal_hold"}
    assert codes(lambda: hold(world, True)) == {"already_held"}
    hold(world, False)
    assert codes(lambda: hold(world, False)) == {"not_held"}
    assert codes(lambda: hold(world, True, reason="", roles=("host",))) == {"reason_needed", "role_not_allowed"}
    erase(world)
    assert world.faults() == []


def test_a_restored_copy_erases_again_what_the_register_names(world: World) -> None:
    reach(world, "candidate_shown")
    commitments = [world.engine.view("P").facts.personal["candidate_name"], "of an entry that the copy lacks"]
    hold(world, True)
    again = EraseAgain(
        reference="P", commitments=commitments, ground="objection", decision=None, actor="Ada", roles=("supervisor",)
    )
    assert world.engine.erase_again(again).entries[0].entry.fields["erased"] == commitments[0]
    assert "candidate_name" not in world.engine.view("P").personal
    assert codes(lambda: world.engine.erase_again(again)) == {"nothing_to_erase"}
    assert world.faults() == []


def test_an_import_that_still_has_it_brings_nothing_back(world: World) -> None:
    fields = {"territory": "75", **HOST, "host_email": "mairie@example.fr"}
    life = Life("Q", Place(reference="Q", fields=fields, actor="import", at=instant("2021-01-02")))
    assert [outcome.status for outcome in world.engine.enter([life])] == ["created"]
    asked = Erase(reference="Q", ground="objection", decision="D-1", actor="Ada", roles=("supervisor",))
    world.engine.ask(asked)
    assert [outcome.status for outcome in world.engine.enter([life])] == ["unchanged"]
    assert world.engine.view("Q").personal == {}
