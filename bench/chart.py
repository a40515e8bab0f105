"""A chart of ratios as SVG: one bar for each case, on a logarithmic scale, grouped by what it stands beside."""

from collections.abc import Sequence
from html import escape
from math import log10

_WIDTH, _LEFT, _ROW, _BAR = 900, 380, 22, 14
_DECADES = 3
"""As far as the scale goes below and above 1."""


def drawn(bars: Sequence[tuple[str, str, float]]) -> str:
    """The chart of (name, name of what it is beside, ratio), in their order."""
    height = _ROW * (len(bars) + 2)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif">'
    rows = [_row(number + 1, *bar) for number, bar in enumerate(bars)]
    return "\n".join(
        [head, f'<rect width="{_WIDTH}" height="{height}" fill="white"/>', *_scale(height), *rows, "</svg>\n"]
    )


def _x(ratio: float) -> float:
    bounded = min(max(ratio, 10**-_DECADES), 10**_DECADES)
    return _LEFT + (_WIDTH - _LEFT - 80) * (log10(bounded) + _DECADES) / (2 * _DECADES)


def _scale(height: int) -> list[str]:
    lines = []
    for power in range(-_DECADES, _DECADES + 1):
        x = _x(10.0**power)
        shade = "#555" if power == 0 else "#ddd"
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_ROW}" y2="{height - 6}" stroke="{shade}"/>')
        lines.append(f'<text x="{x:.1f}" y="14" font-size="11" text-anchor="middle">{10.0**power:g}</text>')
    return lines


def _row(number: int, name: str, beside: str, ratio: float) -> str:
    y = _ROW * number + 4
    one, end = _x(1), _x(ratio)
    fill = "#999" if name == beside else "#0a5fa5"
    return (
        f'<text x="{_LEFT - 8}" y="{y + 11}" font-size="12" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{min(one, end):.1f}" y="{y}" width="{max(abs(end - one), 2):.1f}" height="{_BAR}" fill="{fill}">'
        f"<title>{escape(name)}: {ratio:.3g} of {escape(beside)}</title></rect>"
        f'<text x="{max(one, end) + 6:.1f}" y="{y + 11}" font-size="11">{ratio:.3g}</text>'
    )
