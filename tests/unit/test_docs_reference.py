"""The reference says what the program has: every command, option, setting and log event."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from operators.change_log import EVENT_OF
from operators.cli.catalogue import COMMANDS, Entry
from operators.cli.lazy import load
from operators.log_events import EVENTS
from settings import flag_of, names

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"
EVENT = re.compile(r"[a-z]+\.[a-z_]+")
LOGGING = {"debug", "info", "warning", "error", "exception", "critical"}


def leaves(
    entries: Mapping[str, Entry] = COMMANDS, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Entry]]:
    for name, entry in entries.items():
        if entry.commands:
            yield from leaves(entry.commands, (*path, name))
        else:
            yield (*path, name), entry


def section(title: str) -> str:
    text = (REFERENCE / "cli.md").read_text("utf-8")
    found = re.search(rf"^### `{title}`\n(.*?)(?=^### |\Z)", text, re.M | re.S)
    assert found, f"docs/reference/cli.md has no section {title}"
    return found[1]


@pytest.mark.parametrize(
    ("path", "entry"), list(leaves()), ids=lambda each: "-".join(each) if isinstance(each, tuple) else ""
)
def test_every_command_and_option_is_documented(path: tuple[str, ...], entry: Entry) -> None:
    command: Any = load(path, entry)
    said = section(f"parcours {' '.join(path)}") + section_of_all()
    options = {name for each in command.params if each.param_type_name == "option" for name in each.opts}
    assert {name for name in options if f"`{name}" not in said} == set()
    assert all(each.help for each in command.params), "every option says what it means"


def section_of_all() -> str:
    text = (REFERENCE / "cli.md").read_text("utf-8")
    return text.partition("## Options of every command")[2].partition("## Commands")[0]


def test_the_reference_has_no_command_too_many() -> None:
    text = (REFERENCE / "cli.md").read_text("utf-8")
    assert re.findall(r"^### `parcours (.*)`$", text, re.M) == [" ".join(path) for path, _ in leaves()]


def test_help_of_a_command_begins_as_the_catalogue_says() -> None:
    for path, entry in leaves():
        assert load(path, entry).help == entry.help, path


def test_every_setting_is_documented_with_its_flag_and_variable() -> None:
    text = (REFERENCE / "settings.md").read_text("utf-8")
    rows = [f"| `{name}` | `{flag_of(name)}` | `PARCOURS_{name.upper()}` |" for name in names()]
    assert [row for row in rows if row not in text] == []
    assert len(re.findall(r"^\| `", text, re.M)) == len(rows)


def test_every_setting_has_a_flag_that_exists() -> None:
    flags = {name for path, entry in leaves() for each in load(path, entry).params for name in each.opts}
    assert {flag_of(name) for name in names()} <= flags


def test_every_logged_event_is_listed_and_documented() -> None:
    text = (REFERENCE / "log-events.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z_.]+)` \|", text, re.M) == list(EVENTS)
    assert set(logged()) | set(EVENT_OF.values()) == set(EVENTS)


def logged() -> Iterator[str]:
    """The event names that the product's sources log."""
    for pattern in ("*.py", "workflow/**/*.py", "storage/**/*.py", "audit/**/*.py", "operators/**/*.py"):
        for path in ROOT.glob(pattern):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOGGING:
                    first = node.args[0] if node.args else None
                    if isinstance(first, ast.Constant) and EVENT.fullmatch(str(first.value)):
                        yield str(first.value)
