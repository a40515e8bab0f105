"""What an answer tells of deadlines that have ended: the date that they would have had by a correction."""

from datetime import date
from typing import Any

from tests.world import SHIPPED, World, instant, reach
from workflow.commands import Amend, Otherwise, Outcome, Reverse

NOTICE = SHIPPED.replace(b"    then: lapse_selection\n", b"")


def amend(world: World, **fields: str) -> Outcome:
    return world.engine.ask(command(fields))


def command(fields: dict[str, str]) -> Amend:
    return Amend(reference="P", fields=fields, reason="Typo", actor="Ada", roles=("supervisor",))


def told(outcome: Outcome) -> list[tuple[str, str, date, object]]:
    return [(each.deadline, each.kind, each.last_day, each.would_end_on) for each in outcome.otherwise]


def over(world: World) -> World:
    """A convention of thirty-six months that has ended."""
    reach(world, "in_post")
    world.wait(days=365 * 3 + 30)
    assert world.state() == "convention_ended"
    return world


def test_amendment_names_what_has_fired_and_what_its_date_would_have_been(world: World) -> None:
    over(world)
    fired = next(item.entry for item in world.history() if item.entry.deadline == "convention" and item.entry.trigger)
    outcome = amend(world, convention_months="24")
    [each] = [each for each in outcome.otherwise if each.deadline == "convention"]
    assert each == Otherwise(
        "convention", fired.seq, "timeout", date(2024, 1, 3), instant("2024-01-03T23:00"), date(2023, 1, 3),
        instant("2023-01-03T23:00"),
    )  # fmt: skip
    assert world.state() == "convention_ended", "what has fired stays"
    assert world.faults() == []


def test_missed_deadline_whose_states_were_left_since_is_named_too() -> None:
    world = World.starting(instant("2021-01-04T09:00"), NOTICE)
    world.place()
    reach(world, "candidate_shown")
    world.wait(days=20)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    [each] = (each for each in amend(world, territory="974").otherwise if each.deadline == "selection")
    assert (each.kind, each.last_day, each.would_end_on) == ("missed", date(2021, 1, 19), date(2021, 1, 19))
    assert (each.due_at, each.would_be_due_at) == (instant("2021-01-19T23:00"), instant("2021-01-19T20:00"))


def test_date_that_would_be_the_same_is_not_named(world: World) -> None:
    over(world)
    assert told(amend(world, host_name="Nuits")) == []
    amend(world, convention_months="24")
    assert told(amend(world, host_name="Beaune")) == []


def test_open_deadlines_are_moved_and_not_named(world: World) -> None:
    reach(world, "contract_signed")
    assert told(amend(world, convention_months="24")) == []


def test_preview_tells_the_same(world: World) -> None:
    over(world)
    told_before = told(world.engine.preview(command({"convention_months": "12"})))
    assert told_before == told(amend(world, convention_months="12")) != []


def test_reversed_timeout_has_not_ended(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=20)
    said: dict[str, Any] = {"reference": "P", "actor": "Ada", "reason": "other", "roles": ("supervisor",)}
    assert world.engine.ask(Reverse(waive=True, **said)).otherwise == ()
    assert told(amend(world, territory="974")) == []
