"""Pages of CSV: one compiled expression makes all lines of a page of entries.

It refuses to know how a form writes a value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from audit.csv_lines import NO_JSON, json_cell, page
from audit.export_schema import KNOWN, Column, Kind, cells_of, compiled, rows_of
from audit.export_stream import Page

Rest = Callable[[Mapping[str, Any]], Sequence[str]]
"""The cells of further columns, which are about the fields that an entry sets."""


def no_rest(fields: Mapping[str, Any]) -> Sequence[str]:
    """That there are no further columns."""
    return ()


class Pages:
    """Makes the text of pages: of these columns, one of which is JSON, each as it is `written`, and of the `rest`."""

    def __init__(
        self,
        shown: Sequence[Column],
        written: Mapping[Kind, str],
        delimiter: str = ",",
        rest: Rest = no_rest,
        **names: Any,
    ) -> None:
        at = [column.kind for column in shown].index("json")
        before, after = (cells_of(some, written) for some in (shown[:at], shown[at + 1 :]))
        each = f"for {KNOWN}, json in zip(*page, jsons)"
        nothing = rest({})

        def tail(fields: Mapping[str, Any]) -> str:
            return delimiter.join(("", *rest(fields)))

        known = {**names, "join": delimiter.join, "rest": rest, "tail": tail, "empty": delimiter * len(nothing)}
        # Of dozens of fields an entry sets one or two, if any.
        ending = " + (tail(e.fields) if e.fields else empty)" if nothing else ""
        self._delimiter, self._width = delimiter, len(shown) + len(nothing)
        self._json = rows_of(shown[at : at + 1], written, row="{0}", **names)
        self._rows = compiled(f"lambda page, jsons: [({before}, json, {after}, *rest(e.fields)) {each}]", shown, known)
        self._lines = compiled(f"lambda page, jsons: [join(({before}, json, {after})){ending} {each}]", shown, known)

    def text(self, entries: Page) -> bytes:
        """The lines of these entries."""
        json = self._json(entries)
        cells = [each if each == NO_JSON else json_cell(each) for each in json]
        lines = self._lines(entries, cells)
        return page(lines, cells, lambda: self._rows(entries, json), self._width, self._delimiter)
