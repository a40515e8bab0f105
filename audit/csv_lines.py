"""Lines of CSV, quoted where RFC 4180 wants it. Refuses to know what is in the cells.

The standard library looks at every character of every cell; most lines need no quotes at all, but for their JSON, and
most pages of lines hold none that does.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from typing import Final

END = "\r\n"
NO_JSON: Final = "{}"


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
) -> str:
    """The text of these lines: each of so many cells, with delimiters between them and nothing quoted but its cell of
    `json`. Where one needs more, that is made of its cells, for which `rows` is asked."""
    text = END.join([*lines, ""])
    if _is_plain(text, "".join(json), len(lines), width, delimiter):
        return text
    return "".join(
        f"{line}{END}" if _is_plain(f"{line}{END}", cell, 1, width, delimiter) else quoted(cells, delimiter)
        for line, cell, cells in zip(lines, json, rows(), strict=True)
    )


def _is_plain(text: str, json: str, lines: int, width: int, delimiter: str) -> bool:
    """Whether all that CSV has a meaning for is where it has it: delimiters, ends of lines, quotes of `json`."""
    return (
        text.count(delimiter) - json.count(delimiter) == lines * (width - 1)
        and text.count('"') == json.count('"')
        and text.count("\n") == lines == text.count("\r")
    )


def quoted(cells: Sequence[str], delimiter: str = ",") -> str:
    """One line, by the standard library."""
    line = StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator=END).writerow(cells)
    return line.getvalue()
