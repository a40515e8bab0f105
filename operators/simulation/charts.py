"""Small drawings as SVG: a panel of lines over time, that takes its colours from the page and needs none of them.

Drawn by hand, since a plotting library would fix sizes and colours when it draws: inline SVG follows the page's width,
its light or dark scheme and the printer. Two lines differ by their stroke, and each panel names its own.
"""

from collections.abc import Iterator, Sequence
from html import escape
from math import floor, log10

from operators.simulation.sections import Line, Panel, told_number

WIDTH, HEIGHT = 320, 176
_LEFT, _TOP, _BOTTOM = 44, 28, 24
_RIGHT, _VALUE = 12, 40
"""What is left free at the end of the lines; of a single one, so that its last value stands there."""
_ROOM, _LETTER = 13, 6.8
"""The foot of the line of names, and about how wide a letter of it is."""
_STROKE, _GAP = 25, 16
"""What the stroke before a name takes, and what parts it from the next."""


def panel_svg(panel: Panel, lang: str) -> str:
    """One panel; the same bytes for the same panel."""
    top, end = nice(panel.top), WIDTH - (_RIGHT if len(panel.lines) > 1 else _VALUE)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(_said(panel, lang))}">',
        *_axes(panel, top, end, lang),
        *(part for number, line in enumerate(panel.lines) for part in _line(line, number, top, end)),
        *(_names(panel.lines) if len(panel.lines) > 1 else _last(panel, top, end, lang)),
        "</svg>",
    ]
    return "".join(parts)


def nice(value: float) -> float:
    """A round number that is no less."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** floor(log10(value))
    return next(step * scale for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * scale >= value * (1 - 1e-9))


def _said(panel: Panel, lang: str) -> str:
    """What a drawing says to who does not see it."""
    ends = ", ".join(
        f"{line.name} {told_number(line.values[0], lang)} → {told_number(line.values[-1], lang)}"
        for line in panel.lines
    )
    return f"{panel.title}: {ends}"


def _axes(panel: Panel, top: float, end: int, lang: str) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        y = _y(share * top, top)
        yield f'<line class="grid" x1="{_LEFT}" x2="{end}" y1="{y}" y2="{y}"/>'
        if share != 0.5 or top >= 2:
            yield _text("tick", _at(_LEFT - 5), float(y) + 4, "end", _short(share * top, lang))
    days = panel.days
    for place, anchor in ((0, "start"), (len(days) // 2, "middle"), (len(days) - 1, "end")):
        x = _x(place, len(days), end)
        yield _text("tick", x, HEIGHT - 6, anchor, f"{days[place]:%m/%Y}")


def _line(line: Line, number: int, top: float, end: int) -> Iterator[str]:
    count = len(line.values)
    points = [f"{_x(n, count, end)},{_y(value, top)}" for n, value in enumerate(line.values)]
    if line.low and line.high:
        above = [f"{_x(n, count, end)},{_y(value, top)}" for n, value in enumerate(line.high)]
        below = [f"{_x(n, count, end)},{_y(value, top)}" for n, value in enumerate(line.low)]
        yield f'<polygon class="band" points="{" ".join([*above, *reversed(below)])}"/>'
    if number == 0 and not line.low:
        feet = [f"{_x(n, count, end)},{_y(0, top)}" for n in (0, count - 1)]
        yield f'<polygon class="area" points="{" ".join([feet[0], *points, feet[1]])}"/>'
    yield f'<polyline class="line line{number}" points="{" ".join(points)}"/>'


def _names(lines: Sequence[Line]) -> Iterator[str]:
    """Each line's stroke and name, side by side over the drawing, where they cover nothing."""
    x = float(_LEFT)
    for number, text in enumerate(fitting([line.name for line in lines])):
        yield f'<line class="line line{number}" x1="{_at(x)}" x2="{_at(x + 20)}" y1="{_ROOM - 4}" y2="{_ROOM - 4}"/>'
        yield _text(f"name name{number}", _at(x + _STROKE), _ROOM, "start", text)
        x += _STROKE + _LETTER * len(text) + _GAP


def fitting(names: Sequence[str]) -> list[str]:
    """The names, the longest cut where there is no room for all: the table beside has them whole."""
    found = list(names)
    room = (WIDTH - _LEFT - len(found) * (_STROKE + _GAP)) / _LETTER
    while sum(map(len, found)) > room and max(map(len, found)) > 2:
        longest = max(range(len(found)), key=lambda place: len(found[place]))
        found[longest] = found[longest].rstrip("…")[:-1] + "…"
    return found


def _last(panel: Panel, top: float, end: int, lang: str) -> Iterator[str]:
    """The last value, beside the end of its line."""
    value = panel.lines[0].values[-1]
    yield _text("name name0", _at(end + 4), float(_y(value, top)) + 4, "start", _short(value, lang))


def _text(style: str, x: str, y: float, anchor: str, text: str) -> str:
    return f'<text class="{style}" x="{x}" y="{_at(y)}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(value: float, lang: str) -> str:
    """A number that fits beside an axis."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (size > 1e3 and abs(value) >= size):
            return _plain(value / size, lang) + f" {sign}"
    return _plain(value, lang)


def _plain(value: float, lang: str) -> str:
    return told_number(value, lang, 0 if abs(value - round(value)) < 0.05 or abs(value) >= 100 else 1)


def _x(place: int, count: int, end: int) -> str:
    return _at(_LEFT + (end - _LEFT) * (place / max(1, count - 1)))


def _y(value: float, top: float) -> str:
    return _at(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(value, top) / top)


def _at(value: float) -> str:
    return f"{value:.1f}"
