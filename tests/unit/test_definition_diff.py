"""What changed between two definitions: every aspect is told in both languages, and where placements meet it."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from operators.definitions.difference import Difference, differences
from tests.shipped import DEFINITIONS
from tests.unit.definitions import define, shipped, small
from tests.unit.laws.any_life import definition_of
from workflow.calendar import Length
from workflow.definition import Deadline, Definition, Field, FieldLength, Label, Revision, State, Transition, Until

STANDARD = definition_of(DEFINITIONS["standard"])
PERMIT = definition_of(DEFINITIONS["building_permit"])


def told(before: Definition, after: Definition, lang: str = "en") -> list[tuple[str, str, str, list[str]]]:
    """Section, name, change and sentences of each difference."""
    found = differences(before, after)
    return [(each.section, each.name, each.change, [line.sentence[lang] for line in each.lines]) for each in found]


def only(before: Definition, after: Definition) -> Difference:
    """The one difference."""
    [found] = differences(before, after)
    return found


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_does_not_differ_from_itself(name: str) -> None:
    definition = definition_of(DEFINITIONS[name])
    assert differences(definition, definition) == ()


def test_a_comment_is_no_difference() -> None:
    assert differences(define(small()), define("# a comment\n" + small())) == ()


def test_a_deadline_that_is_longer_is_told_with_both_lengths() -> None:
    longer = define(
        shipped(("    within: 15 days\n    while: candidate_shown", "    within: 1 month\n    while: candidate_shown"))
    )
    assert told(STANDARD, longer) == [("deadlines", "selection", "changed", ["length: 15 days → 1 month"])]
    assert told(STANDARD, longer, "fr")[0][3] == ["durée : 15 jours → 1 mois"]
    assert (only(STANDARD, longer).states, only(STANDARD, longer).deadlines) == ((), ("selection",))


def test_a_clock_that_stands_still_is_told() -> None:
    validity = replace(PERMIT.deadlines["validity"], stops=frozenset())
    running = replace(PERMIT, deadlines={**PERMIT.deadlines, "validity": validity})
    assert told(PERMIT, running) == [
        ("deadlines", "validity", "changed", ["paused in: “Contested in court” (removed)"])
    ]


def test_a_guard_and_a_role_are_told_where_they_are_met() -> None:
    other = define(
        shipped(
            ("    by: [host]\n    dated_by: contract_signed_on", "    by: [anct]\n    dated_by: contract_signed_on")
        )
    )
    found = only(STANDARD, other)
    assert [line.sentence.en for line in found.lines] == ["roles: host structure → ANCT"]
    assert (found.section, found.name, found.states) == ("transitions", "sign_contract", ("training_body_contacted",))


def test_a_state_and_all_that_leads_there_are_told() -> None:
    more = define(small(
        ("  closed: {final: true}", "  closed: {final: true}\n  lost: {final: true}"),
        ("  close:", "  lose: {from: waiting, to: lost, by: [clerk]}\n  close:"),
    ))  # fmt: skip
    assert [(each.section, each.name, each.change, each.states) for each in differences(define(small()), more)] == [
        ("states", "lost", "added", ("lost",)), ("transitions", "lose", "added", ("waiting",)),
    ]  # fmt: skip
    assert [each.change for each in differences(more, define(small()))] == ["removed", "removed"]


def test_the_order_of_deadlines_is_a_difference() -> None:
    two = small(("deadlines:\n", "deadlines:\n  other: {after: open, within: 3 days, while: open}\n"))
    swapped = small(("then: close}\n", "then: close}\n  other: {after: open, within: 3 days, while: open}\n"))
    [(section, _, change, sentences)] = told(define(two), define(swapped))
    assert (section, change, sentences) == (
        "definition",
        "changed",
        ["order at one instant: Other, Answer → Answer, Other"],
    )


def test_a_new_label_alone_meets_nobody() -> None:
    other = define(small(("  waiting: {open_ended: true}", "  waiting: {open_ended: true, label: Elsewhere}")))
    assert only(define(small()), other).states == ()


_OTHERS: dict[type, Any] = {
    bool: lambda value: not value, int: lambda value: value + 1, str: lambda value: value + "_other",
    Label: lambda value: Label(value.fr + "!", value.en + "!"),
    Length: lambda value: Length(value.count + 1, value.unit),
    FieldLength: lambda _: Length(3, "days"), Until: lambda value: replace(value, times=value.times + 1),
}  # fmt: skip
_NOT_TOLD = {"name", "number", "order", "place", "trigger", "automatic"}
"""What identifies a part, where it stands in the file, and what its section says."""
_OTHER_VALUES: dict[str, Any] = {
    "phase": "elsewhere", "to": "open", "since": "open", "dated_by": "due_on", "then": "close", "type": "text",
    "minimum": 5, "maximum": 7, "label": Label("Autre", "Other"), "legal_basis": Label("Loi", "Law"),
    "entry_grace": Length(2, "days"), "until": Until("close"), "counting": "clear", "roll": "next_working_day",
    "anchors": (), "span": frozenset({"waiting"}), "sources": frozenset({"waiting"}), "by": frozenset({"clerk", "x"}),
    "stops": frozenset({"open"}), "unset_by": frozenset({"open"}), "needs": ("due_on",), "takes": ("due_on",),
    "kept": frozenset({"due_on"}), "awaits": ("clerk",), "precedes": ("answer",),
}  # fmt: skip


def _changes(part: Any, donor: Any) -> list[tuple[str, Any]]:
    """Each attribute of a part with another value than it has."""
    assert is_dataclass(part)
    found = []
    for spec in fields(part):
        if spec.name in _NOT_TOLD:
            continue
        value = getattr(part, spec.name)
        other = _OTHER_VALUES.get(spec.name, getattr(donor, spec.name))
        if other == value:
            other = _OTHERS[type(value)](value)
        found.append((spec.name, replace(part, **{spec.name: other})))
    return found


def _with(section: str, name: str, part: Any) -> Definition:
    base = define(small())
    parts = dict(getattr(base, section))
    parts[name] = (part,) if section == "transitions" else part
    return replace(base, **{section: parts})


@pytest.mark.parametrize("section", ["states", "fields", "transitions", "deadlines"])
def test_no_aspect_of_the_parts_is_passed_over(section: str) -> None:
    base = define(small())
    name = {"states": "waiting", "fields": "months", "transitions": "pass_on", "deadlines": "answer"}[section]
    part = getattr(base, section)[name]
    part = part[0] if section == "transitions" else part
    donor = _donor(type(part))
    for attribute, changed in _changes(part, donor):
        found = differences(base, _with(section, name, changed))
        assert [each.name for each in found] == [name], attribute


def _donor(kind: type) -> Any:
    """A part of the shipped definition from which values that the small one lacks are taken."""
    if kind is Deadline:
        return replace(STANDARD.deadlines["selection"], revisions=(_revision(),), if_unset_waits=True)
    if kind is Transition:
        return _transition()
    if kind is State:
        return STANDARD.states["in_post"]
    assert kind is Field
    return replace(STANDARD.fields["host_type"], default=STANDARD.fields["convention_months"].default)


def _revision() -> Any:
    return Revision(STANDARD.tables["minimum_wage"].known_until, Length(4, "days"))


def _transition() -> Transition:
    moves = [move for moves in STANDARD.transitions.values() for move in moves]
    guarded = next(move for move in moves if move.guards)
    chosen = next(move for move in moves if move.when is not None)
    return replace(guarded, when=chosen.when, once=True, first_that_holds=True, reason_required=True)
