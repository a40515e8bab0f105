"""Whole lives through the states of the shipped definition, by example."""

from datetime import date

import pytest

from tests.world import BEST_EFFORT, World, contact, contract, instant, reach
from workflow.errors import NotFound, StalePlacement, UnknownName


def test_a_life_in_which_everybody_is_in_time(world: World) -> None:
    world.wait(days=1)
    world.ask("grant_post", "anct", granted_on=date(2021, 1, 5))
    world.wait(days=5)
    world.ask("show_candidate", "platform", candidate_ref="C", candidate_name="N")
    assert world.due("selection") == instant("2021-01-25T23:00")
    world.wait(days=4)
    world.ask("select_candidate", "host", selected_candidate_ref="C")
    assert world.due("signature") == instant("2021-01-29T23:00")
    world.wait(days=1)
    world.ask("contact_training_body", "host", **contact(date(2021, 1, 15)))
    assert world.due("signature") == instant("2021-01-29T23:00")
    world.wait(days=5)
    world.ask("sign_contract", "host", **contract(date(2021, 1, 20)))
    assert world.due("convention") == instant("2024-01-19T23:00")
    assert world.due("funding") == instant("2023-01-19T23:00")
    world.wait(days=12)
    world.ask("start_training", "host", training_started_on=date(2021, 2, 1))
    assert world.due("training") == instant("2021-05-31T22:00")
    world.wait(days=120)
    assert world.state() == "in_post"
    world.ask("confirm_equipment", "host", has_computers="yes")
    world.wait(days=1200)
    assert world.state() == "convention_ended"
    assert world.engine.next_wake() == instant("2026-01-20T23:00")
    assert [(kind, trigger or name, at) for kind, trigger, name, at in world.story()] == [
        ("placed", None, instant("2021-01-04T09:00")),
        ("recorded", "grant_post", instant("2021-01-04T23:00")),
        ("transition", "show_candidate", instant("2021-01-10T09:00")),
        ("transition", "select_candidate", instant("2021-01-14T09:00")),
        ("transition", "contact_training_body", instant("2021-01-15T09:00")),
        ("transition", "sign_contract", instant("2021-01-19T23:00")),
        ("transition", "start_training", instant("2021-01-31T23:00")),
        ("reminder", "training", instant("2021-05-15T22:00")),
        ("timeout", "take_up_post", instant("2021-05-31T22:00")),
        ("recorded", "confirm_equipment", instant("2021-06-01T09:00")),
        ("reminder", "funding", instant("2022-07-18T22:00")),
        ("reminder", "funding", instant("2022-10-18T22:00")),
        ("reminder", "funding", instant("2022-11-18T23:00")),
        ("missed", "funding", instant("2023-01-19T23:00")),
        ("reminder", "convention", instant("2023-07-18T22:00")),
        ("reminder", "convention", instant("2023-10-18T22:00")),
        ("reminder", "convention", instant("2023-11-18T23:00")),
        ("reminder", "contract_end", instant("2023-11-19T23:00")),
        ("reminder", "contract_end", instant("2023-12-20T23:00")),
        ("timeout", "end_convention", instant("2024-01-19T23:00")),
    ]
    assert world.faults(swept=True) == []


def test_a_life_in_which_nobody_does_what_a_deadline_can(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=200)
    assert world.state() == "post_returned"
    assert [entry for entry in world.story() if entry[0] == "timeout"] == [
        ("timeout", "lapse_selection", "selection", instant("2021-01-19T23:00")),
        ("timeout", "return_post", "vacancy", instant("2021-07-20T22:00")),
    ]


def test_a_signature_that_lapses_leaves_the_post_vacant(world: World) -> None:
    reach(world, "training_body_contacted")
    world.wait(days=16)
    assert world.state() == "post_vacant"
    assert world.story()[-1] == ("timeout", "lapse_signature", "signature", instant("2021-01-19T23:00"))


def test_operator_on_the_last_day_beats_the_timer(world: World) -> None:
    reach(world, "candidate_shown")
    world.clock.at = instant("2021-01-19T22:59:59")
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    world.wait(hours=3)
    assert world.state() == "candidate_selected"


def test_timer_beats_an_operator_at_the_very_instant(world: World) -> None:
    reach(world, "candidate_shown")
    world.clock.at = instant("2021-01-19T23:00:00")
    assert world.refusal("select_candidate", "host", selected_candidate_ref="C-P") == {"not_allowed_here"}
    assert world.state() == "post_vacant"


def test_a_training_body_contacted_before_is_taken_for_granted(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("contact_training_body", "host", **contact(date(2021, 1, 4)))
    assert world.state() == "candidate_shown"
    outcome = world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    assert [item.entry.kind for item in outcome.entries] == ["transition", "automatic"]
    assert outcome.entries[1].entry.actor == "scheduler"
    assert world.state() == "training_body_contacted"
    assert world.due("signature") == instant("2021-01-19T23:00")


def test_a_contact_does_not_outlive_the_contract_that_it_led_to(world: World) -> None:
    reach(world, "contract_signed")
    world.ask("break_contract", "host", broken_on=date(2021, 1, 4), break_motive="found another post")
    world.ask("show_candidate", "platform", candidate_ref="D", candidate_name="N")
    world.ask("select_candidate", "host", selected_candidate_ref="D")
    assert world.state() == "candidate_selected"


def test_a_second_adviser_does_not_make_the_convention_longer(world: World) -> None:
    reach(world, "in_post")
    ends = world.due("convention")
    world.wait(days=300)
    world.ask("break_contract", "host", broken_on=world.now.date(), break_motive="left")
    world.ask("show_candidate", "platform", candidate_ref="D", candidate_name="N")
    world.ask("select_candidate", "host", selected_candidate_ref="D")
    world.ask("contact_training_body", "host", **contact(world.now.date()))
    world.ask("sign_contract", "host", **contract(world.now.date()))
    assert world.due("convention") == ends


def test_a_holder_of_the_certificate_goes_to_the_post_at_once(world: World) -> None:
    reach(world, "contract_signed")
    assert world.refusal("exempt_from_training", "anct") == {"reason_needed"}
    world.ask("exempt_from_training", "anct", reason="certificate_held")
    assert world.state() == "in_post"
    assert world.due("training") is None


def test_the_post_is_taken_up_early_with_a_reason_only(world: World) -> None:
    reach(world, "in_training")
    assert world.refusal("take_up_post", "host") == {"training_not_over"}
    world.ask("take_up_post", "host", reason="training_shortened")
    assert world.state() == "in_post"


def test_a_departure_that_is_late_is_noticed_and_changes_nothing(world: World) -> None:
    reach(world, "contract_signed")
    world.wait(days=30)
    assert ("missed", None, "training_departure", instant("2021-01-19T23:00")) in world.story()
    assert world.state() == "contract_signed"
    shown = {view.name: view.status for view in world.engine.view("P").deadlines}
    assert shown["training_departure"] == "missed"
    world.ask("start_training", "host", training_started_on=world.now.date())
    assert world.due("training_departure") is None


def test_a_refusal_ends_an_application_that_is_not_granted(world: World) -> None:
    world.ask("refuse_application", "anct", reason="not_eligible")
    assert world.state() == "application_refused"
    assert world.engine.next_wake() is None


def test_a_granted_application_is_no_longer_refused(world: World) -> None:
    reach(world, "ami_application")
    assert world.refusal("refuse_application", "anct", reason="not_eligible") == {"post_already_granted"}
    assert world.refusal("grant_post", "anct", granted_on=date(2021, 1, 4)) == {"already_recorded"}


def test_nobody_is_shown_before_the_post_is_granted(world: World) -> None:
    refused = world.refusal("show_candidate", "platform", candidate_ref="C", candidate_name="N")
    assert refused == {"post_not_granted"}


def test_a_missed_choice_is_a_notice_only_where_it_is_best_effort() -> None:
    world = World.starting(instant("2021-01-04T09:00"), BEST_EFFORT)
    world.place()
    reach(world, "candidate_shown")
    world.wait(days=40)
    assert world.state() == "candidate_shown"
    assert ("missed", None, "selection", instant("2021-01-19T23:00")) in world.story()
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    assert world.state() == "candidate_selected"
    assert world.faults(swept=True) == []


def test_every_reason_is_told_at_once(world: World) -> None:
    reach(world, "training_body_contacted")
    said = contract(date(2021, 1, 4), contract_ends_on=date(2021, 1, 3), monthly_gross=1_000_00)
    refused = world.refusal("sign_contract", "platform", **{**said, "granted_on": date(2021, 1, 4)})
    assert refused == {
        "role_not_allowed",
        "field_not_taken",
        "contract_ends_before_start",
        "pay_below_minimum",
    }


def test_what_cannot_be_read_is_a_refusal_among_others(world: World) -> None:
    assert world.refusal("grant_post", "anct", granted_on="yesterday") == {"not_a_date"}


@pytest.mark.parametrize("role", ["scheduler", "import"])
def test_nobody_can_claim_the_role_of_a_machine(world: World, role: str) -> None:
    assert world.refusal("grant_post", role, granted_on=date(2021, 1, 4)) == {"role_not_allowed"}
    reach(world, "candidate_shown")
    assert world.refusal("lapse_selection", role) == {"role_not_allowed"}


def test_a_supervisor_stands_in_for_any_role_but_the_scheduler(world: World) -> None:
    world.ask("grant_post", "supervisor", granted_on=date(2021, 1, 4))
    world.ask("show_candidate", "supervisor", candidate_ref="C", candidate_name="N")
    assert world.refusal("lapse_selection", "supervisor") == {"role_not_allowed"}


def test_unknown_names_are_no_refusals(world: World) -> None:
    with pytest.raises(UnknownName, match="did you mean grant_post"):
        world.ask("grant_posts", "anct")
    with pytest.raises(UnknownName, match="granted_onn"):
        world.ask("grant_post", "anct", granted_onn="2021-01-04")
    with pytest.raises(NotFound):
        world.ask("withdraw", "host", "nobody")


def test_a_reference_is_taken_once(world: World) -> None:
    with pytest.raises(StalePlacement, match="exists"):
        world.place()


def test_can_tells_what_may_fire_and_why_the_rest_may_not(world: World) -> None:
    answers = {answer.trigger: answer for answer in world.engine.can("P", roles=["anct"])}
    assert answers["grant_post"].allowed
    assert answers["grant_post"].needs == ("granted_on",)
    assert {blocker.code for blocker in answers["show_candidate"].blockers} == {"post_not_granted"}
    assert {blocker.code for blocker in answers["sign_contract"].blockers} == {"not_allowed_here"}


def test_can_looks_into_the_future(world: World) -> None:
    reach(world, "candidate_shown")
    (now,) = world.engine.can("P", "select_candidate", roles=["host"])
    (later,) = world.engine.can("P", "select_candidate", at=date(2021, 2, 1), roles=["host"])
    assert (now.allowed, later.allowed) == (True, False)
    assert world.state() == "candidate_shown"


def test_a_date_is_explained_step_by_step(world: World) -> None:
    reach(world, "candidate_shown")
    told = world.engine.explain("P", "selection")
    assert (told.last_day, told.due_at) == (date(2021, 1, 19), instant("2021-01-19T23:00"))
    assert told.steps
    with pytest.raises(NotFound):
        world.engine.explain("P", "training")
    with pytest.raises(UnknownName):
        world.engine.explain("P", "selektion")
