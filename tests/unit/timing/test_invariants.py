"""What an invariant may say, where it is wrong, and the lives that break one."""

import pytest

from tests.unit.definitions import examined, findings, small
from workflow.definition import Invariant, Label
from workflow.errors import Finding
from workflow.loader import check_definition

TERRITORY = ("fields:\n", "fields:\n  territory: {type: territory, required: true}\n")
CLOSE = "close: {from: [open, waiting], to: closed, by: [clerk, scheduler]}\n"


def saying(*lines: str) -> str:
    text = small(TERRITORY) + "invariants:\n" + "".join(f"  - {line}\n" for line in lines)
    return text


def checked(text: str) -> list[Finding]:
    return examined(text)


def test_invariants_are_read() -> None:
    definition = check_definition(
        saying(
            "{label: Fin, never: {state: [waiting, closed], without: {field: due_on}}}",
            "leads_to: {from: open, to: final, within: 15 days}",
            "{at_most: 2 months, from: {state: waiting, first: true}, to: [closed], unset: [due_on]}",
        ).encode(),
        "test.yaml",
    )
    never, leads, most = definition.invariants
    assert (never.label, never.states, never.without_field) == (Label("Fin", "Fin"), {"waiting", "closed"}, "due_on")
    assert (leads.start, leads.states, str(leads.within)) == ("open", {"closed"}, "15 days")
    assert (most.first, most.unset, str(most.within)) == (True, ("due_on",), "2 months")


def test_longest_and_invariants_survive_being_compiled() -> None:
    text = saying("leads_to: {from: open, to: final, within: 15 days}") + "longest: 3 years\n"
    definition = check_definition(text.encode(), "test.yaml")
    again = type(definition).from_compiled(definition.compiled(), definition.source)
    assert (again.invariants, again.longest) == (definition.invariants, definition.longest)
    assert isinstance(again.invariants[0], Invariant)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{never: {state: open, without: waiting}, at_most: 3 days}", "wrong_invariant"),
        ("{label: Rien}", "wrong_invariant"),
        ("{at_most: 3 days, from: open}", "wrong_invariant"),
        ("{never: {state: open}}", "wrong_invariant"),
        ("{never: {state: open, without: waiting, after: closed}}", "wrong_invariant"),
        ("{never: {state: open, without: {}}}", "wrong_invariant"),
        ("{never: {state: opn, without: waiting}}", "unknown_state"),
        ("{never: {state: open, without: {field: due}}}", "unknown_field"),
        ("{leads_to: {from: open, to: nowhere_at_all, within: 3 days}}", "unknown_state"),
        ("{leads_to: {from: open, to: final, within: soon}}", "wrong_value"),
        ("{leads_to: {from: open, to: final, within: 3 fortnights}}", "wrong_length"),
        ("{at_most: 3 days, from: {field: due_on}, to: final}", "wrong_invariant"),
        ("{at_most: 3 days, from: open, to: final, unset: [months]}", "wrong_type"),
        ("{leads_to: {from: open, to: final, within: 3 days, by: clerk}}", "unknown_key"),
    ],
)
def test_wrong_invariant_is_found_on_its_line(line: str, code: str) -> None:
    text = saying(line)
    found = findings(text)
    assert [(each.code, each.line) for each in found] == [(code, text.count("\n"))]


@pytest.mark.parametrize(
    "line",
    [
        "{never: {state: waiting, without: open}}",
        "{never: {state: open, after: waiting}}",
        "{leads_to: {from: open, to: [waiting, closed], within: 15 days}}",
        "{at_most: 15 days, from: open, to: [waiting, closed]}",
    ],
)
def test_invariant_that_holds_is_proved(line: str) -> None:
    assert checked(saying(line)) == []


def test_broken_invariant_shows_a_life_in_both_languages() -> None:
    (found,) = checked(saying("{leads_to: {from: open, to: [waiting, closed], within: 14 days}}"))
    assert found.code == "invariant_broken"
    assert found.message == "the invariant does not hold: after 'open', it can last more than 14 days"
    assert found.message_fr == "l'invariant ne tient pas : après « open », cela peut durer plus de 14 jours"
    assert [(each.at.isoformat(), each.message_en) for each in found.path] == [
        ("2021-01-04T12:00:00+01:00", "placed: Open"),
        ("2021-01-19T00:00:00+01:00", "the time is over, still: Open"),
    ]
    assert found.path[0].sentence("fr") == "placement créé : Open"


def test_what_no_life_shows_cannot_be_excluded() -> None:
    text = saying("{never: {state: waiting, after: open}}").replace(
        "pass_on: {from: open, to: waiting, by: [clerk]}",
        "pass_on: {from: open, to: waiting, by: [clerk], guards: [{code: no, require: 1 > 2, message: Never}]}",
    )
    (found,) = checked(text)
    assert found.message.endswith("can be in 'waiting' after 'open' (cannot be excluded)")
    assert found.message_fr.endswith("après « open » (ne peut être exclu)")
    assert [each.message_en for each in found.path] == ["placed: Open", "Pass on (pass_on) → Waiting"]


def test_date_that_people_set_breaks_a_limit_unless_it_is_unset() -> None:
    changes = (
        TERRITORY,
        ("after: open, within: 15 days", "after: [{field: due_on}, open], within: 15 days"),
        ("pass_on:", "set_date: {from: open, by: [clerk], takes: [due_on]}\n  pass_on:"),
    )
    text = small(*changes) + "invariants:\n  - {at_most: 15 days, from: open, to: [waiting, closed]UNSET}\n"
    (found,) = checked(text.replace("UNSET", ""))
    assert (found.code, found.path[-1].message_en) == ("invariant_broken", "the time is over, still: Open")
    assert "cannot be excluded" not in found.message
    assert checked(text.replace("UNSET", ", unset: [due_on]")) == []


def test_deadlines_at_one_instant_are_found_unless_the_first_says_before() -> None:
    text = small(
        TERRITORY,
        (CLOSE, CLOSE + "  wait: {from: open, to: waiting, by: [scheduler]}\n"),
        ("while: open, then: close}\n", "while: openSAID, then: close}\n  other: {after: open, within: 15 days, "
         "while: open, then: wait}\n"),
    )  # fmt: skip
    (found,) = checked(text.replace("openSAID", "open"))
    assert (found.code, found.line) == ("same_instant", text[: text.index("answer:")].count("\n") + 1)
    assert found.path[-1].message_en == "at the same instant: answer and other"
    assert checked(text.replace("openSAID", "open, before: [other]")) == []


def test_deadlines_that_lead_to_the_same_state_may_fall_together() -> None:
    text = small(
        TERRITORY,
        (CLOSE, CLOSE + "  shut: {from: open, to: closed, by: [scheduler]}\n"),
        ("then: close}\n", "then: close}\n  other: {after: open, within: 15 days, while: open, then: shut}\n"),
    )
    assert checked(text) == []


def test_too_many_clocks_are_said_to_be_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.timing.exploring.explore.__defaults__", (3,))
    text = small(TERRITORY, (CLOSE, CLOSE + "  wait: {from: open, to: waiting, by: [scheduler]}\n"))
    assert "not_decided" in {found.code for found in checked(text)}
