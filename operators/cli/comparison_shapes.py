"""The differences of two definitions as JSON, and as text for people."""

from collections.abc import Sequence
from typing import Any

from operators.cli.output import Page
from operators.cli.shapes import definition_object
from operators.definitions.difference import SECTIONS, Difference, Line
from operators.definitions.whom import Whom
from operators.plurals import counted
from storage.queries import Touched
from workflow.definition import Definition, Label

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def comparison_object(
    before: Definition, after: Definition, found: Sequence[Difference], touches: Whom | None
) -> dict[str, Any]:
    """The answer of `definition diff`."""
    each = [None] * len(found) if touches is None else list(touches.each)
    return {
        "before": definition_object(before),
        "after": definition_object(after),
        "differences": [_object(one, counted) for one, counted in zip(found, each, strict=True)],
        "touched": None if touches is None else {"running": touches.running, "placements": touches.placements},
    }


def _object(found: Difference, counted: Touched | None) -> dict[str, Any]:
    return {
        "section": found.section,
        "name": found.name,
        "label": _both(found.label),
        "change": found.change,
        "lines": [_line(line) for line in found.lines],
        "states": list(found.states),
        "deadlines": list(found.deadlines),
        "touched": None
        if counted is None
        else {"placements": counted.placements, "states": dict(counted.states), "deadlines": dict(counted.deadlines)},
    }


def _line(line: Line) -> dict[str, Any]:
    return {"aspect": _both(line.aspect), "before": _both(line.before), "after": _both(line.after),
            "sentence": _both(line.sentence)}  # fmt: skip


def _both(label: Label | None) -> dict[str, str] | None:
    return None if label is None else {"fr": label.fr, "en": label.en}


def write_comparison(
    page: Page, before: Definition, after: Definition, found: Sequence[Difference], touches: Whom | None
) -> None:
    """The differences by section, each with its lines and with whom it touches."""
    page.line(f"{before.name} {before.version} → {after.name} {after.version}")
    if not found:
        page.line(page.say("Mêmes règles.", "The same rules."))
    each: Sequence[Touched | None] = [None] * len(found) if touches is None else touches.each
    section = ""
    for one, touched in zip(found, each, strict=True):
        if one.section != section:
            section = one.section
            page.line("")
            page.line(SECTIONS[section][page.lang])
        page.line(f"  {_SIGNS[one.change]} {_called(one, page.lang)}{_counted(page, touched)}")
        for line in one.lines if one.change == "changed" else ():
            page.line(f"      {line.sentence[page.lang]}")
        for line in one.lines if one.change == "added" else ():
            page.line(f"      {_said(line, page.lang)}")
    if touches is not None:
        page.line("")
        page.line(page.say(
            f"Dossiers en cours touchés : {touches.placements} sur {touches.running}.",
            f"Running placements touched: {touches.placements} of {touches.running}.",
        ))  # fmt: skip


def _called(found: Difference, lang: str) -> str:
    label = found.label[lang]
    return found.name if label == found.name else f"{label} ({found.name})"


def _said(line: Line, lang: str) -> str:
    after = line.after[lang] if line.after is not None else ""
    return f"{line.aspect[lang]}{' : ' if lang != 'en' else ': '}{after}"


def _counted(page: Page, counted: Touched | None) -> str:
    return "" if counted is None else f" — {_placements(page, counted.placements)}"


def _placements(page: Page, count: int) -> str:
    return counted(count, "dossier|dossiers|placement|placements", page.lang)
