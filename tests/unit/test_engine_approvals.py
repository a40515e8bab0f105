"""Four eyes: a correction with legal effect waits for a second person, who approves or refuses it."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.world import CANARY, FOUR_EYES, World, contract, instant, reach
from workflow.approving import MAX_WAITING
from workflow.commands import Adjust, Amend, Decide, Erase, Fire, Moment, Outcome, Reverse, Void
from workflow.errors import TransitionRefused
from workflow.facts import Waiting

SUPERVISOR = ("supervisor",)


@pytest.fixture
def eyed() -> World:
    """The shipped process, with approvals; an application of the 4th of January 2021."""
    world = World.starting(instant("2021-01-04T09:00"), FOUR_EYES)
    world.place()
    return world


def ask(world: World, command: Any, /, **said: Any) -> Outcome:
    common = {"reference": "P", "actor": "Ada", "roles": SUPERVISOR, "reason": "entered_by_mistake"}
    return world.engine.ask(command(**{**common, **said}))


def approve(world: World, who: str = "Grace", role: str = "anct", **said: Any) -> Outcome:
    return world.engine.ask(Decide(reference="P", verdict="approve", actor=who, roles=(role,), **said))


def refuse(world: World, who: str = "Grace", roles: tuple[str, ...] = ("anct",), **said: Any) -> Outcome:
    reason = {"reason": "other", **said}
    return world.engine.ask(Decide(reference="P", verdict="refuse", actor=who, roles=roles, **reason))


def refused(act: Any, *arguments: Any, **said: Any) -> set[str]:
    with pytest.raises(TransitionRefused) as refusal:
        act(*arguments, **said)
    return {blocker.code for blocker in refusal.value.blockers}


def waiting(world: World) -> tuple[Waiting, ...]:
    return world.engine.view("P").facts.requests


def steps(world: World) -> list[tuple[str, object]]:
    return [(item.entry.kind, item.entry.fields.get("approval.step")) for item in world.history()]


def test_correction_that_needs_approval_becomes_a_request_and_changes_nothing(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    before = eyed.engine.view("P")
    outcome = ask(eyed, Reverse)
    [entry] = (item.entry for item in outcome.entries)
    assert (entry.kind, entry.fields["approval.step"], entry.role) == ("approval", "requested", "supervisor")
    assert entry.concerns == before.facts.state_seq
    after = eyed.engine.view("P")
    assert (after.facts.state, after.facts.revision, after.deadlines) == (
        before.facts.state, before.facts.revision, before.deadlines
    )  # fmt: skip
    assert outcome.waits == waiting(eyed)[0]
    assert outcome.waits == Waiting(
        entry.seq, "reverse", "select_candidate", ("anct", "supervisor"), entry.actor, eyed.now
    )
    assert eyed.faults() == []


def test_second_person_approves_and_both_acts_are_in_the_history(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    asked = ask(eyed, Reverse).entries[0]
    outcome = approve(eyed)
    approval, reversal = (item.entry for item in outcome.entries)
    assert (approval.kind, approval.role, approval.concerns, approval.concerns_hash) == (
        "approval", "anct", asked.entry.seq, asked.hash
    )  # fmt: skip
    assert (reversal.kind, reversal.actor, reversal.reason) == ("reversal", asked.entry.actor, "entered_by_mistake")
    assert approval.actor != reversal.actor
    assert approval.correlation == reversal.correlation == f"request.{asked.entry.seq}"
    assert (eyed.state(), waiting(eyed)) == ("candidate_shown", ())
    assert eyed.faults() == []


def test_who_asked_may_not_approve_in_any_role(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    ask(eyed, Reverse)
    assert refused(approve, eyed, who="Ada") == {"second_person_needed"}
    assert refused(approve, eyed, who="Ada", role="supervisor") == {"second_person_needed"}
    own = Decide(reference="P", verdict="approve", actor="Ada", roles=("anct",))
    assert refused(eyed.engine.preview, own) == {"second_person_needed"}
    assert len(waiting(eyed)) == 1


def test_only_the_roles_that_are_named_approve_or_refuse(eyed: World) -> None:
    reach(eyed, "contract_signed")
    ask(eyed, Amend, fields={"monthly_gross": "1900"})
    assert refused(approve, eyed, role="supervisor") == {"role_not_allowed"}
    assert refused(refuse, eyed, roles=("supervisor",)) == {"role_not_allowed"}
    assert refused(refuse, eyed, roles=()) == {"role_needed"}
    assert refused(refuse, eyed, reason=None) == {"reason_needed"}
    assert len(waiting(eyed)) == 1


def test_refused_request_waits_no_longer_and_changes_nothing(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    asked = ask(eyed, Reverse).entries[0].entry
    [entry] = (item.entry for item in refuse(eyed).entries)
    assert (entry.fields["approval.step"], entry.concerns, entry.reason) == ("refused", asked.seq, "other")
    assert (eyed.state(), waiting(eyed)) == ("candidate_selected", ())
    assert refused(approve, eyed) == {"no_request"}
    assert eyed.faults() == []


def test_who_asked_withdraws_without_the_role(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    ask(eyed, Reverse)
    [entry] = (item.entry for item in refuse(eyed, who="Ada", roles=()).entries)
    assert (entry.fields["approval.step"], entry.role) == ("withdrawn", None)
    assert waiting(eyed) == ()


def test_request_that_would_be_refused_now_is_not_even_entered(eyed: World) -> None:
    reach(eyed, "contract_signed")
    assert refused(ask, eyed, Amend, fields={"monthly_gross": "1200"}) == {"pay_below_minimum"}
    assert refused(ask, eyed, Reverse, roles=("host",), reason=None) == {"role_not_allowed", "reason_needed"}
    assert waiting(eyed) == ()


def test_approved_amendment_is_decided_as_asked_with_its_personal_values(eyed: World) -> None:
    reach(eyed, "contract_signed")
    request = ask(eyed, Amend, fields={"monthly_gross": "1900,50", "host_name": "Nuits"}, reason=f"{CANARY} told us")
    entry = request.entries[0].entry
    assert {"monthly_gross", "reason"} == set(entry.commitments)
    assert entry.fields["asked.host_name"] == "Nuits"
    assert b"1900" not in request.entries[0].data
    eyed.wait(days=2)
    amendment = approve(eyed).entries[1].entry
    assert (amendment.kind, amendment.occurred_at, amendment.reason) == ("amendment", eyed.now, "other")
    view = eyed.engine.view("P")
    assert (view.personal["monthly_gross"], view.facts.fields["host_name"]) == (190050, "Nuits")
    with eyed.store.reading() as reading:
        assert CANARY in "".join(map(str, [view_.value for view_ in eyed.engine.persons("P").values]))
        assert (amendment.seq, "reason") in reading.personal(view.facts.id)
    assert eyed.faults() == []


def test_every_kind_of_value_survives_the_wait(eyed: World) -> None:
    reach(eyed, "contract_signed")
    fields = {"grant_amount": "61234.57", "territory": "974", "convention_months": "24", "host_email": ""}
    ask(eyed, Amend, fields=fields, accept_earlier=True)
    assert approve(eyed).entries[1].entry.fields == {
        "grant_amount": 6123457, "territory": "974", "convention_months": 24, "host_email": None,
        "moved.convention": "2024-01-03 2023-01-03",
    }  # fmt: skip


def test_fields_that_are_not_named_are_amended_at_once(eyed: World) -> None:
    reach(eyed, "contract_signed")
    assert ask(eyed, Amend, fields={"host_name": "Nuits"}).waits is None
    assert eyed.engine.view("P").facts.fields["host_name"] == "Nuits"


def test_default_that_follows_an_amended_field_needs_approval_like_the_field_itself(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    assert ask(eyed, Amend, fields={"funded_months": "18"}).waits is not None


def test_clocks_run_while_a_request_waits_and_what_is_refused_then_is_not_approved(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    request = ask(eyed, Adjust, deadline="selection", kind="move", to=date(2021, 3, 1)).entries[0].entry
    eyed.sleep(days=20)
    assert refused(approve, eyed, role="supervisor") == {"not_running"}
    assert eyed.state() == "post_vacant"
    assert [each.seq for each in waiting(eyed)] == [request.seq], "not approved, and still there to be refused"
    assert eyed.faults() == []


def test_moment_that_was_asked_holds_at_the_approval(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    eyed.wait(days=2)
    ask(eyed, Adjust, deadline="selection", kind="pause", at=date(2021, 1, 6), ground="Law")
    eyed.wait(days=3)
    pause = approve(eyed, role="supervisor").entries[1].entry
    assert pause.occurred_at == instant("2021-01-05T23:00")
    assert "ground" in pause.commitments


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        (datetime(2021, 1, 6, 15, 30), instant("2021-01-06T14:30")),
        (datetime(2021, 1, 6, 15, 30, tzinfo=timezone(timedelta(hours=4))), instant("2021-01-06T11:30")),
        (date(2021, 1, 6), instant("2021-01-05T23:00")),
    ],
)
def test_moment_is_kept_as_it_was_said(eyed: World, at: Moment, meant: datetime) -> None:
    reach(eyed, "contract_signed")
    eyed.wait(days=4)
    ask(eyed, Amend, fields={"monthly_gross": "1900"}, at=at)
    assert approve(eyed).entries[1].entry.occurred_at == meant


def test_moment_that_was_not_said_is_that_of_the_approval(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    ask(eyed, Adjust, deadline="selection", kind="pause")
    eyed.wait(days=3)
    assert approve(eyed, role="supervisor").entries[1].entry.occurred_at == eyed.now


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"kind": "extension", "by": "10 days"}, instant("2021-01-29T23:00")),
        ({"kind": "move", "to": date(2021, 3, 1)}, instant("2021-03-01T23:00")),
    ],
)
def test_lines_of_the_ledger_are_as_asked(eyed: World, said: dict[str, Any], status: object) -> None:
    reach(eyed, "candidate_shown")
    assert ask(eyed, Adjust, deadline="selection", **said).waits is not None
    approve(eyed, role="supervisor")
    assert eyed.due("selection") == status


def test_deadlines_that_are_not_named_move_at_once(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    assert ask(eyed, Adjust, deadline="signature", kind="move", to=date(2021, 3, 1)).waits is None


def late(world: World, **said: Any) -> Outcome:
    fact = {"trigger": "select_candidate", "fields": {"selected_candidate_ref": "C-P"}, "at": date(2021, 1, 14)}
    return ask(world, Fire, late=True, **{**fact, **said})


def test_late_fact_waits_where_it_would_reverse_a_timeout(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    eyed.wait(days=17)
    request = late(eyed)
    assert request.waits is not None
    assert (request.waits.act, request.waits.about, eyed.state()) == ("late", "select_candidate", "post_vacant")
    assert [item.entry.kind for item in approve(eyed).entries] == ["approval", "reversal", "transition"]
    assert eyed.state() == "candidate_selected"
    assert eyed.history()[-1].entry.late
    assert eyed.faults() == []


def test_late_fact_with_nothing_in_its_way_waits_for_nobody(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    eyed.wait(days=11)
    assert late(eyed).waits is None
    assert eyed.state() == "candidate_selected"


def test_late_fact_of_another_trigger_is_entered_at_once(eyed: World) -> None:
    reach(eyed, "training_body_contacted")
    eyed.wait(days=17)
    said = {name: str(value) for name, value in contract(date(2021, 1, 18), monthly_gross="1700").items()}
    assert late(eyed, trigger="sign_contract", fields=said, at=date(2021, 1, 18)).waits is None
    assert eyed.state() == "contract_signed"


def test_reversal_is_approved_for_the_move_that_was_meant_and_no_other(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    ask(eyed, Reverse)
    ask(eyed, Reverse)
    first, second = (each.seq for each in waiting(eyed))
    assert refused(approve, eyed) == {"request_unclear"}
    approve(eyed, request=first)
    assert refused(approve, eyed, request=second) == {"request_overtaken"}
    assert eyed.state() == "candidate_shown"
    assert refused(approve, eyed, request=99) == {"no_request"}


def test_approved_reversal_takes_the_waiver_that_was_asked(eyed: World) -> None:
    reach(eyed, "candidate_shown")
    eyed.wait(days=20)
    assert refused(ask, eyed, Reverse) == {"date_needed"}
    ask(eyed, Reverse, waive=True)
    assert [item.entry.kind for item in approve(eyed).entries] == ["approval", "reversal", "move"]
    ask(eyed, Void)


def test_nothing_waits_on_a_placement_that_was_voided(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    ask(eyed, Reverse)
    void = ask(eyed, Void).entries[0].entry.seq
    assert eyed.state() == "candidate_selected"
    approve(eyed, request=void)
    assert (eyed.state(), waiting(eyed)) == ("voided", ())
    assert eyed.faults() == []


def test_erased_value_of_a_request_cannot_be_approved(eyed: World) -> None:
    reach(eyed, "contract_signed")
    ask(eyed, Amend, fields={"monthly_gross": "1900"}, reason="Told by phone")
    erase = Erase(
        reference="P", ground="no_longer_necessary", decision="DPO-1", actor="Ada", fields=["monthly_gross"],
        roles=SUPERVISOR,
    )  # fmt: skip
    eyed.engine.ask(erase)
    kept = {(view.seq, view.name): view.erased for view in eyed.engine.persons("P").values}
    assert kept[waiting(eyed)[0].seq, "monthly_gross"]
    assert eyed.engine.view("P").facts.erased == ("monthly_gross",)
    assert refused(approve, eyed) == {"value_erased"}
    assert eyed.faults() == []


def test_request_brings_no_erased_field_back_to_life(eyed: World) -> None:
    reach(eyed, "contract_signed")
    eyed.engine.ask(
        Erase(
            reference="P", ground="objection", decision="DPO-2", actor="Ada", fields=["monthly_gross"], roles=SUPERVISOR
        )
    )
    ask(eyed, Amend, fields={"monthly_gross": "1900"})
    assert eyed.engine.view("P").facts.erased == ("monthly_gross",)
    assert eyed.faults() == []


def test_values_of_a_request_expire_like_all_others(eyed: World) -> None:
    reach(eyed, "contract_signed")
    ask(eyed, Amend, fields={"monthly_gross": "1900"}, reason="Told by phone")
    seq = waiting(eyed)[0].seq
    eyed.ask("break_contract", "host", broken_on=eyed.now.date(), break_motive="M")
    eyed.ask("withdraw", "host", reason="other")
    eyed.wait(days=365 * 6)
    erased = {view.name for view in eyed.engine.persons("P").values if view.seq == seq and view.erased}
    assert erased == {"monthly_gross", "reason"}
    assert eyed.faults(swept=True) == []


def test_requests_are_bounded(eyed: World) -> None:
    reach(eyed, "contract_signed")
    for _ in range(MAX_WAITING):
        ask(eyed, Amend, fields={"monthly_gross": "1900"})
    assert refused(ask, eyed, Amend, fields={"monthly_gross": "1900"}) == {"too_many_requests"}
    assert len(waiting(eyed)) == MAX_WAITING


def test_the_same_command_twice_is_one_request_and_one_approval(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    assert not ask(eyed, Reverse, key="ask").repeated
    assert ask(eyed, Reverse, key="ask").repeated
    assert len(waiting(eyed)) == 1
    assert not approve(eyed, key="yes").repeated
    assert approve(eyed, key="yes").repeated
    assert steps(eyed)[-3:] == [("approval", "requested"), ("approval", "approved"), ("reversal", None)]


def test_preview_tells_what_an_approval_would_do_and_writes_nothing(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    assert eyed.engine.preview(Reverse(reference="P", actor="Ada", reason="other", roles=SUPERVISOR)).waits is not None
    assert waiting(eyed) == ()
    ask(eyed, Reverse)
    told = eyed.engine.preview(Decide(reference="P", verdict="approve", actor="Grace", roles=("anct",)))
    assert [item.entry.kind for item in told.entries] == ["approval", "reversal"]
    assert (eyed.state(), len(waiting(eyed))) == ("candidate_selected", 1)


def test_request_counts_in_no_sum_and_as_no_fact(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    ask(eyed, Reverse)
    facts = eyed.engine.view("P").facts
    assert facts.counts["select_candidate"] == 1
    assert all("." not in name for name in facts.fields)


def test_shipped_definition_asks_for_no_approval(world: World) -> None:
    reach(world, "candidate_selected")
    assert ask(world, Reverse).waits is None
    assert world.state() == "candidate_shown"


def test_entry_to_be_taken_back_waits_too_and_is_the_one_that_was_meant(eyed: World) -> None:
    reach(eyed, "candidate_selected")
    seq = ask(eyed, Adjust, deadline="signature", kind="move", to=date(2021, 3, 1)).entries[0].entry.seq
    request = ask(eyed, Reverse, entry=seq).entries[0].entry
    assert (request.concerns, request.fields["approval.about"]) == (seq, "move")
    reversal = approve(eyed).entries[1].entry
    assert (reversal.kind, reversal.concerns, eyed.state()) == ("reversal", seq, "candidate_selected")
    assert eyed.faults() == []


def test_fact_within_its_grace_waits_for_nobody() -> None:
    graced = FOUR_EYES.replace(b"    then: lapse_selection\n", b"    then: lapse_selection\n    entry_grace: 3 days\n")
    world = World.starting(instant("2021-01-04T09:00"), graced)
    world.place()
    reach(world, "candidate_shown")
    world.wait(days=17)
    assert late(world).waits is None
    assert world.state() == "candidate_selected"


def test_what_a_request_would_let_expire_is_kept_while_it_waits() -> None:
    source = FOUR_EYES.replace(b"triggers: [select_candidate]", b"triggers: [withdraw]")
    world = World.starting(instant("2021-01-04T09:00"), source)
    world.place()
    reach(world, "candidate_shown")
    world.wait_until(instant("2023-02-01T09:00"))
    fact = {"trigger": "withdraw", "fields": {}, "at": date(2021, 1, 10)}
    assert late(world, **fact).waits is not None
    kept = {view.name: view.value for view in world.engine.persons("P").values}
    assert kept["candidate_ref"] == "C-P"
    assert [item.entry.kind for item in approve(world).entries][-1] == "erasure"
    assert world.engine.persons("P").values[0].erased
    assert world.faults() == []
