"""A notice rests on the move that brought its date: once that is reversed, it ends nothing that runs without it."""

from typing import Any

from tests.world import World, instant
from workflow.commands import Fire, Reverse

PROMISES = b"""\
definition: promises
version: 1
initial: asked
roles: [clerk]
fields:
  territory: {type: territory, required: true}
  host_name: {type: text, required: true}
  host_siret: {type: siret, required: true}
  host_type: {type: text, required: true}
  promised_on: {type: date}
states:
  asked: {open_ended: true}
  answered: {open_ended: true}
  closed: {final: true}
transitions:
  promise: {from: asked, by: [clerk], needs: [promised_on]}
  answer: {from: asked, to: answered, by: [clerk], takes: [promised_on]}
  close: {from: [asked, answered], to: closed, by: [clerk]}
deadlines:
  reply: {after: {field: promised_on}, within: 5 days, while: SPAN, if_unset: waits}
"""


def placed(span: str) -> World:
    """A placement of the first of May, in Paris, with its promise of the first of June."""
    world = World.starting(instant("2021-05-01"), PROMISES.replace(b"SPAN", span.encode()))
    world.place()
    fire(world, "promise", promised_on="2021-06-01")
    return world


def fire(world: World, trigger: str, **fields: str) -> None:
    world.fire(Fire(reference="P", trigger=trigger, actor="Ada", roles=("clerk",), fields=fields))


def reverse(world: World, **said: Any) -> None:
    world.engine.ask(Reverse(reference="P", reason="other", actor="Ada", roles=("supervisor",), **said))


def missed(world: World) -> list[str]:
    """The days of the notices."""
    return [item.entry.occurred_at.date().isoformat() for item in world.history() if item.entry.kind == "missed"]


def test_deadline_of_before_a_reversed_move_falls_due_on_its_own_day() -> None:
    world = placed("[asked, answered]")
    world.sleep(days=9)
    fire(world, "answer", promised_on="2021-05-01")
    world.engine.sweep()
    assert missed(world) == ["2021-05-10"]
    reverse(world)
    assert world.due("reply") == instant("2021-06-06T22:00")
    assert world.engine.next_wake() == instant("2021-06-06T22:00")
    world.wait(days=60)
    assert missed(world) == ["2021-05-10", "2021-06-06"]
    assert world.faults(swept=True) == []


def test_deadline_that_runs_by_a_new_move_is_told_again() -> None:
    world = placed("answered")
    world.sleep(days=60)
    fire(world, "answer")
    world.engine.sweep()
    reverse(world)
    world.sleep(days=10)
    fire(world, "answer")
    world.engine.sweep()
    assert missed(world) == ["2021-06-30", "2021-07-10"]
    assert world.faults(swept=True) == []


def test_notice_stands_where_what_is_reversed_came_after_it() -> None:
    world = placed("[asked, answered]")
    world.wait(days=60)
    fire(world, "answer")
    reverse(world)
    world.wait(days=60)
    assert missed(world) == ["2021-06-06"]
    assert world.faults(swept=True) == []
