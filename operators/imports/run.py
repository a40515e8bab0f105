"""From a file to what the engine did with it: read, check, enter, and say what became of each row.

Knows neither the terminal nor the database: it is handed an engine, and told how far along it is to say so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from operators.imports.layouts import LAYOUTS, recognised
from operators.imports.reading import WHOLE_FILE, Row, load, read_table
from operators.imports.sentences import Findings
from operators.imports.sheet import Sheet, sheet_of
from workflow.commands import Life, LifeOutcome
from workflow.definition import Definition
from workflow.engine import Engine
from workflow.errors import Finding, InputRefused

Progress = Callable[[int, int], None]
"""Told, now and then, the line that was read and how many there are."""

_STEP = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A placement that exists with other values than the file's: nothing was written for it."""

    reference: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: how many placements were created, extended or left alone; what was refused."""

    created: int
    extended: int
    unchanged: int
    differs: tuple[Difference, ...]
    refused: tuple[Finding, ...]
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The lives that a file tells, and the column (from 1) of each field, to say where a refusal belongs."""

    lives: list[Life]
    columns: Mapping[str, int]


def import_file(
    engine: Engine,
    path: Path,
    *,
    layout: str | None = None,
    partial: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Enter a CSV file, all of it or nothing; with `partial`, the placements whose rows are all sound.

    Repeatable: what is there already is left alone. Raises InputRefused with every fault of file and rows,
    with `partial` only where the file as a whole cannot be trusted; WrongUsage where it cannot be read.
    """
    findings = Findings(str(path))
    read = read_lives(load(path, findings), findings, engine.current_rules().definition, layout, progress)
    hopeless = bool(findings) and (not partial or not WHOLE_FILE.isdisjoint(findings.codes()))
    # Of a file that is refused already, the engine is still asked, so that all is said in one go.
    outcomes = engine.enter(read.lives, partial=partial or hopeless, dry_run=dry_run or hopeless)
    _note_refusals(outcomes, read.columns, findings)
    if findings and (hopeless or not partial):
        raise InputRefused(findings.sorted())
    return _report(outcomes, findings, dry_run)


def read_lives(
    data: bytes,
    findings: Findings,
    definition: Definition,
    layout: str | None = None,
    progress: Progress | None = None,
) -> Reading:
    """The lives that a file's bytes tell. Raises InputRefused where not even its header will do.

    Without a layout, the header says which one it is.
    """
    table = read_table(data, findings)
    chosen = LAYOUTS[layout] if layout else recognised(table.header)
    filled = chosen.fields(definition)
    required, optional = chosen.required, (*chosen.optional, *filled)
    sheet = sheet_of(table, required, optional, definition, findings)
    if progress is not None:
        sheet = replace(sheet, rows=_told(sheet.rows, table.lines, progress))
    lives = chosen.lives(sheet)
    return Reading(lives, _places(sheet, filled))


def _told(rows: Iterator[Row], lines: int, progress: Progress) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number % _STEP == 0:
            progress(row.line, lines)
        yield row
    progress(lines, lines)


def _places(sheet: Sheet, filled: Mapping[str, str]) -> dict[str, int]:
    return {name: sheet.columns[column] + 1 for column, name in filled.items() if column in sheet.columns}


def _note_refusals(outcomes: Sequence[LifeOutcome], columns: Mapping[str, int], findings: Findings) -> None:
    for outcome in outcomes:
        line = outcome.row or (outcome.life.rows or (1,))[0]
        for blocker in outcome.blockers:
            column = columns.get(str(blocker.details.get("field")), 1)
            reference = outcome.life.reference
            fr, en = f"{reference} : {blocker.sentence('fr')}", f"{reference}: {blocker.sentence('en')}"
            findings.say(line, column, blocker.code, fr, en)


def _report(outcomes: Sequence[LifeOutcome], findings: Findings, dry_run: bool) -> ImportReport:
    became = [outcome.status for outcome in outcomes]
    return ImportReport(
        created=became.count("created"),
        extended=became.count("extended"),
        unchanged=became.count("unchanged"),
        differs=tuple(Difference(each.life.reference, each.differing) for each in outcomes if each.status == "differs"),
        refused=findings.sorted(),
        dry_run=dry_run,
    )
