"""One HTML file with everything told: self-contained, without script, for any width, dark or light, and for A4."""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from operators.simulation.charts import panel_svg
from operators.simulation.sections import Cell, Section, Told

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report_html(told: Told, lang: str) -> str:
    """The whole page; the same bytes for the same content."""
    style = files("operators.simulation").joinpath("report.css").read_text(encoding="utf-8")
    parts = [
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(told.title)}</title><style>{style}</style></head><body><main>",
        f"<h1>{escape(told.title)}</h1>",
        "<dl>",
        *(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in told.facts),
        "</dl>",
        *(part for section in told.sections for part in _section(section, lang)),
        "</main></body></html>\n",
    ]
    return "".join(parts)


def _section(section: Section, lang: str) -> Iterator[str]:
    yield f'<section id="{escape(section.key)}"><h2>{escape(section.title)}</h2>'
    if section.remark:
        yield f"<p>{escape(section.remark)}</p>"
    if section.panels:
        yield '<div class="panels">'
        for panel in section.panels:
            yield f"<figure><figcaption>{escape(panel.title)}</figcaption>{panel_svg(panel, lang)}</figure>"
        yield "</div>"
    if section.rows:
        yield from _table(section)
    yield "</section>"


def _table(section: Section) -> Iterator[str]:
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(section.title)}"><table><thead><tr>'
    numbers = section.numbers()
    yield "".join(_head(*each) for each in zip(section.columns, numbers, strict=True))
    yield "</tr></thead><tbody>"
    for row in section.rows:
        yield _row(row, numbers)
    yield "</tbody></table></div>"


def _head(name: str, is_number: bool) -> str:
    return f'<th scope="col"{_side(is_number)}>{escape(name)}</th>'


def _row(row: Sequence[Cell], numbers: Sequence[bool]) -> str:
    first, *others = ("" if cell is None else str(cell) for cell in row)
    cells = "".join(f"<td{_side(side)}>{escape(text)}</td>" for text, side in zip(others, numbers[1:], strict=True))
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'


def _side(is_number: bool) -> str:
    return ' class="number"' if is_number else ""
