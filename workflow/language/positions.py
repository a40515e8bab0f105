"""Where each part of a definition's text stands: from a path in the data to line and column.

Knows neither YAML (yaml_nodes.py) nor what the data mean.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from workflow.definition import Place
from workflow.errors import Finding

Path = tuple[str | int, ...]
START = Place(1, 1)


@dataclass(slots=True)
class Source:
    """A definition's text as plain data, and the place of every key and value by its path.

    `folded` holds the paths of block scalars (`>` and `|`), whose text begins on the line after their mark.
    """

    file: str
    lines: list[str] = field(default_factory=list)
    data: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    folded: set[Path] = field(default_factory=set)

    def finding(self, place: Place, code: str, fr: str, en: str) -> Finding:
        """A finding in this file, told in French and in English."""
        return Finding(self.file, place.line, place.column, code, en, fr)

    def value(self, *path: str | int) -> Place:
        """Where the value of a path begins; that of its nearest ancestor where the path is not there."""
        return self._nearest(self.values, path)

    def key(self, *path: str | int) -> Place:
        """Where the key of a path (in a list, the item) begins; of its nearest ancestor otherwise."""
        return self._nearest(self.keys, path)

    def within(self, path: Path, column: int) -> Place:
        """Where the character number `column` (from 1) of a text value stands, on whatever line.

        Spaces and line breaks of the text may differ from the file's, so the other characters are counted.
        """
        start = self.value(*path)
        text = self._text_at(path)
        wanted = len("".join(text[: column - 1].split()))
        at_end = column > len(text.rstrip())
        found = list(islice(self._characters(path, start), wanted + (not at_end)))
        if not found:
            return start
        last = found[-1]
        return Place(last.line, last.column + at_end)

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        while path and path not in places:
            path = path[:-1]
        return places.get(path, START)

    def _text_at(self, path: Path) -> str:
        value = self.data
        for step in path:
            value = value[step]
        return str(value)

    def _characters(self, path: Path, start: Place) -> Iterator[Place]:
        quoted = self.lines[start.line - 1][start.column - 1 : start.column] in ("'", '"')
        first = start.column - 1 + quoted
        if path in self.folded:
            first = len(self.lines[start.line - 1])
        for number, line in enumerate(self.lines[start.line - 1 :], start.line):
            for index in range(first, len(line)):
                if not line[index].isspace():
                    yield Place(number, index + 1)
            first = 0
