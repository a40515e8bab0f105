"""Small definitions for tests, and what is found in them; a line marked with `# <-` should have a finding."""

from pathlib import Path
from textwrap import dedent

from tests.unit.french import told_in_french
from workflow.definition import Definition
from workflow.errors import DefinitionError, Finding
from workflow.loader import check_definition, examine_definition

STATES_YAML = Path(__file__).parents[2] / "states.yaml"

SMALL = """\
definition: small
version: 1
initial: open
roles: [clerk]
fields:
  due_on: {type: date}
  months: {type: integer, minimum: 2, maximum: 36, default: 6}
states:
  open: {}
  waiting: {open_ended: true}
  closed: {final: true}
transitions:
  pass_on: {from: open, to: waiting, by: [clerk]}
  close: {from: [open, waiting], to: closed, by: [clerk, scheduler]}
deadlines:
  answer: {after: open, within: 15 days, while: open, then: close}
"""


def define(text: str) -> Definition:
    """The checked definition in a text, which may be indented."""
    return check_definition(dedent(text).encode(), "test.yaml")


def findings(text: str | bytes) -> tuple[Finding, ...]:
    """All that is wrong with a definition, told in both languages; nothing for a good one."""
    data = text if isinstance(text, bytes) else dedent(text).encode()
    try:
        check_definition(data, "test.yaml")
    except DefinitionError as error:
        told_in_french(error.findings)
        return error.findings
    return ()


def examined(text: str, file: str = "test.yaml") -> list[Finding]:
    """The same, and what time brings."""
    found = examine_definition(text.encode(), file)[1]
    told_in_french(found)
    return found


def small(*changes: tuple[str, str]) -> str:
    """The small definition with some of its text replaced, each part once."""
    return changed(SMALL, *changes)


def shipped(*changes: tuple[str, str]) -> str:
    """The shipped definition with some of its text replaced, each part once."""
    return changed(STATES_YAML.read_text("utf-8"), *changes)


def changed(text: str, *changes: tuple[str, str]) -> str:
    """A text with its parts replaced, each once and each really there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def marked_lines(text: str) -> list[int]:
    """The numbers of the lines marked with `# <-`."""
    return [number for number, line in enumerate(dedent(text).split("\n"), 1) if "# <-" in line]
