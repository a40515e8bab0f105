"""The map of a definition, and what a rehearsal sees of it: found by search, from the definition alone."""

import pytest

from rehearsal.days import special_days
from rehearsal.rehearsing import Limits, all_faults, rehearse
from tests.unit.rehearsal.loan import FILE, LOAN, changed, seen
from workflow.calendar import load_calendar
from workflow.errors import DefinitionError

FEW = Limits(paths=50, seconds=0.0)


def test_every_state_and_move_is_found_with_values_that_guards_grant() -> None:
    _, found, _, _ = seen()
    assert {each.state for each in found.situations} == {"asked", "lent", "returned", "lapsed"}
    edges = {edge for each in found.situations for edge in each.done}
    assert {
        ("lend", 0, "lent"),
        ("prolong", 0, "lent"),
        ("give_back", 0, "returned"),
        ("answer", -1, "lapsed"),
    } <= edges


def test_a_move_that_only_later_is_meant_is_found_after_the_last_day() -> None:
    _, found, _, _ = seen()
    late = [move for each in found.situations for edge, move in each.moves.items() if edge[:2] == ("give_back", 1)]
    assert late
    assert all(move.step.ask is not None and move.step.ask.reason for move in late)


def test_the_whole_loan_is_seen_and_keeps_every_law() -> None:
    rehearsal = rehearse(LOAN.encode(), FILE, FEW)
    assert rehearsal.coverage.missing == []
    assert all_faults(rehearsal) == []


def test_what_cannot_be_reached_is_named_with_the_reason() -> None:
    text = changed("needs: [loan_months], once: true", "needs: [loan_months], since: returned")
    rehearsal = rehearse(text.encode(), FILE, FEW)
    missing = {(goal.name, goal.outcome): why for goal, why in rehearsal.coverage.why.items()}
    assert missing[("prolong", "taken")] == (
        "dans lent : not_yet (prolong n'est possible qu'après un premier passage par returned)",
        "in lent: not_yet (prolong is possible only after returned was entered once)",
    )
    assert all(why.fr not in ("", why.en) for why in missing.values())
    assert rehearsal.coverage.percent < 100


def test_a_definition_without_a_field_territory_is_rehearsed_where_its_zone_lies() -> None:
    text = LOAN.replace("  territory:   {type: territory, required: true}\n", "timezone: Indian/Reunion\n")
    text = text.replace("fields:\ntimezone: Indian/Reunion\n", "timezone: Indian/Reunion\nfields:\n")
    rehearsal = rehearse(text.encode(), FILE, FEW)
    assert rehearsal.found.situations[0].stage.facts().territory == "974"
    assert rehearsal.coverage.missing == []


def test_a_definition_of_which_nothing_can_be_placed_is_refused_in_a_sentence() -> None:
    text = changed("serial:      {type: text, exclusive: true}", "serial:      {type: date, required: true}")
    with pytest.raises(DefinitionError, match="no placement could be made"):
        rehearse(text.encode(), FILE, FEW)


def test_special_days_are_those_on_which_dates_go_wrong() -> None:
    from datetime import date

    days = {each.day: each.why.en for each in special_days(date(2021, 3, 1), "57", load_calendar())}
    assert days[date(2021, 3, 28)] == "night that is shorter"
    assert days[date(2021, 10, 31)] == "night that is longer"
    assert days[date(2024, 2, 29)] == "leap day"
    assert days[date(2021, 4, 2)] == "holiday: Vendredi saint"
    assert days[date(2021, 5, 14)] == "bridge: Ascension"
    assert date(2021, 12, 31) in days
    kinds = {each.why.en: each.why.fr for each in special_days(date(2021, 3, 1), "57", load_calendar())}
    assert kinds["holiday: Vendredi saint"] == "jour férié : Vendredi saint"
    assert kinds["leap day"] == "29 février"
