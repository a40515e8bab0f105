"""Rules with a date of application: which one counts is told by the day on which the clock begins."""

from datetime import date

import pytest

from tests.unit.definitions import findings, shipped
from tests.world import World, instant, reach
from workflow.commands import Adjust

_SIGNATURE = "    within: 15 days\n    while: [candidate_selected, training_body_contacted]\n"
_SELECTION = "    within: 15 days\n    while: candidate_shown\n"
_REVISED = "    revised: [{from: 2021-07-01, within: 1 month}]\n"
ONE_MONTH = shipped((_SIGNATURE, _SIGNATURE + _REVISED), (_SELECTION, _SELECTION + _REVISED))


def revised(text: str) -> str:
    """The shipped definition, its signature revised so."""
    return shipped((_SIGNATURE, f"{_SIGNATURE}    revised: {text}\n"))


def world_at(at: str, source: str = ONE_MONTH) -> World:
    """A post whose candidate was selected at this moment."""
    world = World.starting(instant(f"{at[:10]} 08:00"), source.encode())
    world.place()
    reach(world, "candidate_shown")
    world.clock.at = instant(at)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    return world


@pytest.mark.parametrize(
    ("at", "last_day"),
    [
        ("2021-06-30 10:00", date(2021, 7, 15)),
        # Already the 1st of July in Paris.
        ("2021-06-30 22:30", date(2021, 8, 1)),
        ("2021-07-01 10:00", date(2021, 8, 1)),
        ("2021-07-31 10:00", date(2021, 8, 31)),
    ],
)
def test_the_day_of_the_anchor_tells_which_rule_counts(at: str, last_day: date) -> None:
    assert world_at(at).engine.explain("P", "signature").last_day == last_day


def test_the_explanation_names_the_rule_in_force() -> None:
    steps = world_at("2021-07-05 10:00").engine.explain("P", "signature").steps
    assert (steps[0].code, steps[0].details) == ("in_force", {"from": "2021-07-01"})
    assert "1er juillet 2021" in steps[0].fr
    assert "in_force" not in [step.code for step in world_at("2021-06-05 10:00").engine.explain("P", "signature").steps]


def test_a_pause_is_given_back_by_the_rule_in_force() -> None:
    world = world_at("2021-07-05 10:00", revised("[{from: 2021-07-01, within: 10 days, counting: working}]"))
    for kind in ("pause", "resume"):
        command = Adjust(reference="P", deadline="signature", kind=kind, reason="x", actor="Ada", roles=("supervisor",))
        world.engine.ask(command)
        world.sleep(days=7)
    # Ten working days from Monday the 5th end on the 20th (the 14th is a holiday), and five of them were paused.
    assert world.engine.explain("P", "signature").last_day == date(2021, 7, 27)


def test_of_several_revisions_the_last_that_has_begun_counts() -> None:
    text = "[{from: 2021-05-01, within: 20 days}, {from: 2021-07-01, within: 1 month}]"
    assert world_at("2021-06-01 10:00", revised(text)).engine.explain("P", "signature").last_day == date(2021, 6, 21)
    assert world_at("2021-08-01 10:00", revised(text)).engine.explain("P", "signature").last_day == date(2021, 9, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[{from: 2021-02-30, within: 1 month}]", "wrong_value"),
        ("[{from: 2021-07-01, within: 1 mois}]", "wrong_length"),
        ("[{from: 2021-07-01}]", "missing_key"),
        ("[{from: 2021-07-01, within: 1 month}, {from: 2021-06-01, within: 2 months}]", "wrong_order"),
        ("[{from: 2021-07-01, within: 48 hours, counting: working}]", "wrong_counting"),
        ("[{from: 2021-07-01, within: {field: host_name, unit: months}}]", "wrong_type"),
    ],
)
def test_a_revision_that_is_wrong_is_found_where_it_stands(text: str, code: str) -> None:
    found = findings(revised(text))
    line = 1 + next(number for number, each in enumerate(revised(text).splitlines()) if "revised:" in each)
    assert [(each.code, each.line) for each in found][:1] == [(code, line)]


def test_a_reminder_that_a_shorter_revision_makes_late_is_found() -> None:
    # Five days before a period of three: before its beginning, and so never sent; after the anchor, it would be late.
    text = shipped((_SIGNATURE, f"{_SIGNATURE}    revised: [{{from: 2021-07-01, within: 3 days}}]\n"),
                   ("remind: [5 days before, 1 day before]\n    then: lapse_signature",
                    "remind: [10 days after]\n    then: lapse_signature"))  # fmt: skip
    assert [each.code for each in findings(text)] == ["late_reminder"]
