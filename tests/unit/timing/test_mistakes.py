"""Each known mistake in the shipped definition is found, on the line that has to be put right; without one, nothing is."""

import pytest

from tests.unit.definitions import STATES_YAML, marked_lines, shipped
from tests.unit.timing.mistakes import MISTAKES
from workflow.loader import examine_definition

SHIPPED = [STATES_YAML, *sorted((STATES_YAML.parent / "variants").glob("*.yaml"))]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_definitions_have_no_finding(path: object) -> None:
    assert examine_definition(STATES_YAML.parent.joinpath(str(path)).read_bytes(), str(path))[1] == []


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_found_on_its_line(name: str) -> None:
    mistake = MISTAKES[name]
    text = shipped(*mistake.changes)
    _, findings = examine_definition(text.encode(), "states.yaml")
    found = {(finding.code, finding.line) for finding in findings}
    assert [(mistake.code, line) for line in marked_lines(text)] == [
        each for each in sorted(found) if each[0] == mistake.code
    ]
