"""Placements that cannot be decided: visible, tried again later, never in the way of the others."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from storage.memory import MemoryStore
from tests.world import SHIPPED, World, instant, published, reach
from workflow.calendar import Calendar, load_calendar
from workflow.changes import Published
from workflow.civil.build import build_calendar
from workflow.commands import Adjust, Amend, Decide, Fire, Migrate, Outcome, Retry, Reverse, Void
from workflow.errors import TransitionRefused
from workflow.library import _published
from workflow.loader import read_definition
from workflow.retrying import Retried

# Two states that throw the placement at each other every second, which no check would let pass.
RESTLESS = b"""
definition: restless
version: 1
initial: ping
roles: [clerk]
fields:
  territory: {type: territory, required: true}
  host_name: {type: text}
  host_siret: {type: siret}
  host_type: {type: text}
states:
  ping: {}
  pong: {}
  gone: {final: true}
transitions:
  go: {from: ping, to: pong, by: [scheduler]}
  come: {from: pong, to: ping, by: [scheduler]}
  leave: {from: [ping, pong], to: gone, by: [clerk]}
deadlines:
  there: {after: ping, within: 1 second, while: ping, then: go}
  back: {after: pong, within: 1 second, while: pong, then: come}
"""


def restless(source: bytes = RESTLESS) -> Published:
    return _published(read_definition(source, "restless.yaml"), load_calendar(), instant("2021-01-01"))


def incident_of(world: World) -> str | None:
    incident = world.engine.view("P").incident
    return None if incident is None else incident.code


@pytest.fixture
def restless_world() -> World:
    return restless_one()


def restless_one(source: bytes = RESTLESS) -> World:
    """A world with one placement that cannot be left alone for long."""
    store = MemoryStore()
    with store.writing() as unit:
        unit.publish(restless(source))
    world = World.starting(instant("2021-01-04T09:00"))
    world.store = store
    world.restart()
    world.place()
    return world


def test_a_thousand_firings_in_one_settling_are_an_incident(restless_world: World) -> None:
    world = restless_world
    world.sleep(seconds=1001)
    result = world.engine.sweep()
    assert (result.incidents, result.entries) == (1, 0)
    assert incident_of(world) == "too_many_firings"
    with pytest.raises(TransitionRefused, match="traité") as refused:
        world.ask("leave", "clerk")
    assert [blocker.code for blocker in refused.value.blockers] == ["incident"]


def test_less_than_a_thousand_firings_are_none(restless_world: World) -> None:
    world = restless_world
    world.sleep(seconds=999)
    assert world.engine.sweep().entries == 999
    assert world.faults(swept=True) == []


def test_an_incident_is_tried_again_after_longer_and_longer(restless_world: World) -> None:
    world = restless_world
    world.sleep(seconds=5000)
    waits = []
    for _ in range(13):
        world.engine.sweep()
        incident = world.engine.view("P").incident
        assert incident is not None
        waits.append(incident.retry_at - world.now)
        world.clock.at = incident.retry_at
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(waits) == timedelta(days=1)


def lost(world: World) -> Published:
    """Damage: the definition of the placements so far is gone; new ones have another version."""
    state = world.memory._committed
    gone = state.published.pop(world.engine.current_rules().definition.digest)
    with world.store.writing() as unit:
        unit.publish(published(SHIPPED.replace(b"version: 1\n", b"version: 2\n", 1)))
    world.restart()
    return gone


def test_a_placement_whose_definition_is_missing_does_not_block_the_others(world: World) -> None:
    reach(world, "candidate_shown")
    lost(world)
    world.place("Q")
    reach(world, "candidate_shown", "Q")
    world.sleep(days=30)
    result = world.engine.sweep()
    assert result.incidents == 1
    assert world.state("Q") == "post_vacant"
    assert world.engine.sweep().incidents == 0
    assert world.refusal("withdraw", "host", reason="other") == {"incident"}


def test_an_incident_is_over_once_its_cause_is(world: World) -> None:
    reach(world, "candidate_shown")
    gone = lost(world)
    world.sleep(days=30)
    world.engine.sweep()
    with world.store.writing() as unit:
        unit.publish(gone)
    world.restart()
    assert incident_of(world) == "not_found"
    world.sleep(minutes=2)
    world.engine.sweep()
    assert incident_of(world) is None
    assert world.state() == "post_vacant"
    assert world.faults(swept=True) == []


def correct(world: World, command: Any, /, **said: Any) -> Outcome:
    common = {"reference": "P", "actor": "Ada", "roles": ("supervisor",), "reason": "other"}
    return world.engine.ask(command(**{**common, **said}))


def codes(act: Any, *arguments: Any, **said: Any) -> list[str]:
    with pytest.raises(TransitionRefused) as refused:
        act(*arguments, **said)
    return [blocker.code for blocker in refused.value.blockers]


def stuck(source: bytes = RESTLESS) -> World:
    """A world whose placement fired nine times, and then had an incident."""
    world = restless_one(source)
    world.sleep(seconds=9)
    world.engine.sweep()
    world.sleep(seconds=5000)
    world.engine.sweep()
    assert incident_of(world) == "too_many_firings"
    return world


def test_deadline_moved_on_an_incident_resolves_it_in_the_same_command(restless_world: World) -> None:
    world = restless_world
    world.sleep(seconds=5000)
    world.engine.sweep()
    outcome = correct(world, Adjust, deadline="there", kind="move", to=date(2021, 1, 5))
    assert [item.entry.kind for item in outcome.entries] == ["move"]
    assert (incident_of(world), world.state()) == (None, "ping")
    assert world.due("there") == instant("2021-01-05T23:00")
    assert world.faults(swept=True) == []


def test_reversal_on_an_incident_acts_without_settling_and_asks_for_a_date() -> None:
    world = stuck()
    assert world.state() == "pong"
    assert codes(correct, world, Reverse) == ["date_needed"]
    assert incident_of(world) == "too_many_firings"
    outcome = correct(world, Reverse, extend_to=date(2021, 1, 6))
    assert [item.entry.kind for item in outcome.entries] == ["reversal", "move"]
    assert (incident_of(world), world.state()) == (None, "ping")
    assert world.faults(swept=True) == []


def test_amendment_on_an_incident_is_entered_and_the_incident_goes_on_where_it_must() -> None:
    world = stuck()
    before = world.engine.view("P").incident
    world.sleep(seconds=30)
    outcome = correct(world, Amend, fields={"host_name": "Nuits"})
    after = world.engine.view("P")
    assert [item.entry.kind for item in outcome.entries] == ["amendment"]
    assert after.facts.fields["host_name"] == "Nuits"
    assert before is not None
    assert after.incident is not None
    assert (after.incident.since_at, after.incident.attempts) == (before.since_at, before.attempts + 1)
    assert after.incident.retry_at > world.now
    assert world.faults() == []


def test_what_had_fallen_due_is_entered_in_the_same_command() -> None:
    notice = b"  notice: {after: ping, first: true, within: 1 hour, while: [ping, pong]}\n"
    world = stuck(RESTLESS + notice)
    outcome = correct(world, Adjust, deadline="back", kind="move", to=date(2021, 1, 5))
    assert [item.entry.kind for item in outcome.entries] == ["move", "missed"]
    assert world.faults(swept=True) == []


def test_clocks_go_on_from_where_a_correction_has_put_them() -> None:
    world = stuck()
    correct(world, Adjust, deadline="back", kind="move", to=date(2021, 1, 5))
    world.wait_until(instant("2021-01-05T23:00:01"))
    assert world.state() == "pong", "back at midnight in Paris, and there again a second later"
    assert incident_of(world) is None
    assert world.faults(swept=True) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Adjust, {"deadline": "back", "kind": "extension", "by": "10 minutes"}),
        (Adjust, {"deadline": "back", "kind": "pause"}),
        (Void, {}),
        (Decide, {"verdict": "approve"}),
    ],
)
def test_everything_else_answers_incident(command: Any, said: dict[str, Any]) -> None:
    world = stuck()
    assert codes(correct, world, command, **said) == ["incident"]
    assert incident_of(world) == "too_many_firings"


def seatless() -> World:
    """A world whose placement is to take a seat of which there is none."""
    source = RESTLESS.replace(b"within: 1 second, while: ping", b"within: 1 day, while: ping")
    world = restless_one(source + b"quotas:\n  seats: {limit: 0, taken_by: go}\n")
    world.sleep(days=3)
    world.engine.sweep()
    assert incident_of(world) == "claim_refused"
    return world


def test_incident_of_a_claim_is_repaired_by_a_move() -> None:
    world = seatless()
    assert codes(world.ask, "leave", "clerk") == ["quota_exhausted"]
    outcome = correct(world, Adjust, deadline="there", kind="move", to=date(2021, 2, 1))
    assert [item.entry.kind for item in outcome.entries] == ["move"]
    assert (incident_of(world), world.state()) == (None, "ping")
    assert world.faults(swept=True) == []


def test_incident_of_a_claim_goes_on_after_an_amendment_that_changes_nothing_about_it() -> None:
    world = seatless()
    outcome = correct(world, Amend, fields={"host_name": "Nuits"}, key="once")
    assert [item.entry.kind for item in outcome.entries] == ["amendment"]
    assert (incident_of(world), world.state()) == ("claim_refused", "ping")
    assert [item.entry.kind for item in correct(world, Amend, fields={"host_name": "Nuits"}, key="once").entries] == [
        "amendment"
    ]
    assert world.faults() == []


def test_incident_that_is_tried_by_hand_is_over_once_its_cause_is(world: World) -> None:
    reach(world, "candidate_shown")
    gone = lost(world)
    world.sleep(days=30)
    world.engine.sweep()
    still = world.engine.retry(Retry("P", "Ada", ("supervisor",))).still
    assert still is not None
    assert world.refusal("withdraw", "host", reason="other") == {"incident"}
    with world.store.writing() as unit:
        unit.publish(gone)
    world.restart()
    done = world.engine.retry(Retry("P", "Ada", ("supervisor",)))
    assert done.change is not None
    assert [item.entry.actor for item in done.change.entries] == ["scheduler"] * len(done.change.entries)
    assert (incident_of(world), world.state()) == (None, "post_vacant")
    assert world.faults(swept=True) == []
    assert world.engine.retry(Retry("P", "Ada", ("supervisor",))) == Retried()


def test_incident_tried_by_hand_waits_longer_each_time() -> None:
    world = seatless()
    waits = []
    for _ in range(3):
        assert world.engine.retry(Retry("P", "Ada", ("supervisor",))).still is not None
        incident = world.engine.view("P").incident
        assert incident is not None
        waits.append(incident.retry_at - world.now)
    assert waits == [timedelta(minutes=2**n) for n in (1, 2, 3)]


def test_incident_is_tried_by_supervisors() -> None:
    world = seatless()
    with pytest.raises(TransitionRefused) as refused:
        world.engine.retry(Retry("P", "Ada", ("host",)))
    assert [blocker.code for blocker in refused.value.blockers] == ["role_not_allowed"]


def test_correction_of_an_incident_is_for_supervisors_with_a_reason() -> None:
    world = stuck()
    move = {"deadline": "back", "kind": "move", "to": date(2021, 1, 5)}
    assert codes(correct, world, Adjust, roles=("clerk",), reason=None, **move) == ["role_not_allowed", "reason_needed"]


def test_correction_of_an_incident_can_be_previewed() -> None:
    world = stuck()
    command = Adjust(
        reference="P", deadline="back", kind="move", to=date(2021, 1, 5), actor="Ada", reason="other",
        roles=("supervisor",),
    )  # fmt: skip
    assert [item.entry.kind for item in world.engine.preview(command).entries] == ["move"]
    assert incident_of(world) == "too_many_firings"


def test_correction_of_an_incident_that_needs_a_second_person_waits_and_is_approved() -> None:
    world = stuck(RESTLESS + b"approvals:\n  move: {by: [clerk]}\n")
    move = {"deadline": "back", "kind": "move", "to": date(2021, 1, 5)}
    assert correct(world, Adjust, **move).waits is not None
    assert incident_of(world) == "too_many_firings"
    approval = Decide(reference="P", verdict="approve", actor="Grace", roles=("clerk",))
    assert [item.entry.kind for item in world.engine.ask(approval).entries] == ["approval", "move"]
    assert incident_of(world) is None


def test_without_its_definition_not_even_a_correction_can_be_decided(world: World) -> None:
    reach(world, "candidate_shown")
    lost(world)
    assert codes(correct, world, Amend, fields={"host_name": "Nuits"}) == ["incident"]


def test_the_same_correction_of_an_incident_twice_is_one() -> None:
    world = stuck()
    move = {"deadline": "back", "kind": "move", "to": date(2021, 1, 5), "key": "once"}
    assert not correct(world, Adjust, **move).repeated
    assert correct(world, Adjust, **move).repeated


CALM = (
    RESTLESS.replace(b"initial: ping", b"initial: calm")
    .replace(b"states:\n", b"states:\n  calm: {}\n")
    .replace(b"transitions:\n", b"transitions:\n  begin: {from: calm, to: ping, by: [clerk]}\n"
             b"  lapse: {from: calm, to: gone, by: [scheduler]}\n")
    .replace(b"deadlines:\n", b"deadlines:\n  rest: {after: calm, within: 1 day, while: calm, then: lapse}\n")
)  # fmt: skip


def test_late_fact_that_leads_to_what_cannot_be_decided_is_refused_and_makes_no_incident() -> None:
    world = restless_one(CALM)
    world.wait(days=3)
    before = world.history()
    late = Fire(
        reference="P", trigger="begin", actor="Ada", at=date(2021, 1, 5), roles=("supervisor",), reason="other",
        late=True,
    )  # fmt: skip
    for ask in (world.engine.ask, world.engine.preview):
        assert codes(ask, late) == ["incident"]
    assert (world.history(), world.state(), incident_of(world)) == (before, "gone", None)
    assert world.faults(swept=True) == []


def calmed(world: World) -> Migrate:
    """A migration to a version that throws the placement about once a month only."""
    world.sleep(seconds=1)
    source = RESTLESS.replace(b"version: 1", b"version: 2").replace(b"1 second", b"40 days")
    published = _published(read_definition(source, "restless.yaml"), load_calendar(), world.now)
    with world.store.writing() as unit:
        unit.publish(published)
    return Migrate(to=published.digest, reason="too restless", actor="Ada", roles=("supervisor",))


def test_a_migration_acts_on_an_incident_without_settling_and_resolves_it(restless_world: World) -> None:
    world = restless_world
    world.sleep(seconds=5000)
    world.engine.sweep()
    assert incident_of(world) == "too_many_firings"
    asked = calmed(world)
    assert world.engine.plan(asked, ["P"])[0].blockers == ()
    (planned,) = world.engine.migrate(asked, {"P": None})
    assert (planned.settled, planned.blockers) == (0, ())
    assert [item.entry.kind for item in world.history()] == ["placed", "migration"]
    assert incident_of(world) is None
    assert world.engine.sweep().incidents == 0
    assert world.faults(swept=True) == []


def test_a_placement_whose_definition_is_lost_goes_on_under_another_version(restless_world: World) -> None:
    world, asked = restless_world, calmed(restless_world)
    lost = world.engine.view("P").facts.definition
    del world.memory._committed.published[lost]
    world.restart()
    world.sleep(seconds=1)
    world.engine.sweep()
    assert incident_of_lost(world) == "not_found"
    (planned,) = world.engine.migrate(asked, {"P": None})
    assert (planned.version, planned.blockers) == (None, ())
    assert world.engine.view("P").facts.definition == asked.to
    assert world.engine.view("P").incident is None


def incident_of_lost(world: World) -> str | None:
    with world.store.reading() as reading:
        facts = reading.find("P")
        incident = None if facts is None else reading.incident(facts.id)
    return None if incident is None else incident.code


def test_a_placement_whose_definition_is_damaged_goes_on_under_another_version(restless_world: World) -> None:
    world, asked = restless_world, calmed(restless_world)
    state, pinned = world.memory._committed, world.engine.view("P").facts.definition
    state.published[pinned] = replace(state.published[pinned], compiled=b"{}")
    world.restart()
    assert [planned.blockers for planned in world.engine.migrate(asked, {"P": None})] == [()]
    assert world.engine.view("P").facts.definition == asked.to


def test_a_state_with_another_name_and_a_definition_that_is_lost_are_no_matter(world: World) -> None:
    reach(world, "candidate_selected")
    world.sleep(seconds=1)
    old, new = b"candidate_selected", b"candidate_chosen"
    source = SHIPPED.replace(b"version: 1\n", b"version: 2\n", 1).replace(old, new)
    asked = Migrate(to=world.engine.publish(source, "states.yaml").digest, reason="other", actor="Ada",
                    roles=("supervisor",), states={old.decode(): new.decode()})  # fmt: skip
    del world.memory._committed.published[world.engine.view("P").facts.definition]
    world.restart()
    assert [planned.blockers for planned in world.engine.migrate(asked, {"P": None})] == [()]
    assert world.state() == new.decode()


def test_who_cannot_be_decided_under_the_other_rules_is_refused_and_spoils_no_other_plan(world: World) -> None:
    """Its holidays end with the year of today: a date beyond them cannot be counted."""
    world.place("Q")
    reach(world, "contract_signed")
    world.sleep(seconds=1)
    source = SHIPPED.replace(b"version: 1\n", b"version: 2\n", 1).replace(
        b"    within: {field: convention_months, unit: months, at_most: 36}\n    counting: inclusive\n",
        b"    within: {field: convention_months, unit: months, at_most: 36}\n    counting: inclusive\n"
        b"    roll: next_working_day\n",
    )
    short = Calendar.from_bytes(build_calendar("FR-2026.9", first_year=2000, last_year=world.now.year))
    published_short = replace(_published(read_definition(source, "s"), short, world.now), calendar="FR-2026.9")
    with world.store.writing() as unit:
        unit.publish(published_short)
    asked = Migrate(to=published_short.digest, reason="other", actor="Ada", roles=("supervisor",))
    planned = world.engine.plan(asked, ["P", "Q"])
    assert [[blocker.code for blocker in each.blockers] for each in planned] == [["incident"], []]
    assert world.engine.migrate(asked, {"P": None, "Q": None}) == planned
    assert world.faults() == []
