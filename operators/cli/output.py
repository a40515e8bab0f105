"""How results look: one JSON value, or text for people. Rich draws tables on a terminal; elsewhere plain.

Knows nothing of placements.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TextIO

Cell = str | int | None


def instant(moment: datetime | None) -> str | None:
    """An instant as in all JSON: UTC with Z, microseconds only where there are some."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: date | None) -> str | None:
    """A date as in all JSON: `2021-03-16`."""
    return None if value is None else value.isoformat()


def print_json(value: Any) -> None:
    """Print exactly one JSON value, UTF-8 whatever the locale says."""
    write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write(text: str, stream: TextIO | None = None) -> None:
    """Write text as UTF-8; a lone surrogate (an argument that was no UTF-8) is shown as `?`."""
    stream = stream or sys.stdout
    data = text.encode("utf-8", "replace")
    binary = getattr(stream, "buffer", None)
    if binary is None:
        stream.write(data.decode("utf-8"))
        return
    stream.flush()
    binary.write(data)
    binary.flush()


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at this stream, through a terminal that can do more than print."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def colors_wanted() -> bool:
    """False where `NO_COLOR` is set to anything but nothing (no-color.org)."""
    return not os.environ.get("NO_COLOR")


class Page:
    """Text for people, put together line by line and written at once; `lang` is `fr` or `en`."""

    def __init__(self, lang: str, *, plain: bool = False) -> None:
        self.lang = lang
        self._rich = is_terminal(sys.stdout)
        self._colors = self._rich and colors_wanted() and not plain
        self._parts: list[Any] = []

    def say(self, fr: str, en: str) -> str:
        """The sentence in the page's language."""
        return en if self.lang == "en" else fr

    def line(self, text: str = "") -> None:
        """One line as it is."""
        self._parts.append(shown(text))

    def lines(self, texts: Iterable[str]) -> None:
        """Several lines."""
        for text in texts:
            self.line(text)

    def heading(self, text: str) -> None:
        """A line that names what follows."""
        self._parts.append(_Heading(shown(text)))

    def pairs(self, rows: Iterable[tuple[str, Cell]]) -> None:
        """Names and values, aligned."""
        self._parts.append(_Table((), [tuple(map(_text, row)) for row in rows]))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """A table with a line of column names."""
        self._parts.append(_Table(tuple(columns), [tuple(map(_text, row)) for row in rows]))

    def flush(self) -> None:
        """Write the page to stdout."""
        if self._rich:
            _draw(self._parts, self._colors)
        else:
            write("".join(f"{part}\n" for part in self._parts))


class _Heading(str):
    """A line to stress where that is possible."""

    __slots__ = ()


class _Table:
    def __init__(self, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        self.columns, self.rows = columns, rows

    def __str__(self) -> str:
        lines = [self.columns, *self.rows] if self.columns else self.rows
        if not lines:
            return ""
        widths = [max(width(row[i]) for row in lines) for i in range(len(lines[0]))]
        return "\n".join(_aligned(row, widths) for row in lines)


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)).rstrip()


def width(text: str) -> int:
    """How many columns a text takes: wide characters two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shown(text: str) -> str:
    """A text without control characters: what is stored must not steer a terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _text(cell: Cell) -> str:
    return "" if cell is None else shown(str(cell))


def _draw(parts: list[Any], colors: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(no_color=not colors, highlight=False, soft_wrap=False)
    for part in parts:
        if not isinstance(part, _Table):
            console.print(Text(part, style="bold" if isinstance(part, _Heading) else ""))
            continue
        table = Table(box=box.SIMPLE_HEAD, show_header=bool(part.columns), pad_edge=False)
        for number in range(len(part.columns) or len(part.rows[0]) if part.rows else len(part.columns)):
            table.add_column(part.columns[number] if part.columns else "", overflow="fold")
        for row in part.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(table)
