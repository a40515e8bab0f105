"""Retention as a deadline: which category expires when, what a hold changes, and what is wrong in a definition."""

import pytest

from tests.unit.definitions import define, findings
from tests.unit.test_erasing import disclosed, erase, hold
from tests.world import CANARY, World, instant, reach
from workflow.calendar import Length
from workflow.commands import Note

WITH_RETENTION = """\
definition: small
version: 1
initial: open
roles: [clerk]
fields:
  name: {type: text, personal: true}
  pay: {type: money, personal: true}
  place: {type: text}
states:
  open: {open_ended: true}
  closed: {final: true}
  refused: {final: true}
transitions:
  close: {from: open, to: closed, by: [clerk]}
  refuse: {from: open, to: refused, by: [clerk]}
retention:
  people: {fields: [name], keep: 2 years}
  pay: {fields: [pay], texts: true, after: closed, keep: 30 days}
"""


def ended(world: World) -> None:
    """A life that ends on 5 January 2021, in Paris, with something of three categories."""
    reach(world, "candidate_shown")
    world.sleep(days=1)
    world.ask("withdraw", "host", reason=f"{CANARY} left")


def test_categories_are_read_with_their_fields_end_and_period() -> None:
    found = define(WITH_RETENTION)
    assert found.retention["people"].ends == {"closed", "refused"}
    assert found.retention["pay"].ends == {"closed"}
    assert found.retention["pay"].keep == Length(30, "days")
    assert [found.category_of(name) for name in ("name", "pay", "reason", "note", "place")] == [
        "people", "pay", "pay", "pay", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ("fields: [name]", "fields: [nam]", "unknown_field", 17),
        ("fields: [name]", "fields: [name, place]", "not_personal", 17),
        ("fields: [name]", "fields: [name, pay]", "repeated", 18),
        ("fields: [name]", "texts: true", "no_category", 6),
        ("fields: [name]", "fields: [name], texts: true", "repeated", 18),
        (", texts: true", "", "no_category", 16),
        ("fields: [pay], texts: true", "fields: []", "empty_category", 18),
        ("after: closed", "after: open", "not_final", 18),
        ("after: closed", "after: shut", "unknown_state", 18),
        ("30 days", "30 dais", "wrong_length", 18),
        ("keep: 30 days", "within: 30 days", "unknown_key", 18),
    ],
)
def test_what_is_wrong_with_a_category_is_found(before: str, after: str, code: str, line: int) -> None:
    found = findings(WITH_RETENTION.replace(before, after))
    assert (code, line) in {(finding.code, finding.line) for finding in found}


def test_a_definition_without_retention_keeps_all_and_is_no_finding() -> None:
    assert findings(WITH_RETENTION[: WITH_RETENTION.index("retention:")]) == ()


def test_a_category_expires_at_the_end_of_its_period_whenever_the_daemon_wakes(world: World) -> None:
    ended(world)
    assert world.engine.next_wake() == instant("2023-01-05T23:00")
    world.sleep(days=800)
    assert world.engine.view("P").pending == ("retention of candidates", "retention of remarks")
    world.engine.sweep()
    last = [item.entry for item in world.history()][-2:]
    assert [(e.kind, e.actor, e.reason, e.fields["emptied"]) for e in last] == [
        ("erasure", "scheduler", "retention", "candidates"),
        ("erasure", "scheduler", "retention", "remarks"),
    ]
    assert {entry.occurred_at for entry in last} == {entry.due_at for entry in last} == {instant("2023-01-05T23:00")}
    assert disclosed(world) == set()
    assert world.faults(swept=True) == []


def test_a_category_expires_alone(world: World) -> None:
    world.place("H", host_email="mairie@example.fr")
    world.ask("withdraw", "host", "H", reason=f"{CANARY} left")
    world.wait(days=731)
    assert world.engine.view("H").personal == {"host_email": "mairie@example.fr"}
    world.wait(days=1096)
    assert world.engine.view("H").personal == {}
    assert world.engine.view("H").wakes_at is None


def test_nothing_expires_while_the_life_goes_on(world: World) -> None:
    reach(world, "training_body_contacted")
    facts = world.engine.view("P").facts
    assert facts.keeps
    world.wait(days=10)
    assert all(kind != "erasure" for kind, *_ in world.story())


def test_a_hold_postpones_the_end_of_a_period_to_its_release(world: World) -> None:
    ended(world)
    hold(world, True)
    assert world.engine.next_wake() is None
    world.wait(days=900)
    assert disclosed(world)
    released = hold(world, False).entries[0].entry.occurred_at
    world.engine.sweep()
    erasures = [at for kind, _, _, at in world.story() if kind == "erasure"]
    assert set(erasures) == {released}
    assert disclosed(world) == set()
    assert world.faults(swept=True) == []


def test_what_is_written_after_the_period_expires_at_once(world: World) -> None:
    ended(world)
    world.wait(days=900)
    world.engine.ask(Note(reference="P", text=f"{CANARY} asked", actor="Ada"))
    world.engine.sweep()
    assert disclosed(world) == set()
    assert world.story()[-1][3] == world.now
    assert world.faults(swept=True) == []


def test_what_was_erased_by_hand_does_not_expire_again(world: World) -> None:
    ended(world)
    erase(world)
    assert world.engine.next_wake() is None
    world.wait(days=900)
    assert [kind for kind, *_ in world.story()].count("erasure") == 1


def test_a_category_of_which_something_is_left_still_expires(world: World) -> None:
    ended(world)
    erase(world, "candidate_name")
    world.wait(days=900)
    assert disclosed(world) == set()
    assert world.faults(swept=True) == []
