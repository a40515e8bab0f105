"""The page docs/reference/faults.md: what was tried last, of each row, and what came of it. Knows no row by name."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from faults.harness import Row, Tally
from storage import sqlite

PAGE = Path(__file__).parents[1] / "docs/reference/faults.md"
_COLUMNS = ("row", "fault", "tried", "violations", "control", "seconds", "on")
_RED, _GREEN, _NOT_TRIED = "red, as it must", "NOT RED", "not tried"

_TEXT = """\
# Faults

What `make faults` tried last, row by row; it writes this page. What is shown by it, and how, is explained
[elsewhere](../explanation/reliability.md). A violation is a sentence that did not hold: an acknowledged change that was
not there, half a change, an entry too early or twice, a traceback, a damage that nothing found. The control does the
same with a defect put into the product, and must find violations.

{table}

Made with {machine}. A row is tried again by `python -m faults ROW`, with more cases by `--long`.

| row | what its control brings back |
| --- | --- |
{defects}
"""


@dataclass(frozen=True)
class Result:
    """What came of one row: a line of the table."""

    row: str
    fault: str
    tried: int
    violations: int
    control: str
    took_s: float
    on: str

    @classmethod
    def of(cls, row: Row, tally: Tally, control: Tally, took_s: float) -> "Result":
        """The result of a row that was tried."""
        red = f"{_RED}: {len(control.violations)} of {control.tried}" if control.violations else _GREEN
        fault = f"{row.fault} ({tally.figures})" if tally.figures else row.fault
        today = datetime.now(UTC).date().isoformat()
        return cls(row.name, fault, tally.tried, len(tally.violations), red, took_s, today)

    @classmethod
    def missing(cls, row: Row) -> "Result":
        """The result of a row whose tools are missing."""
        return cls(row.name, row.fault, 0, 0, f"{_NOT_TRIED}: {', '.join(row.missing())} missing", 0, "")

    @property
    def is_green(self) -> bool:
        """Whether nothing was violated and the control failed."""
        return not self.violations and self.control.startswith(_RED)

    @property
    def line(self) -> str:
        """As a line of the table."""
        cells = (self.row, self.fault, f"{self.tried:,}", self.violations, self.control, f"{self.took_s:.0f}", self.on)
        return f"| {' | '.join(map(str, cells))} |"


def table(results: Sequence[Result]) -> str:
    """The results, one line each."""
    return "\n".join([_head(), *(result.line for result in results)])


def _head() -> str:
    return f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}"


def write(results: Sequence[Result], rows: Mapping[str, Row]) -> None:
    """Put these lines into the page; the lines of other rows stay as they are."""
    lines = _lines() | {result.row: result.line for result in results}
    shown = [lines[name] for name in rows if name in lines]
    defects = "\n".join(f"| {row.name} | {row.defect} |" for row in rows.values())
    text = _TEXT.format(table="\n".join([_head(), *shown]), machine=_machine(), defects=defects)
    PAGE.write_text(text, "utf-8")


def _lines() -> dict[str, str]:
    text = PAGE.read_text("utf-8").partition("Made with")[0] if PAGE.exists() else ""
    return {found[1]: found[0] for found in re.finditer(r"^\| (T\d+) \|.*$", text, re.M)}


def _machine() -> str:
    version = sqlite.library().sqlite_version
    system = f"{platform.system()} on {os.cpu_count()} cores ({platform.machine()})"
    return f"{system}, Python {platform.python_version()}, SQLite {version}"
