"""A deadline whose clock stands still in some states: when it runs again, what it gives back, and how it is told."""

from datetime import date, datetime
from textwrap import dedent

import pytest

from tests.unit.definitions import define, findings
from tests.world import World, instant
from workflow.changes import Published
from workflow.commands import Adjust, Amend, Migrate, Place, Reverse
from workflow.errors import TransitionRefused

REQUEST = """\
definition: request
version: 1
initial: received
roles: [office, supervisor]
reasons: {other: {fr: Autre, en: Other}}
fields:
  received_on: {type: date}
states:
  received: {label: {fr: Reçue, en: Received}}
  asked: {label: {fr: Précisions demandées, en: Details asked}}
  refused: {final: true}
transitions:
  date: {from: [received, asked], by: [office], takes: [received_on]}
  ask: {from: received, to: asked, by: [office]}
  reply: {from: asked, to: received, by: [office, scheduler]}
  refuse: {from: [received, asked], to: refused, by: [office, scheduler]}
deadlines:
  answer:
    after: [{field: received_on}, {state: received, first: true}]
    within: 1 month
    while: [received, asked]
    paused_in: asked
    remind: [5 days before]
    then: refuse
  reply: {after: asked, within: 30 days, while: asked, then: reply}
"""


def lived(source: str = REQUEST, start: str = "2023-03-06T09:00") -> World:
    world = World.starting(instant(start), dedent(source).encode())
    world.engine.place(Place(reference="P", fields={}, actor="Ada"))
    world.references.append("P")
    return world


def last_day(world: World, name: str = "answer") -> date | None:
    return next(view.last_day for view in world.engine.view("P").deadlines if view.name == name)


def status(world: World, name: str = "answer") -> str:
    return next(view.status for view in world.engine.view("P").deadlines if view.name == name)


def asked_and_answered(world: World, days: int) -> None:
    world.wait(days=4)
    world.ask("ask", "office")
    world.wait(days=days)
    world.ask("reply", "office")


def test_the_days_in_the_state_are_given_back_when_it_is_left() -> None:
    world = lived()
    assert last_day(world) == date(2023, 4, 6)
    asked_and_answered(world, 10)
    assert (last_day(world), status(world)) == (date(2023, 4, 16), "running")
    assert world.faults() == []


def test_the_clock_stands_still_in_the_state_and_nothing_of_it_falls_due() -> None:
    world = lived(REQUEST.replace("within: 30 days", "within: 90 days"))
    world.wait(days=4)
    world.ask("ask", "office")
    world.wait(days=60)
    assert (world.state(), status(world)) == ("asked", "paused")
    assert [kind for kind, _, deadline, _ in world.story() if deadline == "answer"] == []
    world.wait(days=200)
    assert world.state() == "refused"
    assert world.faults() == []


def test_several_stretches_add_up_and_hours_are_given_back_exactly() -> None:
    world = lived()
    for _ in range(3):
        asked_and_answered(world, 2)
    assert last_day(world) == date(2023, 4, 12)
    exact = lived(REQUEST.replace("within: 1 month", "within: 72 hours").replace("remind: [5 days before]", ""))
    exact.wait(hours=10)
    exact.ask("ask", "office")
    exact.wait(hours=30)
    exact.ask("reply", "office")
    assert exact.due("answer") == instant("2023-03-10T15:00")


def test_reversing_the_question_undoes_the_stop() -> None:
    world = lived()
    world.wait(days=4)
    world.ask("ask", "office")
    world.wait(days=10)
    world.engine.ask(Reverse(reference="P", reason="other", actor="Grace", roles=("supervisor",)))
    assert (world.state(), status(world), last_day(world)) == ("received", "running", date(2023, 4, 6))
    assert world.faults() == []


def test_a_date_put_right_does_not_undo_that_the_clock_stood() -> None:
    world = lived()
    world.ask("date", "office", received_on=date(2023, 3, 6))
    asked_and_answered(world, 10)
    world.engine.ask(
        Amend(reference="P", fields={"received_on": "2023-03-03"}, reason="other", actor="Grace",
              roles=("supervisor",), accept_earlier=True)
    )  # fmt: skip
    assert last_day(world) == date(2023, 4, 13)
    world.engine.ask(
        Amend(reference="P", fields={"received_on": "2023-03-15"}, reason="other", actor="Grace",
              roles=("supervisor",))
    )  # fmt: skip
    assert last_day(world) == date(2023, 4, 20)
    assert world.faults() == []


def test_a_person_pauses_beside_it_but_does_not_resume_what_the_state_stops() -> None:
    world = lived()
    said = {"reference": "P", "deadline": "answer", "reason": "other", "actor": "Grace", "roles": ("supervisor",)}
    world.wait(days=4)
    world.ask("ask", "office")
    with pytest.raises(TransitionRefused) as refused:
        world.engine.ask(Adjust(kind="resume", **said))  # type: ignore[arg-type]
    assert [blocker.code for blocker in refused.value.blockers] == ["paused_by_state"]
    world.wait(days=2)
    world.engine.ask(Adjust(kind="pause", **said))  # type: ignore[arg-type]
    world.wait(days=3)
    world.ask("reply", "office")
    assert status(world) == "paused"
    world.wait(days=5)
    world.engine.ask(Adjust(kind="resume", **said))  # type: ignore[arg-type]
    assert (last_day(world), status(world)) == (date(2023, 4, 16), "running")
    assert world.faults() == []


def test_the_explanation_names_the_state_in_both_languages() -> None:
    world = lived()
    world.wait(days=4)
    world.ask("ask", "office")
    [paused] = [step for step in world.engine.explain("P", "answer").steps if step.code == "paused"]
    assert paused.fr.startswith("Suspendue par l'état « Précisions demandées » depuis le ")
    assert paused.en.startswith("Paused by the state “Details asked” since ")
    world.wait(days=10)
    world.ask("reply", "office")
    [paused] = [step for step in world.engine.explain("P", "answer").steps if step.code == "paused"]
    assert paused.en == (
        "Paused by the state “Details asked” from Friday 10 March 2023 to Sunday 19 March 2023, days given back: "
        "Sunday 16 April 2023."
    )


def test_other_rules_without_it_forget_no_stop() -> None:
    world = lived()
    second = REQUEST.replace("version: 1", "version: 2").replace("    paused_in: asked\n", "")
    world.engine.publish(second.encode(), "second.yaml")
    rules = {each.version: each.digest for each in _versions(world)}
    asked_and_answered(world, 10)

    def migrate(version: int) -> None:
        command = Migrate(to=rules[version], reason="other", actor="Grace", roles=("supervisor",), accept_earlier=True)
        plan = world.engine.plan(command, ["P"])
        world.engine.migrate(command, {"P": plan[0].revision})

    migrate(2)
    assert last_day(world) == date(2023, 4, 6)
    migrate(1)
    assert last_day(world) == date(2023, 4, 16)
    assert world.faults() == []


def _versions(world: World) -> list[Published]:
    with world.store.reading() as reading:
        return list(reading.versions())


def test_a_placement_that_enters_other_rules_in_the_state_stands_since_its_entry() -> None:
    world = lived(REQUEST.replace("    paused_in: asked\n", ""))
    world.engine.publish(REQUEST.replace("version: 1", "version: 2").encode(), "second.yaml")
    target = next(each.digest for each in _versions(world) if each.version == 2)
    world.wait(days=4)
    world.ask("ask", "office")
    world.wait(days=3)
    command = Migrate(to=target, reason="other", actor="Grace", roles=("supervisor",))
    world.engine.migrate(command, {"P": world.engine.plan(command, ["P"])[0].revision})
    assert status(world) == "paused"
    world.wait(days=7)
    world.ask("reply", "office")
    assert last_day(world) == date(2023, 4, 16)
    assert world.faults() == []


def test_what_makes_no_sense_is_found() -> None:
    outside = findings(REQUEST.replace("while: [received, asked]", "while: received"))
    assert [(each.code, each.line) for each in outside] == [("paused_outside", 22)]
    always = findings(REQUEST.replace("paused_in: asked", "paused_in: [received, asked]"))
    assert {each.code for each in always} == {"never_fires", "waits_for_nothing"}


def test_a_state_in_which_every_clock_stands_waits_for_nothing() -> None:
    text = REQUEST.replace("  reply: {after: asked, within: 30 days, while: asked, then: reply}\n", "")
    assert [(each.code, each.line) for each in findings(text)] == [("waits_for_nothing", 10)]


def test_a_definition_without_territory_has_that_of_its_zone() -> None:
    assert lived().engine.view("P").facts.territory == "75"
    reunion = lived(REQUEST.replace("initial:", "timezone: Indian/Reunion\ninitial:"))
    assert reunion.engine.view("P").facts.territory == "974"
    assert reunion.due("answer") == datetime.fromisoformat("2023-04-07T00:00+04:00")
    berlin = findings(REQUEST.replace("initial:", "timezone: Europe/Berlin\ninitial:"))
    assert [(each.code, each.line) for each in berlin] == [("no_territory", 3)]


def test_a_territory_that_may_be_missing_is_found() -> None:
    text = REQUEST.replace("  received_on:", "  territory: {type: territory}\n  received_on:")
    assert [(each.code, each.line) for each in findings(text)] == [("no_territory", 7)]
    given = define(text.replace("{type: territory}", "{type: territory, default: '974'}"))
    assert given.fields["territory"].required
