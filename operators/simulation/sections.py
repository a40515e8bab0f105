"""What a simulation or forecast tells, as sections: a table, panels to draw, rows for a file. It shows nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One course over time; `low` and `high` bound what is likely, where that is known."""

    name: str
    values: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One small drawing: lines over the same days, from zero up."""

    key: str
    title: str
    days: Sequence[date]
    lines: Sequence[Line]

    @property
    def top(self) -> float:
        """The largest value drawn."""
        return max((value for line in self.lines for value in (*line.values, *line.high)), default=0.0)


@dataclass(frozen=True, slots=True)
class Section:
    """One subject: what it is, a table, and the panels that show the same."""

    key: str
    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    panels: Sequence[Panel] = ()
    remark: str = ""

    def numbers(self) -> list[bool]:
        """For each column, whether its cells are numbers: they stand on the other side."""
        return [place > 0 and is_number(self._shown(place)) for place in range(len(self.columns))]

    def _shown(self, place: int) -> Cell:
        return next((row[place] for row in self.rows if row[place] not in (None, "")), None)


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told, in order, and what it was made from."""

    title: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    data: Mapping[str, object] = field(default_factory=dict)


def file_rows(sections: Sequence[Section]) -> Iterator[tuple[str, ...]]:
    """Every value of every panel, one a row, for a program: subject, name, day, line, value, low, high."""
    yield ("subject", "name", "day", "line", "value", "low", "high")
    for section in sections:
        for panel in section.panels:
            for line in panel.lines:
                for n, (day, value) in enumerate(zip(panel.days, line.values, strict=True)):
                    bounds = [number(side[n]) if side else "" for side in (line.low, line.high)]
                    yield (section.key, panel.key, day.isoformat(), line.name, number(value), *bounds)


def number(value: float | int) -> str:
    """A number as a program reads it: two decimals at most, none where there are none."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def is_number(cell: Cell) -> bool:
    """Whether people read a number, or an interval of two."""
    return str("" if cell is None else cell)[:1] in tuple("0123456789+−–[")


def told_number(value: float | int | None, lang: str, digits: int = 0) -> str:
    """A number as people read it."""
    if value is None:
        return "–"
    text = f"{round(value, digits) + 0:,.{digits}f}"
    return text if lang == "en" else text.replace(",", " ").replace(".", ",")


def sampled(days: Sequence[date], every: int) -> list[int]:
    """Places among days, so many apart, the last one included."""
    places = list(range(len(days) - 1, -1, -every))
    return places[::-1]
