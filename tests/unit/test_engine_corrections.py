"""Facts arrive late and people make mistakes: reversals, late facts, amendments, pauses, by example."""

from datetime import date
from typing import Any

import pytest

from tests.world import SHIPPED, World, contact, contract, instant, reach
from workflow.commands import Adjust, Amend, Fire, Outcome, Reverse
from workflow.errors import TransitionRefused

SUPERVISOR = ("supervisor",)


def late(world: World, trigger: str, at: date, roles: tuple[str, ...] = SUPERVISOR, **fields: str) -> Outcome:
    command = Fire(
        reference="P", trigger=trigger, actor="Ada", fields=fields, at=at, roles=roles, reason="other", late=True
    )
    return world.fire(command)


def reverse(world: World, **said: Any) -> Outcome:
    return world.engine.ask(Reverse(reference="P", reason="entered_by_mistake", actor="Ada", roles=SUPERVISOR, **said))


def amend(world: World, accept_earlier: bool = False, **fields: str) -> Outcome:
    return world.engine.ask(
        Amend(reference="P", fields=fields, reason="Typo", actor="Ada", roles=SUPERVISOR, accept_earlier=accept_earlier)
    )


def adjust(world: World, deadline: str, kind: Any, **said: Any) -> Outcome:
    return world.engine.ask(
        Adjust(reference="P", deadline=deadline, kind=kind, reason="Sick leave", actor="Ada", roles=SUPERVISOR, **said)
    )


def refused(act: Any, *arguments: Any, **said: Any) -> set[str]:
    with pytest.raises(TransitionRefused) as refusal:
        act(*arguments, **said)
    return {blocker.code for blocker in refusal.value.blockers}


def kinds(world: World) -> list[str]:
    return [item.entry.kind for item in world.history()]


def test_contract_signed_on_day_14_and_entered_on_day_17(world: World) -> None:
    reach(world, "training_body_contacted")
    world.wait(days=17)
    assert world.state() == "post_vacant"
    said = {name: str(value) for name, value in contract(date(2021, 1, 18), monthly_gross="1700").items()}
    fact = {**said, "contract_signed_on": "2021-01-18"}
    assert world.refusal("sign_contract", "host", at=date(2021, 1, 18), **contract(date(2021, 1, 18))) == {
        "entries_in_the_way"
    }
    assert refused(late, world, "sign_contract", date(2021, 1, 18), roles=("host",), **fact) == {"role_not_allowed"}
    outcome = late(world, "sign_contract", date(2021, 1, 18), **fact)
    assert outcome.facts.state == "contract_signed"
    assert [item.entry.kind for item in outcome.entries][:2] == ["reversal", "transition"]
    assert outcome.entries[1].entry.late
    assert outcome.entries[1].entry.occurred_at == instant("2021-01-17T23:00")
    assert outcome.entries[0].entry.concerns_hash == next(
        item.hash for item in world.history() if item.entry.kind == "timeout"
    )
    assert world.faults() == []


def test_late_fact_is_settled_up_to_the_present_in_the_same_command(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=40)
    late(world, "select_candidate", date(2021, 1, 14), selected_candidate_ref="C-P")
    assert world.state() == "post_vacant", "the fifteen days to sign were over too"
    assert kinds(world)[-4:] == ["transition", "reminder", "reminder", "timeout"]
    assert world.faults(swept=True) == []


def test_what_people_did_is_never_reversed_for_a_late_fact(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=17)
    world.ask("show_candidate", "platform", candidate_ref="D", candidate_name="N")
    before = kinds(world)
    assert refused(late, world, "select_candidate", date(2021, 1, 14), selected_candidate_ref="C-P") == {
        "operators_in_the_way"
    }
    assert kinds(world) == before


def test_refused_late_fact_leaves_no_reversal_behind(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=17)
    before = kinds(world)
    assert refused(late, world, "select_candidate", date(2021, 1, 14), selected_candidate_ref="X") == {
        "candidate_not_shown"
    }
    assert kinds(world) == before
    assert world.faults() == []


def test_selection_reversed_opens_the_time_to_choose_again(world: World) -> None:
    reach(world, "candidate_shown")
    due = world.due("selection")
    world.wait(days=3)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    reverse(world)
    assert (world.state(), world.due("selection")) == ("candidate_shown", due)
    assert world.engine.view("P").personal.get("selected_candidate_ref") is None
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    assert world.state() == "candidate_selected"
    assert world.faults() == []


def test_automatic_transition_is_reversed_with_what_it_followed(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("contact_training_body", "host", **contact(world.now.date()))
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    assert world.state() == "training_body_contacted"
    outcome = reverse(world)
    assert outcome.facts.state == "candidate_shown"
    assert [item.entry.kind for item in outcome.entries] == ["reversal", "reversal"]
    assert world.faults() == []


def test_reversed_timeout_needs_a_date_or_a_waiver(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=20)
    assert refused(reverse, world) == {"date_needed"}
    assert refused(reverse, world, extend_to=date(2021, 1, 5)) == {"day_is_over"}
    reverse(world, extend_to=date(2021, 2, 1))
    assert (world.state(), world.due("selection")) == ("candidate_shown", instant("2021-02-01T23:00"))
    world.wait(days=10)
    assert world.state() == "post_vacant"
    reverse(world, waive=True)
    world.wait(days=100)
    assert (world.state(), world.due("selection")) == ("candidate_shown", None)
    assert world.faults(swept=True) == []


def test_move_that_a_reversal_makes_has_its_reason_and_correlation(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=20)
    outcome = reverse(world, waive=True, correlation="bulk:1")
    assert [(i.entry.kind, i.entry.reason, i.entry.correlation) for i in outcome.entries] == [
        ("reversal", "entered_by_mistake", "bulk:1"),
        ("move", "entered_by_mistake", "bulk:1"),
    ]
    assert outcome.entries[1].entry.commitments == {}


def test_reversals_chain_back_to_the_application_and_no_further(world: World) -> None:
    reach(world, "candidate_selected")
    reverse(world)
    reverse(world)
    assert world.state() == "ami_application"
    assert refused(reverse, world) == {"nothing_to_reverse"}
    assert world.faults() == []


def test_reversal_gives_back_what_was_claimed(world: World) -> None:
    reach(world, "candidate_selected")
    world.place("Q")
    world.ask("grant_post", "anct", "Q", granted_on=world.now.date())
    shown = {"candidate_ref": "C-P", "candidate_name": "N"}
    world.ask("show_candidate", "platform", "Q", **shown)
    assert world.refusal("select_candidate", "host", "Q", selected_candidate_ref="C-P") == {"value_taken"}
    reverse(world)
    assert world.refusal("select_candidate", "host", "Q", selected_candidate_ref="C-P") == set()


def test_pause_gives_back_the_days_that_it_covers(world: World) -> None:
    reach(world, "training_body_contacted")
    world.wait(days=5)
    adjust(world, "signature", "pause")
    assert world.engine.view("P").deadlines[-1].status == "paused"
    world.wait(days=60)
    assert world.state() == "training_body_contacted", "a clock that stands still fires nothing"
    adjust(world, "signature", "resume")
    assert world.due("signature") == instant("2021-03-20T23:00"), "the 19th of January, and sixty days"
    world.wait(days=9)
    assert world.state() == "training_body_contacted"
    world.wait(days=2)
    assert world.state() == "post_vacant"
    assert world.faults(swept=True) == []


def test_pauses_that_overlap_count_once(world: World) -> None:
    reach(world, "training_body_contacted")
    world.wait(days=6)
    adjust(world, "signature", "pause", at=date(2021, 1, 6))
    adjust(world, "signature", "resume", at=date(2021, 1, 9))
    adjust(world, "signature", "pause", at=date(2021, 1, 8))
    adjust(world, "signature", "resume")
    assert world.due("signature") == instant("2021-01-23T23:00"), "from the 6th to the 10th: four days"


def test_extension_and_move(world: World) -> None:
    reach(world, "candidate_shown")
    adjust(world, "selection", "extension", by="10 days")
    assert world.due("selection") == instant("2021-01-29T23:00")
    adjust(world, "selection", "move", to=date(2021, 3, 28))
    assert world.due("selection") == instant("2021-03-28T22:00")
    assert refused(adjust, world, "selection", "extension", by="soon") == {"length_not_readable"}
    assert refused(adjust, world, "selection", "resume") == {"not_paused"}
    assert refused(adjust, world, "vacancy", "pause") == {"not_running"}
    assert world.faults() == []


def test_reminder_is_sent_again_for_a_new_date_and_once_for_each(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=11)
    adjust(world, "selection", "extension", by="10 days")
    world.wait(days=15)
    moments = [at for kind, _, _, at in world.story() if kind == "reminder"]
    assert moments == [instant("2021-01-13T23:00"), instant("2021-01-23T23:00"), instant("2021-01-27T23:00")]


def test_post_moved_from_la_reunion_to_paris_keeps_the_later_day(world: World) -> None:
    world.place("P2", "974", at=None)
    world.clock.at = instant("2021-01-04T21:00")
    world.ask("grant_post", "anct", "P2", granted_on=date(2021, 1, 5))
    world.ask("show_candidate", "platform", "P2", candidate_ref="C", candidate_name="N")
    assert world.due("selection", "P2") == instant("2021-01-20T20:00")
    command = Amend(reference="P2", fields={"territory": "75"}, reason="Moved", actor="Ada", roles=SUPERVISOR)
    world.engine.ask(command)
    assert world.due("selection", "P2") == instant("2021-01-20T23:00"), "on the 4th in Paris: one day less by the rule"
    assert [item.entry.kind for item in world.history("P2")][-2:] == ["amendment", "extension"]
    assert world.faults() == []


def test_amendment_is_held_to_the_guards_of_what_set_the_value(world: World) -> None:
    reach(world, "contract_signed")
    assert refused(amend, world, monthly_gross="1200") == {"pay_below_minimum"}
    assert refused(amend, world, contract_signed_on="2020-12-01") >= {"dates_disagree"}
    assert refused(amend, world, training_started_on="2021-02-01") == {"never_set"}
    assert refused(amend, world, host_siret="") == {"field_needed"}
    assert refused(amend, world) == {"nothing_to_amend"}
    amend(world, monthly_gross="1900,50")
    assert world.engine.view("P").personal["monthly_gross"] == 190050


def test_amendment_that_would_bring_a_deadline_forward_asks_for_consent(world: World) -> None:
    reach(world, "contract_signed")
    due = world.due("convention")
    amend(world, convention_months="24")
    assert world.due("convention") == due
    amend(world, convention_months="12", accept_earlier=True)
    assert world.due("convention") == due, "the extension of before stands"
    assert world.faults() == []


def test_amendment_with_consent_brings_a_deadline_forward(world: World) -> None:
    reach(world, "contract_signed")
    amend(world, accept_earlier=True, convention_months="24")
    assert world.due("convention") == instant("2023-01-03T23:00")


def test_amendment_records_the_dates_that_it_moves_before_and_after(world: World) -> None:
    reach(world, "contract_signed")
    amend(world, convention_months="24")
    amended, kept = (item.entry for item in world.history()[-2:])
    assert amended.fields == {"convention_months": 24, "moved.convention": "2024-01-03 2023-01-03"}
    assert (kept.kind, kept.fields) == ("extension", {"to": "2024-01-03"})
    assert not [name for name in world.engine.view("P").facts.fields if "." in name]
    amend(world, workplace_name="Library")
    assert world.history()[-1].entry.fields == {"workplace_name": "Library"}
    assert world.faults() == []


def test_what_was_believed_and_what_was_true(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=17)
    late(world, "select_candidate", date(2021, 1, 14), selected_candidate_ref="C-P")
    believed = world.engine.view("P", as_of=instant("2021-01-20T12:00"))
    assert believed.facts.state == "post_vacant"
    assert world.engine.view("P", at=date(2021, 1, 15)).facts.state == "candidate_selected"
    assert world.engine.view("P", at=date(2021, 1, 10)).facts.state == "candidate_shown"
    assert SHIPPED


def graced() -> World:
    """The shipped process, with three days of grace for entering a signature."""
    source = SHIPPED.replace(b"    then: lapse_signature\n", b"    then: lapse_signature\n    entry_grace: 3 days\n")
    world = World.starting(instant("2021-01-04T09:00"), source)
    world.place()
    reach(world, "training_body_contacted")
    return world


def test_signature_of_friday_typed_on_monday_needs_no_supervisor() -> None:
    world = graced()
    world.wait(days=17)
    assert world.state() == "post_vacant"
    outcome = world.ask("sign_contract", "host", at=date(2021, 1, 18), **contract(date(2021, 1, 18)))
    assert outcome.facts.state == "contract_signed"
    assert [(i.entry.kind, i.entry.role, i.entry.late) for i in outcome.entries][:2] == [
        ("reversal", None, False),
        ("transition", "host", True),
    ]
    assert world.faults() == []


def test_grace_ends_with_its_last_day() -> None:
    world = graced()
    world.wait_until(instant("2021-01-22T22:59"))
    assert world.refusal("sign_contract", "platform", at=date(2021, 1, 18), **contract(date(2021, 1, 18))) == {
        "role_not_allowed"
    }
    world.wait_until(instant("2021-01-22T23:00"))
    assert world.refusal("sign_contract", "host", at=date(2021, 1, 18), **contract(date(2021, 1, 18))) == {
        "entries_in_the_way"
    }


def test_fact_dated_after_the_deadline_has_no_grace() -> None:
    world = graced()
    world.wait(days=17)
    assert world.refusal("sign_contract", "host", at=date(2021, 1, 20), **contract(date(2021, 1, 20))) == {
        "not_allowed_here"
    }
