"""Posts are granted within a quota, held in the same transaction, and given back."""

from datetime import date
from typing import Any

import pytest

from tests.world import SHIPPED, World, instant
from workflow.commands import Void

TODAY = date(2021, 1, 4)
HOLDS: dict[str, Any] = {"candidate_ref": "C", "candidate_name": "N"}


@pytest.fixture
def world() -> World:
    world = World.starting(instant("2021-01-04T09:00"), SHIPPED.replace(b"limit: 4000", b"limit: 1"))
    world.place("P")
    world.place("Q")
    return world


def test_the_last_post_is_granted_once(world: World) -> None:
    world.ask("grant_post", "anct", "P", granted_on=TODAY)
    assert world.refusal("grant_post", "anct", "Q", granted_on=TODAY) == {"quota_exhausted"}
    assert "granted_on" not in world.engine.view("Q").facts.fields
    assert world.faults(swept=True) == []


def test_a_post_that_is_withdrawn_can_be_granted_again(world: World) -> None:
    world.ask("grant_post", "anct", "P", granted_on=TODAY)
    world.ask("withdraw", "host", "P", reason="host_withdrew")
    world.ask("grant_post", "anct", "Q", granted_on=TODAY, at=world.now)
    world.place("R")
    assert world.refusal("grant_post", "anct", "R", granted_on=TODAY) == {"quota_exhausted"}


def test_a_post_that_falls_due_to_be_returned_is_given_back_first(world: World) -> None:
    world.ask("grant_post", "anct", "P", granted_on=TODAY)
    world.ask("show_candidate", "platform", "P", **HOLDS)
    world.sleep(days=300)
    assert world.state("P") == "candidate_shown"
    world.ask("grant_post", "anct", "Q", granted_on=world.now.date())
    assert world.state("P") == "post_returned"
    assert world.faults(swept=True) == []


def test_a_post_that_is_not_due_yet_is_not_given_back(world: World) -> None:
    world.ask("grant_post", "anct", "P", granted_on=TODAY)
    world.ask("show_candidate", "platform", "P", **HOLDS)
    world.sleep(days=150)
    assert world.refusal("grant_post", "anct", "Q", granted_on=world.now.date()) == {"quota_exhausted"}
    assert world.state("P") == "post_vacant"


def test_a_post_refused_or_never_granted_is_not_counted(world: World) -> None:
    world.ask("withdraw", "host", "P", reason="host_withdrew")
    world.ask("grant_post", "anct", "Q", granted_on=TODAY)
    world.place("R")
    assert world.refusal("grant_post", "anct", "R", granted_on=TODAY) == {"quota_exhausted"}


def test_a_voided_placement_gives_its_post_back(world: World) -> None:
    world.ask("grant_post", "anct", "P", granted_on=TODAY)
    world.engine.ask(Void(reference="P", reason="entered_by_mistake", actor="x", roles=("supervisor",)))
    world.ask("grant_post", "anct", "Q", granted_on=TODAY)
    assert (world.state("P"), world.due("convention", "P")) == ("voided", None)
    assert world.faults() == []


def test_a_definition_may_have_no_limit() -> None:
    world = World.starting(instant("2021-01-04T09:00"), SHIPPED.replace(b"limit: 4000", b"limit: null"))
    for number in range(3):
        world.place(f"P{number}")
        world.ask("grant_post", "anct", f"P{number}", granted_on=TODAY)
    assert world.faults() == []
