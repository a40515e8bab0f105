"""The key `approvals` of a definition: what it gives, and every fault with its place."""

import pytest

from tests.unit.definitions import SMALL, define, findings
from workflow.definition import Approval, Definition
from workflow.loader import read_definition


def with_approvals(text: str) -> str:
    return f"{SMALL}approvals:\n{text}"


def found(text: str) -> list[tuple[int, int, str]]:
    """Line (from that of `approvals`), column and code of each finding."""
    before = SMALL.count("\n") + 1
    return [(each.line - before, each.column, each.code) for each in findings(with_approvals(text))]


def test_each_correction_names_who_approves_and_for_what() -> None:
    said = define(
        with_approvals(
            "  late: {by: [clerk], triggers: [close]}\n"
            "  reverse: {by: [clerk, supervisor]}\n"
            "  amend: {by: [clerk], fields: [due_on, months]}\n"
            "  move: {by: [supervisor], deadlines: [answer]}\n"
        )
    )
    assert said.approvals == {
        "late": Approval(("clerk",), frozenset({"close"})),
        "reverse": Approval(("clerk", "supervisor")),
        "amend": Approval(("clerk",), frozenset({"due_on", "months"})),
        "move": Approval(("supervisor",), frozenset({"answer"})),
    }


def test_without_the_key_nothing_waits_for_anybody() -> None:
    assert define(SMALL).approvals == {}


def test_published_definition_keeps_its_approvals() -> None:
    made = define(with_approvals("  amend: {by: [clerk], fields: [due_on]}\n  void: {by: [clerk]}\n"))
    assert Definition.from_compiled(made.compiled(), made.source).approvals == made.approvals
    assert read_definition(made.source, "published").approvals == made.approvals


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("  amend: {by: [clark]}\n", (1, 16, "unknown_role")),
        ("  amend: {by: []}\n", (1, 15, "wrong_value")),
        ("  amend: {by: clerk}\n", (1, 15, "wrong_value")),
        ("  amend: {fields: [due_on]}\n", (1, 3, "missing_key")),
        ("  amend: {by: [scheduler]}\n", (1, 16, "wrong_approver")),
        ("  amend: {by: [clerk, clerk]}\n", (1, 23, "repeated")),
        ("  amend: {by: [clerk], fields: [dew_on]}\n", (1, 33, "unknown_field")),
        ("  amend: {by: [clerk], fields: []}\n", (1, 32, "wrong_value")),
        ("  amend: {by: [clerk], deadlines: [answer]}\n", (1, 24, "unknown_key")),
        ("  reverse: {by: [clerk], fields: [due_on]}\n", (1, 26, "unknown_key")),
        ("  pause: {by: [clerk], deadlines: [anwser]}\n", (1, 36, "unknown_deadline")),
        ("  late: {by: [clerk], triggers: [closed]}\n", (1, 34, "unknown_trigger")),
        ("  extend: {by: [clerk]}\n", (1, 3, "unknown_key")),
        ("  move:\n", (1, 8, "wrong_value")),
        ("  move: clerk\n", (1, 9, "wrong_value")),
    ],
)
def test_every_wrong_form_is_a_finding_at_its_place(text: str, fault: tuple[int, int, str]) -> None:
    assert found(text) == [fault]
