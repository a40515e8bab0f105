"""A definition's drawing as a page, with all of it in tables beneath: what a line or a shade shows, words say."""

from collections.abc import Iterable, Sequence
from html import escape

from operators.definitions.heat import Heat, notes
from operators.definitions.svg import inlined, svg
from operators.definitions.tabled import Grid, drawn_grids, heat_grids
from operators.typography import french
from workflow.definition import Definition

_STYLE = """
:root { color-scheme: light dark; --ink: #16161d; --paper: #ffffff; --rule: #c3c7d1; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #ececf1; --paper: #14161c; --rule: #4a5060; } }
* { box-sizing: border-box; }
body { margin: 1rem; font: 15px/1.4 "Helvetica Neue", Arial, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1rem; }
figure { margin: 0 0 1rem; }
figure, .scroll { overflow-x: auto; }
svg { display: block; max-width: none; height: auto; margin: 0 auto; }
.scroll { margin: 0 0 1.5rem; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--rule); }
tbody th { font-weight: normal; min-width: 8rem; }
.numbers :is(th, td):not(:first-child) { text-align: right; }
.numbers td { white-space: nowrap; font-variant-numeric: tabular-nums; }
@page { size: A4 landscape; margin: 10mm; }
@media print {
  body { margin: 0; font-size: 9pt; }
  svg { max-width: 100%; max-height: 165mm; }
  .scroll { overflow: visible; }
  figure { overflow: visible; break-after: page; }
  tr { break-inside: avoid; }
}
"""


def graph_html(definition: Definition, lang: str, heat: Heat | None) -> str:
    """The page. Raises WrongUsage as `svg` does."""
    title = _html(f"{definition.title[lang]} ({definition.name} {definition.version})")
    noted = {} if heat is None else notes(heat, lang)
    grids = [*([] if heat is None else heat_grids(definition, heat, lang)), *drawn_grids(definition, lang)]
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<figure tabindex="0">{inlined(svg(definition, lang, noted))}</figure>\n'
        f"{''.join(map(_table, grids))}</main>\n</body>\n</html>\n"
    )


def _table(grid: Grid) -> str:
    title, kind = _html(grid.title), ' class="numbers"' if grid.numbers else ""
    head = "".join(f'<th scope="col">{_html(column)}</th>' for column in grid.columns)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{title}">'
        f"<table{kind}><caption>{title}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{_rows(grid.rows)}</tbody></table></div>\n"
    )


def _rows(lines: Iterable[Sequence[str]]) -> str:
    return "".join(_row(*(_html(cell) for cell in line)) for line in lines)


def _row(first: str, *others: str) -> str:
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def _html(text: str) -> str:
    return escape(french(text))
