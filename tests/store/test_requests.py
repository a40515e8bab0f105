"""Requests that wait for a second person, as lists show them: those of all placements, and only while they wait."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from storage.sql import SqlStore
from tests.world import FOUR_EYES, World, instant, published, reach
from workflow.clock import VirtualClock
from workflow.commands import Decide, Reverse


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three placements with a candidate selected, on SQLite, by a definition that asks for approvals."""
    store = SqlStore(f"sqlite:///{tmp_path}/parcours.db")
    store.initialise(sandbox=True, now=instant("2021-01-01"))
    with store.writing() as unit:
        unit.publish(published(FOUR_EYES))
    world = World(store, VirtualClock(instant("2021-01-04T09:00")))
    for reference in ("P", "Q", "R"):
        world.place(reference)
        reach(world, "candidate_selected", reference)
    yield world
    store.close()


def reverse(world: World, reference: str) -> None:
    world.engine.ask(Reverse(reference=reference, actor="Ada", reason="other", roles=("supervisor",)))


def listed(world: World, limit: int = 50, after: str | None = None) -> tuple[list[str], str | None]:
    assert isinstance(world.store, SqlStore)
    page = world.store.queries.requests(limit, after)
    return [item.reference for item in page.items], page.next


def test_what_waits_is_listed_oldest_first_and_by_pages(world: World) -> None:
    for reference in ("Q", "P", "R"):
        reverse(world, reference)
        world.sleep(hours=1)
    first, cursor = listed(world, 2)
    assert (first, listed(world, 2, cursor)) == (["Q", "P"], (["R"], None))
    assert world.faults() == []


def test_item_says_who_asked_what_when_and_who_may_approve(world: World) -> None:
    reverse(world, "Q")
    assert isinstance(world.store, SqlStore)
    [item] = world.store.queries.requests().items
    facts = world.engine.view("Q").facts
    assert (item.placement, item.territory, item.seq) == (facts.id, "75", facts.seq)
    assert (item.act, item.about, item.by) == ("reverse", "select_candidate", ("anct", "supervisor"))
    assert item.asked_at == world.now
    with world.store.reading() as reading:
        assert reading.actor(item.actor) == "Ada"


@pytest.mark.parametrize(("verdict", "state"), [("approve", "candidate_shown"), ("refuse", "candidate_selected")])
def test_what_was_decided_is_listed_no_longer(world: World, verdict: Literal["approve", "refuse"], state: str) -> None:
    reverse(world, "P")
    reverse(world, "Q")
    command = Decide(reference="P", verdict=verdict, actor="Grace", roles=("anct",), reason="other")
    world.engine.ask(command)
    assert listed(world) == (["Q"], None)
    assert world.state("P") == state
    assert world.faults() == []
