"""Moments: which day a fact is of, what stands in its way, and what becomes of dates that move."""

from datetime import date

import pytest

from tests.world import World, contact, contract, instant, reach
from workflow.commands import Fire
from workflow.errors import TransitionRefused


def test_the_moment_and_the_date_of_a_fact_agree(world: World) -> None:
    at = instant("2021-01-04T08:00")
    assert world.refusal("grant_post", "anct", granted_on=date(2021, 1, 3)) == {"before_placement"}
    world.sleep(days=3)
    assert world.refusal("grant_post", "anct", granted_on=date(2021, 1, 6), at=world.now) == {"dates_disagree"}
    assert world.refusal("grant_post", "anct", granted_on=date(2021, 1, 9)) == {"in_the_future"}
    assert world.refusal("grant_post", "anct", granted_on=date(2021, 1, 4), at=at) == {"before_placement"}
    outcome = world.ask("grant_post", "anct", granted_on=date(2021, 1, 6))
    assert outcome.entries[0].entry.occurred_at == instant("2021-01-05T23:00")


def test_the_day_of_a_fact_is_the_local_one() -> None:
    world = World.starting(instant("2021-03-02T05:00"))
    world.place(territory="987")
    world.sleep(hours=2)
    # It is still the first of March on Tahiti.
    assert world.refusal("grant_post", "anct", granted_on=date(2021, 3, 2), at=world.now) == {"dates_disagree"}
    world.ask("grant_post", "anct", granted_on=date(2021, 3, 1), at=world.now)


def test_a_contact_may_be_earlier_than_the_fact_but_never_later(world: World) -> None:
    reach(world, "candidate_selected")
    assert world.refusal("contact_training_body", "host", **contact(date(2021, 1, 5))) == {"contact_after_fact"}
    world.ask("contact_training_body", "host", **contact(date(2020, 12, 20)))


def test_a_bare_day_is_its_start_or_the_last_entry_of_that_day(world: World) -> None:
    reach(world, "candidate_selected")
    outcome = world.ask("contact_training_body", "host", at=date(2021, 1, 4), **contact(date(2021, 1, 4)))
    assert outcome.entries[0].entry.occurred_at == instant("2021-01-04T09:00")
    world.wait(days=2)
    world.ask("sign_contract", "host", **contract(date(2021, 1, 5)))
    assert world.engine.view("P").facts.state_since == instant("2021-01-04T23:00")


def test_a_fact_dated_earlier_does_not_take_the_day_of_the_last_move_away(world: World) -> None:
    reach(world, "training_body_contacted")
    world.wait(days=1)
    world.ask("set_schedule", "anct", at=instant("2021-01-04T09:00"), funded_months=12)
    assert world.engine.view("P").facts.occurred_at < world.now
    world.ask("sign_contract", "host", **contract(date(2021, 1, 4)))
    assert world.faults() == []


def test_a_transition_earlier_than_another_is_late(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=17)
    with pytest.raises(TransitionRefused) as refused:
        world.ask("select_candidate", "host", at=date(2021, 1, 18), selected_candidate_ref="C-P")
    (blocker,) = refused.value.blockers
    assert blocker.code == "entries_in_the_way"
    assert [entry["trigger"] for entry in blocker.details["entries"]] == ["lapse_selection"]


def test_a_recorded_fact_dated_earlier_is_judged_in_the_state_of_that_moment(world: World) -> None:
    reach(world, "in_training")
    world.wait(days=3)
    world.ask("take_up_post", "host", reason="training_shortened")
    world.wait(days=3)
    training = instant("2021-01-06T09:00")
    # Renewing a contract is for who is in post, which nobody was on that day.
    assert world.refusal("renew_contract", "host", at=training, contract_ends_on=date(2025, 1, 1)) == {
        "not_allowed_here"
    }
    outcome = world.ask("record_certification", "training_body", at=training, result="passed")
    assert outcome.entries[0].entry.occurred_at == training
    assert world.state() == "in_post"
    assert world.faults() == []


def test_nothing_is_recorded_of_a_time_before_the_grant(world: World) -> None:
    world.wait(days=2)
    reach(world, "candidate_shown")
    refused = world.refusal(
        "contact_training_body", "host", at=instant("2021-01-05T09:00"), **contact(date(2021, 1, 5))
    )
    assert refused == {"post_not_granted"}


def test_what_is_set_to_a_day_long_past_is_missed_when_it_is_set(world: World) -> None:
    reach(world, "contract_signed")
    world.wait(days=3)
    world.ask("set_schedule", "anct", tranche_1_due_on=date(2020, 6, 1))
    world.engine.sweep()
    entry = world.history()[-1].entry
    assert (entry.kind, entry.occurred_at, entry.due_at) == (
        "milestone",
        world.now,
        instant("2020-05-31T22:00"),
    )


def test_a_fact_dated_before_the_signature_cannot_have_a_deadline_missed_before_it(world: World) -> None:
    reach(world, "training_body_contacted")
    world.wait(days=5)
    world.ask("sign_contract", "host", at=world.now, **contract(date(2021, 1, 9)))
    world.ask("set_schedule", "anct", at=instant("2021-01-05T09:00"), convention_starts_on=date(2017, 6, 1))
    world.engine.sweep()
    ended = {entry.deadline: entry for entry in (item.entry for item in world.history()) if entry.kind != "reminder"}
    assert ended["funding"].occurred_at == ended["convention"].occurred_at == world.now
    assert ended["convention"].due_at == instant("2020-05-31T22:00")
    assert world.state() == "convention_ended"
    assert world.faults(swept=True) == []


def test_the_schedule_moves_the_end_of_the_convention(world: World) -> None:
    reach(world, "contract_signed")
    assert world.due("convention") == instant("2024-01-03T23:00")
    world.ask("set_schedule", "anct", convention_starts_on=date(2021, 3, 1))
    assert world.due("convention") == instant("2024-02-29T23:00")
    assert world.due("funding") == instant("2023-02-28T23:00")
    world.ask("set_schedule", "anct", funded_months=12)
    assert world.due("funding") == instant("2022-02-28T23:00")


def test_a_reminder_is_sent_again_for_a_date_that_moved(world: World) -> None:
    reach(world, "in_post")
    world.wait_until(instant("2023-11-10T12:00"))
    assert ("reminder", None, "contract_end", instant("2023-11-03T23:00")) in world.story()
    world.ask("renew_contract", "host", contract_ends_on=date(2024, 2, 1))
    world.wait_until(instant("2023-12-31T12:00"))
    sent = [at for kind, _, name, at in world.story() if kind == "reminder" and name == "contract_end"]
    assert sent == [instant("2023-11-03T23:00"), instant("2023-11-30T23:00")]


@pytest.mark.parametrize(
    ("territory", "shown", "due"),
    [
        ("75", "2021-03-13T12:00", "2021-03-28T22:00"),
        ("75", "2021-03-14T12:00", "2021-03-29T22:00"),
        ("75", "2021-10-16T12:00", "2021-10-31T23:00"),
        ("975", "2021-02-27T12:00", "2021-03-15T02:00"),
        ("975", "2021-10-23T12:00", "2021-11-08T03:00"),
        ("974", "2021-03-13T12:00", "2021-03-28T20:00"),
    ],
)
def test_a_period_over_a_night_in_which_the_clocks_change_ends_at_local_midnight(
    territory: str, shown: str, due: str
) -> None:
    world = World.starting(instant(shown))
    world.place(territory=territory)
    reach(world, "candidate_shown")
    assert world.due("selection") == instant(due)
    world.sleep(days=20)
    world.engine.sweep()
    assert world.story()[-1] == ("timeout", "lapse_selection", "selection", instant(due))


def test_notices_of_last_year_are_kept_and_not_sent(world: World) -> None:
    reach(world, "candidate_shown")
    world.sleep(days=11)
    world.engine.sweep()
    world.sleep(days=400)
    world.engine.sweep()
    stale = {(notice.kind, notice.deadline): notice.stale for _, notice in world.memory.notices()}
    assert stale == {
        ("reminder", "selection"): True,
        ("timeout", "selection"): True,
        ("reminder", "vacancy"): True,
        ("timeout", "vacancy"): True,
    }
    first = world.memory.notices()[0][1]
    assert (first.at, first.stale) == (instant("2021-01-13T23:00"), False)


def test_a_clock_that_was_set_back_does_not_turn_history_around(world: World) -> None:
    reach(world, "candidate_shown")
    world.clock.at = instant("2021-01-01T09:00")
    world.ask("reject_candidates", "host", reason="profile_mismatch")
    entry = world.history()[-1].entry
    assert entry.recorded_at == entry.occurred_at == instant("2021-01-04T09:00")
    assert world.faults() == []


def test_a_preview_tells_what_would_be_and_keeps_nothing(world: World) -> None:
    reach(world, "candidate_shown")
    world.sleep(days=20)
    told = world.engine.preview(Fire(reference="P", trigger="withdraw", actor="x", roles=("host",), reason="other"))
    assert [item.entry.kind for item in told.settled] == ["reminder", "reminder", "timeout"]
    assert world.engine.view("P").pending == ("selection",)
    assert world.state() == "candidate_shown"
