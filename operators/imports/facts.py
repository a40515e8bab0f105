"""The layout `facts`: one fact a row, to enter lives already lived up to now.

Columns: `reference`, `trigger`, `at`, the definition's fields by name, and perhaps `reason` and `key`. The
trigger `place` creates the placement. Rows of one placement stand in the order in which they happened.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from operators.imports.reading import Row
from operators.imports.sentences import advice
from operators.imports.sheet import Sheet
from workflow.commands import Fire, Life, Moment, Place
from workflow.definition import IMPORT, Definition
from workflow.values import YEARS

PLACE = "place"

_DAY = r"(?P<iso>\d{4}-\d\d-\d\d)|(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})"
_TIME = r"(?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s?(?P<offset>Z|[+-]\d\d:\d\d)?"
_AT = re.compile(f"(?:{_DAY})(?:[T ]{_TIME})?", re.ASCII)


@dataclass(slots=True)
class _Telling:
    """What the rows of one placement tell, as far as they were read."""

    place: Place | None = None
    facts: list[Fire] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FactsLayout:
    """One row per fact."""

    @property
    def required(self) -> tuple[str, ...]:
        return ("reference", "trigger", "at")

    @property
    def optional(self) -> tuple[str, ...]:
        return ("reason", "key")

    def fields(self, definition: Definition) -> Mapping[str, str]:
        return {name: name for name in definition.fields}

    def lives(self, sheet: Sheet) -> list[Life]:
        told: dict[str, _Telling] = {}
        for row in sheet.rows:
            reference = sheet.text(row, "reference", required=True)
            _tell(sheet, row, told.setdefault(reference, _Telling()), reference)
        return [
            Life(reference, life.place, tuple(life.facts), to_now=True, rows=tuple(life.rows))
            for reference, life in told.items()
            if sheet.findings.lines.isdisjoint(life.rows)
        ]


def moment(text: str) -> Moment:
    """A local day, a local date-time, or an instant with its offset; ISO or DD/MM/YYYY. Raises ValueError."""
    found = _AT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day = found["iso"] or f"{found['y']}-{found['m']}-{found['d']}"
    if int(day[:4]) not in YEARS:
        raise ValueError(text)
    if found["time"] is None:
        return date.fromisoformat(day)
    return datetime.fromisoformat(f"{day}T{found['time']}{found['offset'] or ''}")


def _tell(sheet: Sheet, row: Row, life: _Telling, reference: str) -> None:
    trigger = _trigger(sheet, row)
    fields = {name: sheet.cell(row, name) for name in sheet.definition.fields if sheet.cell(row, name)}
    for name in fields:
        sheet.value(row, name, name)
    reason, key = sheet.text(row, "reason") or None, sheet.text(row, "key") or None
    at = _at(sheet, row, trigger, fields)
    if trigger == PLACE and life.rows:
        sheet.fault(row, "trigger", "place_not_first", reference=reference, first=life.rows[0])
    elif trigger == PLACE:
        life.place = Place(reference=reference, fields=fields, actor=IMPORT, at=at, key=key, dates="french")
    else:
        fact = Fire(reference=reference, trigger=trigger, actor=IMPORT, fields=fields, at=at, roles=(IMPORT,),
                    reason=reason, key=key, dates="french")  # fmt: skip
        life.facts.append(fact)
    life.rows.append(row.line)


def _trigger(sheet: Sheet, row: Row) -> str:
    trigger = sheet.text(row, "trigger", required=True)
    known = (PLACE, *sheet.definition.transitions)
    if trigger and trigger not in known and row.line not in sheet.findings.lines:
        sheet.fault(row, "trigger", "trigger_unknown", found=trigger, advice=advice(trigger, known))
    return trigger


def _at(sheet: Sheet, row: Row, trigger: str, fields: Mapping[str, str]) -> Moment:
    """The moment in `at`; None where it is empty and the field that dates the trigger says it."""
    text = sheet.cell(row, "at")
    if not text:
        _check_dated(sheet, row, trigger, fields)
        return None
    try:
        return moment(text)
    except ValueError:
        sheet.fault(row, "at", "at_invalid", found=text)
        return None


def _check_dated(sheet: Sheet, row: Row, trigger: str, fields: Mapping[str, str]) -> None:
    dated_by = next((t.dated_by for t in sheet.definition.transitions.get(trigger, ()) if t.dated_by), None)
    if dated_by is None:
        sheet.fault(row, "at", "cell_empty", name="at")
    elif dated_by not in fields:
        sheet.fault(row, "at", "at_needed", dated_by=dated_by)
