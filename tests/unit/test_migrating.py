"""A migration brings placements under another version: dates kept, computed anew, ended; nothing lost, undone alike."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.definitions import shipped
from tests.world import World, instant, reach
from workflow.commands import Adjust, Fire, Migrate, Reverse
from workflow.errors import NotFound, TransitionRefused, UnknownName
from workflow.history import ChainedEntry
from workflow.migrating import DatePlan, Planned

TWO = ("version: 1\n", "version: 2\n")
SIGNATURE = """\
    after: candidate_selected     # contacting the training body does not restart it
    within: 15 days"""
LONGER = (SIGNATURE, SIGNATURE.replace("15 days", "1 month"))
SHORTER = (SIGNATURE, SIGNATURE.replace("15 days", "6 days"))
SUPERVISOR = ("supervisor",)


def publish(world: World, *changes: tuple[str, str], version: int = 2) -> str:
    """Publish the shipped definition with changes, as this version; gives its digest."""
    world.sleep(microseconds=1)
    text = shipped(("version: 1\n", f"version: {version}\n"), *changes)
    return world.engine.publish(text.encode(), "states.yaml").digest


def selected(at: str = "2021-03-01 10:00") -> World:
    """One post whose candidate was just selected: the signature is due on the 16th."""
    world = World.starting(instant(at))
    world.place()
    reach(world, "candidate_selected")
    return world


def command(to: str, **said: Any) -> Migrate:
    return Migrate(**{"to": to, "reason": "new_rules", "actor": "Ada", "roles": SUPERVISOR, **said})


def migrate(world: World, to: str, *references: str, **said: Any) -> Planned:
    names = references or ("P",)
    return world.engine.migrate(command(to, **said), dict.fromkeys(names))[0]


def plan(world: World, to: str, **said: Any) -> Planned:
    return world.engine.plan(command(to, **said), ["P"])[0]


def codes(planned: Planned) -> list[str]:
    return [blocker.code for blocker in planned.blockers]


def fate(planned: Planned, name: str) -> DatePlan:
    return next(each for each in planned.dates if each.name == name)


def days(each: DatePlan) -> tuple[str, date | None, date | None]:
    return each.fate, each.before and each.before[0], each.after and each.after[0]


def last(world: World) -> ChainedEntry:
    return world.history()[-1]


def said(world: World) -> Mapping[str, Any]:
    return last(world).entry.fields


def migrations(world: World) -> Sequence[str]:
    return [item.entry.kind for item in world.history() if item.entry.kind == "migration"]


def test_a_running_deadline_is_computed_anew_from_its_old_anchor():
    world = selected()
    world.sleep(days=3)
    planned = migrate(world, publish(world, LONGER))
    assert days(fate(planned, "signature")) == ("recompute", date(2021, 3, 16), date(2021, 4, 1))
    assert world.due("signature") == instant("2021-04-01 22:00")
    assert world.faults() == []


def test_the_history_says_under_which_version_it_goes_on_and_what_became_of_each_date():
    world = selected()
    migrate(world, publish(world, LONGER))
    entry = last(world).entry
    assert (entry.kind, entry.from_state, entry.to_state) == ("migration", "candidate_selected", "candidate_selected")
    assert (entry.definition.version, entry.role, entry.reason) == (2, "supervisor", "other")
    assert entry.fields == {"dates": "recompute signature 2021-03-16 2021-04-01"}


def test_new_placements_and_old_ones_live_under_their_own_versions_until_then():
    world = selected()
    publish(world, LONGER)
    world.place("Q")
    reach(world, "candidate_selected", "Q")
    assert (world.due("signature", "P"), world.due("signature", "Q")) == (
        instant("2021-03-16 23:00"), instant("2021-04-01 22:00"),
    )  # fmt: skip


def test_a_shorter_rule_keeps_the_later_date_that_people_were_told():
    world = selected()
    world.sleep(days=1)
    planned = migrate(world, publish(world, SHORTER))
    assert days(fate(planned, "signature")) == ("keep", date(2021, 3, 16), date(2021, 3, 16))
    assert said(world)["keep"] == "signature"
    assert world.due("signature") == instant("2021-03-16 23:00")


def test_an_earlier_date_that_is_accepted_may_fall_due_at_once_at_the_moment_of_the_migration():
    world = selected()
    world.sleep(days=10)
    digest = publish(world, SHORTER)
    planned = migrate(world, digest, accept_earlier=True)
    assert planned.fires == ("signature",)
    at = last(world).entry.occurred_at
    world.engine.sweep()
    timeout = next(item.entry for item in world.history() if item.entry.kind == "timeout")
    assert (timeout.occurred_at, timeout.due_at) == (at, instant("2021-03-07 23:00"))
    assert world.faults(swept=True) == []


def test_what_was_due_is_settled_under_the_old_rules_first():
    world = selected()
    world.sleep(days=20)
    planned = migrate(world, publish(world, LONGER))
    assert (planned.state, planned.settled) == ("post_vacant", 3)
    assert [item.entry.kind for item in world.history()[-4:]] == ["reminder", "reminder", "timeout", "migration"]
    assert world.history()[-2].entry.definition.version == 1


def test_a_date_that_is_kept_stays_through_later_entries_and_is_explained():
    world = selected()
    migrate(world, publish(world, LONGER), keep=["signature"])
    world.ask("contact_training_body", "host", training_body="Simplon", training_body_contacted_on=world.now.date())
    assert world.due("signature") == instant("2021-03-16 23:00")
    assert "kept" in [step.code for step in world.engine.explain("P", "signature").steps]
    assert world.faults() == []


def test_a_kept_date_gives_back_the_days_of_a_pause_that_stood():
    world = selected()
    world.engine.ask(adjust("pause"))
    migrate(world, publish(world, LONGER), keep=["signature"])
    world.sleep(days=30)
    world.engine.ask(adjust("resume"))
    assert world.due("signature") == instant("2021-04-15 22:00")
    assert world.engine.explain("P", "signature").last_day == date(2021, 4, 15)
    assert world.engine.explain("P", "signature").steps


def adjust(kind: Any, **more: Any) -> Adjust:
    return Adjust(reference="P", deadline="signature", kind=kind, reason="sick", actor="Ada", roles=SUPERVISOR, **more)


def test_a_date_counted_in_hours_is_kept_to_the_second():
    world = World.starting(instant("2021-03-01 10:00"), shipped((SIGNATURE, SIGNATURE.replace("15 days", "50 hours"))
                                                               , ("remind: [5 days before, 1 day before]\n"
                                                                  "    then: lapse_signature",
                                                                  "then: lapse_signature")).encode())  # fmt: skip
    world.place()
    reach(world, "candidate_selected")
    migrate(world, publish(world, (SIGNATURE, SIGNATURE.replace("15 days", "20 hours")),
                           ("remind: [5 days before, 1 day before]\n    then: lapse_signature",
                            "then: lapse_signature")))  # fmt: skip
    assert world.due("signature") == instant("2021-03-03 12:00")
    assert world.engine.explain("P", "signature").steps


def test_a_deadline_that_is_dropped_does_not_fire_and_another_migration_brings_it_back():
    world = selected()
    first = world.engine.current_rules().definition.digest
    planned = migrate(world, publish(world), drop=["signature"])
    assert days(fate(planned, "signature")) == ("drop", date(2021, 3, 16), None)
    assert planned.idle
    world.wait(days=3)
    assert world.due("signature") is None
    migrate(world, first)
    assert world.due("signature") == instant("2021-03-16 23:00")
    assert world.faults() == []


def test_a_deadline_that_the_version_does_not_have_ends_and_comes_back_with_its_ledger():
    world = selected()
    first = world.engine.current_rules().definition.digest
    world.engine.ask(adjust("extension", by="10 days"))
    text = shipped(TWO)
    start = text.index("  signature:\n    label")
    without = text[:start] + text[text.index("  selection:\n    label") :]
    without = without.replace("before: [training, signature,", "before: [training,")
    for state in ("candidate_selected:      {", "training_body_contacted: {"):
        without = without.replace(state, f"{state}open_ended: true, ")
    world.sleep(microseconds=1)
    second = world.engine.publish(without.encode(), "states.yaml").digest
    migrate(world, second)
    world.ask("contact_training_body", "host", training_body="Simplon", training_body_contacted_on=world.now.date())
    assert world.due("signature") is None
    migrate(world, first)
    assert world.due("signature") == instant("2021-03-26 23:00")
    assert world.faults() == []


def test_only_who_loses_the_last_clock_is_told_to_be_left_without():
    world = World.starting(instant("2021-03-01 10:00"))
    world.place()
    world.wait(days=400)
    assert not migrate(world, publish(world, LONGER)).idle


def test_a_migration_is_undone_by_another():
    world = selected()
    first = world.engine.current_rules().definition.digest
    before = world.engine.view("P")
    migrate(world, publish(world, LONGER))
    migrate(world, first, accept_earlier=True)
    after = world.engine.view("P")
    assert after.deadlines == before.deadlines
    assert after.facts.definition == first
    assert len(migrations(world)) == 2
    assert world.faults() == []


def test_a_state_goes_on_by_another_name_and_so_do_its_clocks():
    world = selected()
    digest = publish(world, *renamed())
    planned = migrate(world, digest, states={"candidate_selected": "candidate_chosen"})
    assert (planned.state, planned.to_state) == ("candidate_selected", "candidate_chosen")
    assert world.state() == "candidate_chosen"
    assert days(fate(planned, "signature")) == ("same", date(2021, 3, 16), date(2021, 3, 16))
    world.wait(days=20)
    assert world.state() == "post_vacant"
    assert world.faults() == []


def renamed() -> list[tuple[str, str]]:
    """Every mention of one state by another name."""
    text = shipped()
    return [(line, line.replace("candidate_selected", "candidate_chosen"))
            for line in text.splitlines() if "candidate_selected" in line]  # fmt: skip


def test_what_was_done_before_under_another_name_can_be_reversed():
    world = selected()
    world.ask("contact_training_body", "host", training_body="Simplon", training_body_contacted_on=world.now.date())
    migrate(world, publish(world, *renamed()), states={"candidate_selected": "candidate_chosen"})
    world.engine.ask(Reverse(reference="P", reason="by mistake", actor="Ada", roles=SUPERVISOR))
    assert world.state() == "candidate_chosen"
    assert last(world).entry.to_state == "candidate_chosen"
    assert world.faults() == []


def test_a_late_fact_from_before_the_migration_is_judged_by_the_rules_of_today():
    world = selected()
    world.sleep(days=17)
    migrate(world, publish(world, *renamed()), states={"candidate_selected": "candidate_chosen"})
    assert world.state() == "post_vacant"
    contact = Fire(
        reference="P", trigger="contact_training_body", actor="Ada", roles=SUPERVISOR, late=True, reason="typed late",
        at=date(2021, 3, 10), fields={"training_body": "Simplon", "training_body_contacted_on": "2021-03-10"},
    )  # fmt: skip
    world.fire(contact)
    assert "training_body_contacted" in [item.entry.to_state for item in world.history()]
    assert world.faults() == []


def test_a_placement_in_a_state_that_is_no_more_is_refused_and_left_as_it_is():
    world = selected()
    before = world.history()
    planned = migrate(world, publish(world, *renamed()))
    assert codes(planned) == ["state_missing"]
    assert world.history() == before


def test_reversing_into_a_state_that_is_no_more_is_refused():
    world = selected()
    world.ask("contact_training_body", "host", training_body="Simplon", training_body_contacted_on=world.now.date())
    migrate(world, publish(world, *renamed()))
    with pytest.raises(TransitionRefused) as refused:
        world.engine.ask(Reverse(reference="P", reason="by mistake", actor="Ada", roles=SUPERVISOR))
    assert [blocker.code for blocker in refused.value.blockers] == ["state_missing"]
    assert world.faults() == []


def test_a_field_with_a_value_must_be_known_and_of_the_same_kind():
    world = World.starting(instant("2021-03-01 10:00"))
    world.place(workplace_name="Médiathèque")
    (line,) = (line for line in shipped().splitlines() if line.strip().startswith("workplace_name:"))
    personal = (line, line.replace("{type: text", "{type: text, personal: true"))
    kept = ("{fields: [host_email]", "{fields: [host_email, workplace_name]")
    assert codes(migrate(world, publish(world, personal, kept))) == ["field_changed"]
    other = (line, line.replace("workplace_name", "library_name"))
    takes = [(each, each.replace("workplace_name", "library_name")) for each in shipped().splitlines()
             if "workplace_name" in each and each != line]  # fmt: skip
    assert codes(migrate(world, publish(world, other, *takes, version=3))) == ["field_missing"]


@pytest.mark.parametrize(("said", "code"), [({"roles": ("host",)}, "role_not_allowed"), ({"roles": ()}, "role_needed"),
                                            ({"reason": None}, "reason_needed")])  # fmt: skip
def test_a_migration_asks_for_a_supervisor_and_a_reason(said: dict[str, Any], code: str):
    world = selected()
    assert codes(migrate(world, publish(world, LONGER), **said)) == [code]
    assert migrations(world) == []


def test_an_unknown_deadline_or_state_is_wrong_usage():
    world = selected()
    digest = publish(world)
    for said in ({"keep": ["signatur"]}, {"drop": ["x"]}, {"states": {"candidate_selected": "chosen"}}):
        with pytest.raises(UnknownName):
            migrate(world, digest, **said)


def test_an_unpublished_version_is_not_found():
    with pytest.raises(NotFound):
        migrate(selected(), "0" * 64)


def test_the_second_time_there_is_nothing_to_do():
    world = selected()
    digest = publish(world)
    migrate(world, digest)
    assert codes(migrate(world, digest)) == ["already_migrated"]


def test_a_placement_that_changed_since_the_preview_is_left_alone():
    world = selected()
    seen = plan(world, publish(world, LONGER))
    world.ask("contact_training_body", "host", training_body="Simplon", training_body_contacted_on=world.now.date())
    planned = world.engine.migrate(command(world.engine.current_rules().definition.digest), {"P": seen.revision})[0]
    assert codes(planned) == ["moved_on"]
    assert migrations(world) == []


def test_the_plan_is_what_the_migration_then_does_and_writes_nothing():
    world = selected()
    world.sleep(days=20)
    digest = publish(world, LONGER)
    before = world.history()
    seen = plan(world, digest)
    assert world.history() == before
    assert migrate(world, digest) == seen


def test_a_version_can_be_planned_before_it_is_published():
    world = selected()
    rules = world.engine.unpublished(shipped(TWO, LONGER).encode(), "states.yaml")
    planned = world.engine.plan(command(rules.definition.digest), ["P"], rules)[0]
    assert days(fate(planned, "signature")) == ("recompute", date(2021, 3, 16), date(2021, 4, 1))


def test_no_reminder_is_sent_for_a_moment_that_was_over_before_the_migration():
    world = selected()
    world.wait(days=12)
    sent = [item.entry.occurred_at for item in world.history() if item.entry.kind == "reminder"]
    migrate(world, publish(world, ("    remind: [5 days before, 1 day before]\n    then: lapse_signature",
                                   "    remind: [9 days before, 5 days before, 2 days before]\n"
                                   "    then: lapse_signature")))  # fmt: skip
    world.wait(days=10)
    after = [item.entry.occurred_at for item in world.history() if item.entry.kind == "reminder"]
    assert after[: len(sent)] == sent
    assert after[1:] == [instant("2021-03-13 23:00")]
    assert world.faults(swept=True) == []


def test_a_clock_that_the_new_rules_begin_runs_from_the_migration_on():
    world = selected()
    new = """\
  selection:
    label: {fr: Quinze jours pour choisir, en: Fifteen days to choose}
"""
    added = "  briefing: {after: candidate_selected, within: 2 days, while: [candidate_selected]}\n"
    world.sleep(days=5)
    planned = migrate(world, publish(world, (new, added + new)))
    assert days(fate(planned, "briefing")) == ("open", None, date(2021, 3, 3))
    assert planned.fires == ("briefing",)
    world.engine.sweep()
    missed = world.history()[-1].entry
    assert (missed.kind, missed.occurred_at - timedelta(days=5)) == ("missed", instant("2021-03-01 10:00:00.000001"))


def test_a_quota_of_the_new_version_is_taken_and_one_that_is_used_up_refuses():
    world = World.starting(instant("2021-03-01 10:00"))
    for reference in ("P", "Q"):
        world.place(reference)
        world.ask("grant_post", "anct", reference, granted_on=world.now.date())
    text = shipped(TWO)
    start = text.index("quotas:\n")
    added = "quotas:\n  few: {limit: 1, taken_by: grant_post}\n"
    world.sleep(microseconds=1)
    digest = world.engine.publish((text[:start] + added + text[start + len("quotas:\n") :]).encode(), "s").digest
    done = world.engine.migrate(command(digest), {"P": None, "Q": None})
    assert [codes(each) for each in done] == [[], ["quota_exhausted"]]
    assert world.faults() == []


def test_a_look_at_an_earlier_day_shows_the_rules_of_then():
    world = selected()
    world.sleep(days=5)
    migrate(world, publish(world, LONGER))
    assert signature_on(world, date(2021, 3, 3)) == date(2021, 3, 16)
    assert signature_on(world, date(2021, 3, 7)) == date(2021, 4, 1)


def test_a_look_at_an_earlier_day_is_by_later_rules_where_a_fact_of_then_was_entered_under_them():
    world = selected()
    world.sleep(days=17)
    migrate(world, publish(world, *renamed()), states={"candidate_selected": "candidate_chosen"})
    contact = Fire(
        reference="P", trigger="contact_training_body", actor="Ada", roles=SUPERVISOR, late=True, reason="typed late",
        at=date(2021, 3, 10), fields={"training_body": "Simplon", "training_body_contacted_on": "2021-03-10"},
    )  # fmt: skip
    world.fire(contact)
    assert world.engine.view("P", at=date(2021, 3, 12)).facts.state == "training_body_contacted"
    assert world.engine.view("P", at=date(2021, 3, 5)).facts.state == "candidate_selected"


def signature_on(world: World, day: date) -> date | None:
    shown = {view.name: view.last_day for view in world.engine.view("P", at=day).deadlines}
    return shown["signature"]
