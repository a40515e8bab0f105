"""Entering lives already lived: settled up to each fact's moment, all or nothing, twice the same as once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.world import HOST, SHIPPED, World, contact, contract, instant, typed
from workflow.commands import Fire, Life, Moment, Place


@pytest.fixture
def world() -> World:
    return World.starting(instant("2021-06-01T09:00"))


def fact(reference: str, trigger: str, at: Moment, reason: str | None = None, **said: Any) -> Fire:
    fields: Mapping[str, str] = typed(
        {name: value for name, value in said.items() if isinstance(value, str | int | date)}
    )
    return Fire(
        reference=reference,
        trigger=trigger,
        actor="import",
        fields=fields,
        at=at,
        roles=("import",),
        reason=reason,
    )


def life(reference: str, *facts: Fire, to_now: bool = True) -> Life:
    place = Place(
        reference=reference,
        fields={"territory": "75", **HOST},
        actor="import",
        at=date(2021, 1, 4),
        dates="french",
    )
    return Life(reference, place, facts, to_now, tuple(range(2, len(facts) + 3)))


def lapsed(reference: str) -> Life:
    """Shown in January, never chosen, and shown somebody else in March, after the lapse."""
    return life(
        reference,
        fact(reference, "grant_post", None, granted_on=date(2021, 1, 5)),
        fact(reference, "show_candidate", date(2021, 1, 10), candidate_ref="C", candidate_name="N"),
        fact(reference, "show_candidate", date(2021, 3, 1), candidate_ref="D", candidate_name="M"),
        fact(reference, "select_candidate", date(2021, 3, 5), selected_candidate_ref="D"),
        fact(reference, "contact_training_body", date(2021, 3, 6), **contact(date(2021, 3, 6))),
        fact(reference, "sign_contract", None, **contract(date(2021, 3, 10))),
    )


def refused(reference: str) -> Life:
    """Chosen too late: the clock had run out."""
    return life(
        reference,
        fact(reference, "grant_post", None, granted_on=date(2021, 1, 5)),
        fact(reference, "show_candidate", date(2021, 1, 10), candidate_ref="C", candidate_name="N"),
        fact(reference, "select_candidate", date(2021, 3, 1), selected_candidate_ref="C"),
    )


def statuses(world: World, *lives: Life, **how: bool) -> list[str]:
    outcomes = world.engine.enter(lives, **how)
    world.references += [o.life.reference for o in outcomes if o.status == "created" and not how.get("dry_run")]
    return [outcome.status for outcome in outcomes]


def test_a_life_is_entered_with_the_deadlines_that_fell_due_in_it(world: World) -> None:
    assert statuses(world, lapsed("A")) == ["created"]
    assert [(kind, trigger or name) for kind, trigger, name, _ in world.story("A")] == [
        ("placed", None),
        ("recorded", "grant_post"),
        ("transition", "show_candidate"),
        ("reminder", "selection"),
        ("reminder", "selection"),
        ("timeout", "lapse_selection"),
        ("transition", "show_candidate"),
        ("transition", "select_candidate"),
        ("transition", "contact_training_body"),
        ("transition", "sign_contract"),
        ("missed", "training_departure"),
    ]
    assert {item.entry.actor for item in world.history("A")} == {"import", "scheduler"}
    assert all(notice.stale for _, notice in world.memory.notices())
    assert world.faults(swept=True) == []


def test_one_refusal_writes_nothing_at_all(world: World) -> None:
    outcomes = world.engine.enter([lapsed("A"), refused("B")])
    assert [outcome.status for outcome in outcomes] == ["created", "refused"]
    assert outcomes[1].row == 5
    assert {blocker.code for blocker in outcomes[1].blockers} == {"not_allowed_here"}
    with world.store.reading() as reading:
        assert reading.known(["A", "B"]) == {}


def test_what_can_be_entered_is_where_that_is_wanted(world: World) -> None:
    assert statuses(world, lapsed("A"), refused("B"), partial=True) == ["created", "refused"]
    with world.store.reading() as reading:
        assert set(reading.known(["A", "B"])) == {"A"}
    assert world.faults(swept=True) == []


def test_a_dry_run_keeps_nothing(world: World) -> None:
    assert statuses(world, lapsed("A"), dry_run=True) == ["created"]
    with world.store.reading() as reading:
        assert reading.known(["A"]) == {}
    assert world.memory.notices() == ()


def test_entering_twice_enters_once(world: World) -> None:
    statuses(world, lapsed("A"))
    before = world.history("A")
    assert statuses(world, lapsed("A")) == ["unchanged"]
    assert world.history("A") == before


def test_what_differs_is_told_and_not_written(world: World) -> None:
    plain = life("A", fact("A", "grant_post", None, granted_on=date(2021, 1, 5)))
    statuses(world, plain)
    assert plain.place is not None
    other = replace(plain, place=replace(plain.place, fields={**plain.place.fields, "host_name": "Autre ville"}))
    (outcome,) = world.engine.enter([other])
    assert (outcome.status, outcome.differing) == ("differs", ("host_name",))
    assert world.engine.view("A").facts.fields["host_name"] == HOST["host_name"]


def test_later_facts_are_added_to_a_life_that_exists(world: World) -> None:
    statuses(world, lapsed("A"))
    facts = (fact("A", "set_schedule", date(2021, 5, 1), funded_months=12),)
    more = Life("A", None, facts, to_now=True, rows=(2,))
    assert statuses(world, more) == ["extended"]
    assert statuses(world, more) == ["unchanged"]
    assert world.engine.view("A").facts.fields["funded_months"] == 12
    assert world.faults(swept=True) == []


def test_facts_of_an_unknown_placement_are_refused(world: World) -> None:
    (outcome,) = world.engine.enter([Life("nobody", None, (fact("nobody", "withdraw", date(2021, 5, 1)),), rows=(2,))])
    assert (outcome.status, outcome.row) == ("refused", 2)
    assert {blocker.code for blocker in outcome.blockers} == {"unknown_reference"}


def test_the_first_lives_get_what_is_left_of_a_quota() -> None:
    world = World.starting(instant("2021-06-01T09:00"), SHIPPED.replace(b"limit: 4000", b"limit: 2"))
    three = [life(n, fact(n, "grant_post", None, granted_on=date(2021, 1, 5))) for n in "ABC"]
    assert statuses(world, *three) == ["created", "created", "refused"]
    world.references.clear()
    assert statuses(world, *three, partial=True) == ["created", "created", "refused"]
    assert world.faults(swept=True) == []


def test_an_import_stands_in_for_no_person(world: World) -> None:
    world.place("A")
    assert world.refusal("grant_post", "import", "A", granted_on=date(2021, 6, 1)) == {"role_not_allowed"}
