"""Each known mistake in the shipped definition is found on the line that has to be put right; it itself has none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.definitions import STATES_YAML, examined, findings, marked_lines, shipped
from tests.unit.timing.mistakes import MISTAKES
from workflow.errors import Finding
from workflow.loader import examine_definition

IN_TIME = {
    "same_instant",
    "wrong_before",
    "endless_cycle",
    "instant_cycle",
    "too_long",
    "invariant_broken",
    "never_fires",
}
ROOT = STATES_YAML.parent
SHIPPED = [STATES_YAML, *sorted(ROOT.glob("variants/*.yaml")), *sorted(ROOT.glob("examples/*/states.yaml"))]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_definitions_have_no_finding(path: Path) -> None:
    assert examine_definition(path.read_bytes(), str(path))[1] == []


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_found_on_its_line(name: str) -> None:
    mistake = MISTAKES[name]
    text = shipped(*mistake.changes)
    found = {(finding.code, finding.line) for finding in _checked(text, mistake.code)}
    assert [(mistake.code, line) for line in marked_lines(text)] == [
        each for each in sorted(found) if each[0] == mistake.code
    ]


def _checked(text: str, code: str) -> Sequence[Finding]:
    """What a check finds; the lives are left out where they are not what the mistake is about."""
    return examined(text, "states.yaml") if code in IN_TIME else findings(text)


def test_check_tells_of_both_what_time_brings_and_the_rest() -> None:
    text = shipped(*MISTAKES["a time to choose that was prolonged"].changes, ("[1 month before]", "[7 months after]"))
    _, found = examine_definition(text.encode(), "states.yaml")
    assert {finding.code for finding in found} == {"invariant_broken", "late_reminder"}
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)
