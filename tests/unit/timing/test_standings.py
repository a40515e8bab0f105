"""Faults that need no time are shown by a life as well, in both languages, wherever the engine can be brought there."""

import pytest

from tests.unit.definitions import examined, small
from workflow.errors import Finding

TERRITORY = ("fields:\n", "fields:\n  territory: {type: territory, required: true}\n")
PASS_ON = "pass_on: {from: open, to: waiting, by: [clerk]}"
WAITING = ("waiting: {open_ended: true}", "waiting: {}")
DUE = "  late: {after: {field: due_on}, within: 2 days, while: waiting}\n"
FAULTS = {
    "no_way_out": (
        [("from: [open, waiting], to: closed", "from: [open], to: closed")],
        "nothing leads on from here", "rien ne mène plus loin",
    ),
    "waits_for_nothing": ([WAITING], "it waits, with no deadline for sure", "on attend, sans échéance sûre"),
    "anchor_not_set": ([("deadlines:\n", f"deadlines:\n{DUE}")],
                       "Late: nothing to count from", "Late : rien d'où compter"),
    "then_not_allowed": ([("while: open", "while: [open, waiting]"), ("from: [open, waiting]", "from: [open]")],
                         "if “Answer” falls due here, close is not allowed",
                         "si « Answer » tombe ici, close n'est pas permis"),
    "ambiguous_trigger": ([(PASS_ON, f"{PASS_ON}\n  out: [{{from: waiting, to: closed, by: [clerk]}}, "
                                     "{from: waiting, to: open, by: [clerk]}]")],
                          "here out leads to: Closed / Open", "ici out mène à : Closed / Open"),
    "late_reminder": ([("while: open,", "while: open, remind: [16 days after],")],
                      "reminder '16 days after'", "rappel « 16 days after »"),
}  # fmt: skip


def found(code: str, *changes: tuple[str, str]) -> Finding:
    return next(each for each in examined(small(TERRITORY, *changes)) if each.code == code)


@pytest.mark.parametrize("code", FAULTS)
def test_fault_is_shown_on_dates_in_both_languages(code: str) -> None:
    changes, en, fr = FAULTS[code]
    finding = found(code, *changes)
    assert (finding.path[-1].message_en, finding.path[-1].message_fr) == (en, fr)
    assert [each.at for each in finding.path] == sorted(each.at for each in finding.path)
    assert finding.path[0].at.year == 2021


def test_fault_that_no_life_shows_is_told_without_one() -> None:
    never = (PASS_ON, PASS_ON.replace("[clerk]}", "[clerk], guards: [{code: no, require: 1 > 2, message: No}]}"))
    assert found("waits_for_nothing", never, WAITING).path == ()
