"""Cases for the deadline calculator, one or a CSV file of them; every fault has its line and column."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from operators.cli.output import instant
from operators.moments import parse_moment
from settings import WrongUsage
from workflow.calendar import (
    COUNTINGS,
    ROLLS,
    Calendar,
    CalendarError,
    Due,
    deadline,
    parse_length,
    start_of_day,
    zone_of,
)
from workflow.definition import Place
from workflow.errors import Finding, InputRefused
from workflow.language.positions import START, Source

COLUMNS = ("id", "anchor", "territory", "length", "counting", "roll")


@dataclass(frozen=True, slots=True)
class Case:
    """One computation as typed; `last_day` and `instant` are what somebody expects, where they are given."""

    id: str
    anchor: str
    territory: str
    length: str
    counting: str
    roll: str
    last_day: str = ""
    instant: str = ""

    def due(self, calendar: Calendar) -> Due:
        """The computed deadline. Raises CalendarError, and WrongUsage for a moment that cannot be read."""
        return deadline(
            self._anchored_at(),
            self.territory,
            self.length,
            counting=self.counting,
            roll=self.roll,
            calendar=calendar,
        )

    def _anchored_at(self) -> datetime:
        moment = parse_moment(self.anchor, "--from")
        zone = zone_of(self.territory)
        if not isinstance(moment, datetime):
            return start_of_day(moment, self.territory)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def agrees(self, due: Due) -> bool | None:
        """Whether the result is the expected one; None where nothing was expected."""
        expected = (self.last_day, self.instant)
        found = (due.last_day.isoformat(), instant(due.instant) or "")
        compared = [(e, f) for e, f in zip(expected, found, strict=True) if e]
        return all(e == f for e, f in compared) if compared else None

    def as_object(self) -> dict[str, str]:
        """What was asked, for JSON."""
        asked = {name: getattr(self, name) for name in COLUMNS}
        return asked if self.id else {name: value for name, value in asked.items() if name != "id"}


def compute(file: Path, calendar: Calendar) -> list[tuple[Case, Due]]:
    """Every case of the file with its deadline. Raises InputRefused with all findings."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except OSError as error:
        fr, en = f"{file} ne peut être lu : {error.strerror}.", f"{file} cannot be read: {error.strerror}."
        raise WrongUsage(fr, en) from error
    except (UnicodeDecodeError, csv.Error) as error:
        fr, en = f"ce n'est pas du CSV en UTF-8 : {error}", f"no CSV in UTF-8: {error}"
        raise InputRefused([Source(str(file)).finding(START, "unreadable", fr, en)]) from error
    source = Source(str(file))
    header = _header(source, rows)
    findings: list[Finding] = []
    results: list[tuple[Case, Due]] = []
    for line, row in enumerate(rows[1:], start=2):
        try:
            case = _case(row, header)
            results.append((case, case.due(calendar)))
        except _Fault as fault:
            findings.append(source.finding(Place(line, fault.column), "cannot_compute", fault.fr, fault.en))
        except (CalendarError, WrongUsage) as error:
            place = Place(line, header.index(_faulty(case)) + 1)
            findings.append(source.finding(place, "cannot_compute", *_told(error)))
    if findings:
        raise InputRefused(findings)
    return results


class _Fault(Exception):
    """A row that is no case."""

    def __init__(self, column: int, fr: str, en: str) -> None:
        self.column, self.fr, self.en = column, fr, en
        super().__init__(en)


def _header(source: Source, rows: list[list[str]]) -> list[str]:
    header = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in ("anchor", "territory", "length") if name not in header]
    if missing:
        listed = ", ".join(missing)
        fr, en = f"colonnes manquantes : {listed}", f"missing columns: {listed}"
        raise InputRefused([source.finding(START, "column_missing", fr, en)])
    return header


def _case(row: list[str], header: list[str]) -> Case:
    if len(row) != len(header):
        found, wanted = len(row), len(header)
        fr, en = f"{found} cellules, et {wanted} dans l'en-tête", f"{found} cells, where the header has {wanted}"
        raise _Fault(1, fr, en)
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    return Case(
        id=cells.get("id", ""), anchor=cells["anchor"], territory=cells["territory"], length=cells["length"],
        counting=cells.get("counting") or "calendar", roll=cells.get("roll") or "none",
        last_day=cells.get("last_day", ""), instant=cells.get("instant", ""),
    )  # fmt: skip


def _faulty(case: Case) -> str:
    """The column that is to blame where a case cannot be computed."""
    checks: dict[str, Callable[[], object]] = {
        "anchor": lambda: parse_moment(case.anchor),
        "territory": lambda: zone_of(case.territory),
        "length": lambda: parse_length(case.length),
    }
    for column, check in checks.items():
        try:
            check()
        except (CalendarError, WrongUsage):
            return column
    return "counting" if case.counting not in COUNTINGS else "roll" if case.roll not in ROLLS else "length"


def _told(error: CalendarError | WrongUsage) -> tuple[str, str]:
    """The sentence in French and in English."""
    return (error.message, error.message_en) if isinstance(error, WrongUsage) else (error.fr, error.en)
