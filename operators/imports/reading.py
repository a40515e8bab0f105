"""A file into rows of text cells, each with the line where it begins; all that is wrong in one go.

Refuses to know what a cell means (layouts): only encodings, separators, quotation marks and characters.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from operators.imports.encoding import Decoded, decode
from operators.imports.sentences import Findings
from settings import WrongUsage
from workflow.errors import InputRefused
from workflow.language.wording import Said

MAX_BYTES = 50 * 1024 * 1024
MAX_LINES = 500_000
SEPARATORS = (";", ",", "\t")
_SNIFFED = 10_000

# Faults that make the whole file doubtful: with them nothing of it is entered, not even in part.
WHOLE_FILE = frozenset({"encoding_mixed", "encoding_undefined", "row_malformed", "too_many_posts", "too_many_findings"})

_SIGNATURES = {
    b"PK\x03\x04": Said("un classeur (.xlsx, .ods)", "a workbook (.xlsx, .ods)"),
    b"\xd0\xcf\x11\xe0": Said("un classeur (.xls)", "a workbook (.xls)"),
    b"\xff\xfe": Said("un texte UTF-16", "a text in UTF-16"),
    b"\xfe\xff": Said("un texte UTF-16", "a text in UTF-16"),
    b"\x1f\x8b": Said("une archive gzip", "a gzip archive"),
    b"%PDF": Said("un PDF", "a PDF"),
}

# Controls (a line feed within quotation marks excepted), line separators, what reverses the reading order.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")

# A carriage return that ends no line must not end a row either: it is kept from the parser, as a control.
_LONE_RETURN = "\udc0d"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the physical line where it begins (the header is line 1), and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose header could be read; `rows` are read as they are asked for, faulty ones left out."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    lines: int


def load(path: Path, findings: Findings) -> bytes:
    """The bytes of a file of at most 50 MiB.

    Raises WrongUsage where it cannot be read, InputRefused where it is empty, too large, or clearly no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if len(data) > MAX_BYTES:
        findings.add(1, 1, "file_too_large", limit=MAX_BYTES // 2**20)
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            findings.add(1, 1, "not_csv", what=what)
    if not data.strip(b"\xef\xbb\xbf\r\n\t "):
        findings.add(1, 1, "file_empty")
    _refuse_if_any(findings)
    return data


def read_table(data: bytes, findings: Findings) -> Table:
    """The header and the rows of a file. Raises InputRefused where not even its header can be read."""
    decoded = decode(data)
    text = decoded.text.replace("\r\n", "\n").replace("\r", _LONE_RETURN).rstrip("\n")
    lines = text.count("\n") + 1
    if lines > MAX_LINES:
        findings.add(MAX_LINES + 1, 1, "too_many_lines", limit=MAX_LINES)
        _refuse_if_any(findings)
    rows = _rows(text, _separator(text), findings)
    header = next(rows, None)
    if header is not None:
        _check_characters(header, decoded, findings)
    _refuse_if_any(findings)
    names = () if header is None else tuple(map(_name, header.cells))
    return Table(names, _sound(rows, len(names), decoded, findings), lines)


def _name(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.strip())


def _separator(text: str) -> str:
    header = text[:_SNIFFED].split("\n", 1)[0]
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([header], delimiter=separator), [])))


def _rows(text: str, separator: str, findings: Findings) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator, strict=True)
    while not findings.full:
        line = reader.line_num + 1
        try:
            yield Row(line, next(reader))
        except StopIteration:
            return
        except csv.Error:
            findings.add(line, 1, "row_malformed")
            if reader.line_num > line:  # it swallowed lines: what follows would be read out of step
                return


def _sound(rows: Iterator[Row], width: int, decoded: Decoded, findings: Findings) -> Iterator[Row]:
    for row in rows:
        _check_characters(row, decoded, findings)
        if len(row.cells) != width:
            column = min(len(row.cells), width) + 1
            findings.add(row.line, column, "row_length", found=len(row.cells), expected=width)
        if row.line not in findings.lines:
            yield row


def _check_characters(row: Row, decoded: Decoded, findings: Findings) -> None:
    for column, cell in enumerate(row.cells, start=1):
        if cell.isascii() and cell.isprintable():
            continue
        if foreign := decoded.foreign.search(cell):
            seen = decoded.seen(foreign[0])
            findings.add(row.line, column, decoded.code, seen=seen, encoding=decoded.encoding)
        elif control := _CONTROLS.search(cell):
            findings.add(row.line, column, "control_character", seen=f"U+{_code_point(control[0]):04X}")


def _code_point(character: str) -> int:
    return 0x0D if character == _LONE_RETURN else ord(character)


def _refuse_if_any(findings: Findings) -> None:
    if findings:
        raise InputRefused(findings.sorted())


def _unreadable(path: Path, error: OSError | ValueError) -> WrongUsage:
    reasons: Mapping[type[Exception], tuple[str, str]] = {
        FileNotFoundError: ("ce fichier n'existe pas", "there is no such file"),
        IsADirectoryError: ("c'est un répertoire, pas un fichier", "this is a directory, not a file"),
        PermissionError: ("le droit de lire ce fichier manque", "permission to read this file is denied"),
    }
    fr, en = reasons.get(type(error), ("ce fichier ne peut pas être lu", "this file cannot be read"))
    return WrongUsage(f"{str(path)!r} : {fr}.", f"{str(path)!r}: {en}.", file=str(path))
