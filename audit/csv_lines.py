"""Lines of CSV, quoted where RFC 4180 wants it. Refuses to know what is in the cells.

The standard library looks at every character of every cell; most lines need no quotes at all, but for their JSON, and
most pages of lines hold none that does.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from itertools import repeat
from typing import Final

_END: Final = b"\r\n"
NO_JSON: Final = "{}"
_WITHOUT_MEANING: Final = bytes(set(range(256)) - set(b',;\t"\r\n'))
"""Whatever the delimiter is: a comma, a semicolon or a tab."""


def json_cell(json: str) -> str:
    """JSON that names something, as it stands in a line."""
    doubled = json.replace('"', '""')
    return f'"{doubled}"'


def page(
    lines: Sequence[str],
    json: Sequence[str],
    rows: Callable[[], Iterable[Sequence[str]]],
    width: int,
    delimiter: str = ",",
) -> bytes:
    """The text of these lines in UTF-8: each of so many cells, with delimiters between them and nothing quoted but its
    cell of `json`. Where one needs more, that is made of its cells, for which `rows` is asked."""
    # Line by line: few are not ASCII, and the others are encoded at once.
    text = _END.join([line.encode() for line in lines] + [b""])
    if _is_plain(text, "".join(json), len(lines), width, delimiter.encode()):
        return text
    return b"".join(map(_line, lines, json, rows(), repeat(width), repeat(delimiter)))


def _line(line: str, json: str, cells: Sequence[str], width: int, delimiter: str) -> bytes:
    text = line.encode() + _END
    return text if _is_plain(text, json, 1, width, delimiter.encode()) else quoted(cells, delimiter)


def _is_plain(text: bytes, json: str, lines: int, width: int, delimiter: bytes) -> bool:
    """Whether all that CSV has a meaning for is where it has it: delimiters, ends of lines, quotes of `json`."""
    # Looked for once for all: what is left is a tenth of the text.
    marks = text.translate(None, _WITHOUT_MEANING)
    return (
        marks.count(delimiter) - json.count(delimiter.decode()) == lines * (width - 1)
        and marks.count(b'"') == json.count('"')
        and marks.count(b"\n") == lines == marks.count(b"\r")
    )


def quoted(cells: Sequence[str], delimiter: str = ",") -> bytes:
    """One line, by the standard library."""
    line = StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator=_END.decode()).writerow(cells)
    return line.getvalue().encode()
