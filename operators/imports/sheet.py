"""A file's rows seen through the definition: cells by column, checked by the type of the field they fill.

Knows no layout in particular: which column fills which field is told to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from operators.imports.reading import Row, Table
from operators.imports.sentences import Findings, advice
from workflow.definition import Definition, Value
from workflow.errors import InputRefused
from workflow.values import ValueRefused, read_value

FORMULA_STARTS = ("=", "+", "-", "@")
_NUMBERS = ("money", "integer")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one file, the place of each column (from 0), and where faults are noted."""

    columns: Mapping[str, int]
    rows: Iterator[Row]
    definition: Definition
    findings: Findings
    _read: dict[tuple[str, str], Value | ValueRefused] = field(default_factory=dict)

    def cell(self, row: Row, column: str) -> str:
        """The text of a cell without the blanks around it; empty where the file has no such column."""
        place = self.columns.get(column)
        return "" if place is None else row.cells[place].strip()

    def text(self, row: Row, column: str, *, required: bool = False) -> str:
        """The text of a cell that fills no field, checked for formulas and, where asked, for being there."""
        text = self.cell(row, column)
        if text.startswith(FORMULA_STARTS):
            self.fault(row, column, "formula", seen=text[0])
        elif required and not text:
            self.fault(row, column, "cell_empty", name=column)
        return text

    def value(self, row: Row, column: str, name: str, *, required: bool = False) -> Value:
        """What a cell holds for the field `name`; None where it is empty or was refused, which is noted."""
        number = self.definition.fields[name].type in _NUMBERS
        text = self.cell(row, column) if number else self.text(row, column, required=required)
        if not text or (not number and text.startswith(FORMULA_STARTS)):
            return None
        found = self._value(name, text)
        if isinstance(found, ValueRefused):
            self.findings.say(row.line, self.columns[column] + 1, found.code, found.fr, found.en)
            return None
        return found

    def fault(self, row: Row, column: str, code: str, **details: object) -> None:
        """Note a fault at a cell."""
        self.findings.add(row.line, self.columns[column] + 1, code, **details)

    def _value(self, name: str, text: str) -> Value | ValueRefused:
        # Towns, dates and amounts repeat: each text is read once.
        if (name, text) not in self._read:
            try:
                self._read[name, text] = read_value(self.definition.fields[name], text, dates="french")
            except ValueRefused as refused:
                self._read[name, text] = refused
        return self._read[name, text]


def sheet_of(
    table: Table,
    required: tuple[str, ...],
    optional: tuple[str, ...],
    definition: Definition,
    findings: Findings,
) -> Sheet:
    """The sheet of a table with these columns, in any order. Raises InputRefused with all that is wrong."""
    columns: dict[str, int] = {}
    known = (*required, *optional)
    for place, name in enumerate(table.header):
        if findings.full:
            break
        if name in columns:
            findings.add(1, place + 1, "column_repeated", name=name, first=columns[name] + 1)
        elif name not in known:
            findings.add(1, place + 1, "column_unknown", name=name, advice=advice(name, known))
        columns.setdefault(name, place)
    for name in required:
        if name not in columns:
            findings.add(1, len(table.header) + 1, "column_missing", name=name)
    if findings:
        raise InputRefused(findings.sorted())
    return Sheet(columns, table.rows, definition, findings)
