"""Lines of CSV, quoted where RFC 4180 wants it. Refuses to know what is in the cells.

The standard library looks at every character of every cell; most lines need no quotes at all.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

END = "\r\n"


def lines(rows: Iterable[Sequence[str]], json: int, delimiter: str = ",") -> Iterator[str]:
    """A line for each row, all of as many cells; that of JSON is at `json`."""
    for cells in rows:
        before, fields, after = delimiter.join(cells[:json]), cells[json], delimiter.join(cells[json + 1 :])
        rest = f"{before}{delimiter}{after}"
        if rest.count(delimiter) != len(cells) - 2 or '"' in rest or "\n" in rest or "\r" in rest:
            yield quoted(cells, delimiter)
        elif fields == "{}":
            yield f"{before}{delimiter}{fields}{delimiter}{after}{END}"
        else:
            doubled = fields.replace('"', '""')
            yield f'{before}{delimiter}"{doubled}"{delimiter}{after}{END}'


def quoted(cells: Sequence[str], delimiter: str = ",") -> str:
    """One line, by the standard library."""
    line = StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator=END).writerow(cells)
    return line.getvalue()
