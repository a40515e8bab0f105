"""Candidates: who is shown for a vacancy, who withdraws, and one person on one post."""

from datetime import date
from typing import Any

from tests.world import CANARY, World, instant, reach

OTHER: dict[str, Any] = {"candidate_ref": "D", "candidate_name": CANARY}


def test_one_more_candidate_does_not_restart_the_clock(world: World) -> None:
    reach(world, "candidate_shown")
    due = world.due("selection")
    world.wait(days=5)
    outcome = world.ask("show_candidate", "platform", **OTHER)
    assert outcome.entries[0].entry.kind == "recorded"
    assert world.due("selection") == due


def test_only_who_was_shown_can_be_selected(world: World) -> None:
    reach(world, "candidate_shown")
    assert world.refusal("select_candidate", "host", selected_candidate_ref="D") == {"candidate_not_shown"}
    world.ask("show_candidate", "platform", **OTHER)
    world.ask("select_candidate", "host", selected_candidate_ref="D")


def test_who_has_withdrawn_cannot_be_selected(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("show_candidate", "platform", **OTHER)
    world.ask("candidate_withdraws", "platform", candidate_ref="D", reason="candidate_declined")
    assert world.state() == "candidate_shown"
    assert world.refusal("select_candidate", "host", selected_candidate_ref="D") == {"candidate_not_shown"}


def test_candidates_of_an_earlier_vacancy_are_shown_no_longer(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("reject_candidates", "host", reason="profile_mismatch")
    world.ask("show_candidate", "platform", **OTHER)
    assert world.refusal("select_candidate", "host", selected_candidate_ref="C-P") == {"candidate_not_shown"}


def test_a_candidate_of_an_earlier_vacancy_entered_late_is_not_one_of_this_one(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=20)
    world.ask("show_candidate", "platform", **OTHER)
    said = {"candidate_ref": "E", "candidate_name": CANARY}
    world.ask("show_candidate", "platform", at=instant("2021-01-05T09:00"), **said)
    assert world.refusal("select_candidate", "host", selected_candidate_ref="E") == {"candidate_not_shown"}


def test_the_last_candidate_who_withdraws_leaves_the_post_vacant(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("candidate_withdraws", "host", candidate_ref="C-P", reason="candidate_declined")
    assert world.state() == "post_vacant"
    view = world.engine.view("P")
    assert not view.facts.personal.keys() & {"candidate_ref", "candidate_name", "selected_candidate_ref"}


def test_a_selected_candidate_who_withdraws_leaves_the_others_with_a_new_clock(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("show_candidate", "platform", **OTHER)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    world.wait(days=3)
    world.ask("candidate_withdraws", "platform", candidate_ref="C-P", reason="candidate_declined")
    assert world.state() == "candidate_shown"
    assert world.due("selection") == instant("2021-01-22T23:00")
    assert world.due("signature") is None
    assert "selected_candidate_ref" not in world.engine.view("P").facts.personal
    world.ask("select_candidate", "host", selected_candidate_ref="D")


def test_a_selected_candidate_who_was_alone_leaves_the_post_vacant(world: World) -> None:
    reach(world, "training_body_contacted")
    world.ask("candidate_withdraws", "platform", candidate_ref="C-P", reason="candidate_declined")
    assert world.state() == "post_vacant"


def test_another_candidate_who_withdraws_changes_nothing_for_the_selected_one(world: World) -> None:
    reach(world, "candidate_shown")
    world.ask("show_candidate", "platform", **OTHER)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    due = world.due("signature")
    outcome = world.ask("candidate_withdraws", "platform", candidate_ref="D", reason="candidate_declined")
    assert outcome.entries[0].entry.kind == "recorded"
    assert (world.state(), world.due("signature")) == ("candidate_selected", due)
    refused = world.refusal("candidate_withdraws", "host", candidate_ref="nobody", reason="other")
    assert refused == {"candidate_not_shown"}


def two_posts(world: World) -> None:
    world.place("Q")
    for reference in ("P", "Q"):
        world.ask("grant_post", "anct", reference, granted_on=date(2021, 1, 4))
        world.ask("show_candidate", "platform", reference, candidate_ref="C", candidate_name=CANARY)
    world.ask("select_candidate", "host", "P", selected_candidate_ref="C")


def test_one_person_is_selected_on_one_post(world: World) -> None:
    two_posts(world)
    assert world.refusal("select_candidate", "host", "Q", selected_candidate_ref="C") == {"value_taken"}
    assert world.state("Q") == "candidate_shown"


def test_a_person_given_up_by_one_post_is_free_for_another(world: World) -> None:
    two_posts(world)
    world.ask("candidate_withdraws", "host", "P", candidate_ref="C", reason="candidate_found_other_post")
    world.ask("select_candidate", "host", "Q", selected_candidate_ref="C")
    assert world.faults() == []


def test_a_person_given_up_by_a_timeout_that_is_due_is_free(world: World) -> None:
    two_posts(world)
    world.sleep(days=14)
    world.ask("show_candidate", "platform", "Q", candidate_ref="D", candidate_name=CANARY)
    world.sleep(days=2)
    # Both clocks have run out: the first post gives the person up, the second is shown him again.
    world.ask("show_candidate", "platform", "Q", candidate_ref="C", candidate_name=CANARY)
    world.ask("select_candidate", "host", "Q", selected_candidate_ref="C")
    assert (world.state("P"), world.state("Q")) == ("post_vacant", "candidate_selected")
    assert world.faults(swept=True) == []


def test_a_person_is_free_once_the_convention_is_over(world: World) -> None:
    two_posts(world)
    world.ask("withdraw", "host", "P", reason="host_withdrew")
    world.ask("select_candidate", "host", "Q", selected_candidate_ref="C")
    assert world.faults() == []
