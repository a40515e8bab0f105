"""Placements that cannot be decided: visible, tried again later, never in the way of the others."""

from datetime import timedelta

import pytest

from storage.memory import MemoryStore
from tests.world import SHIPPED, World, instant, published, reach
from workflow.calendar import load_calendar
from workflow.changes import Published
from workflow.errors import TransitionRefused
from workflow.library import _published
from workflow.loader import read_definition

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


def restless() -> Published:
    return _published(read_definition(RESTLESS, "restless.yaml"), load_calendar(), instant("2021-01-01"))


def incident_of(world: World) -> str | None:
    incident = world.engine.view("P").incident
    return None if incident is None else incident.code


@pytest.fixture
def restless_world() -> World:
    store = MemoryStore()
    with store.writing() as unit:
        unit.publish(restless())
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
