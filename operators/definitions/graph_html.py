"""A definition's drawing as a page, with its heat in tables beneath: what a shade shows, a number says."""

from collections.abc import Iterable, Sequence
from html import escape

from operators.definitions.heat import Heat, deadline_rows, notes, rows
from operators.definitions.svg import inlined, svg
from operators.typography import french
from workflow.definition import Definition

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 1rem; font: 15px/1.4 "Helvetica Neue", Arial, sans-serif; color: #16161d; background: #ffffff; }
figure { margin: 0 0 1rem; overflow-x: auto; }
svg { max-width: none; height: auto; }
table { border-collapse: collapse; margin: 0 0 1.5rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { text-align: right; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8a90a0; }
th:first-child, td:first-child { text-align: left; }
@media (prefers-color-scheme: dark) { body { color: #ececf1; background: #14161c; } }
@media print { svg { max-width: 100%; } }
"""
_STATES = {
    "fr": ("États", "état", "maintenant", "séjours finis", "durée médiane", "finis par une échéance"),
    "en": ("States", "state", "now", "stays ended", "median stay", "ended by a deadline"),
}
_DEADLINES = {
    "fr": ("Échéances", "échéance", "en cours", "tombées", "manquées"),
    "en": ("Deadlines", "deadline", "running", "fired", "missed"),
}


def graph_html(definition: Definition, lang: str, heat: Heat | None) -> str:
    """The page. Raises WrongUsage as `svg` does."""
    title = _html(f"{definition.title[lang]} ({definition.name} {definition.version})")
    tables, noted = "", {} if heat is None else notes(heat, lang)
    if heat is not None:
        tables = _table(_STATES[lang], rows(definition, heat, lang))
        tables += _table(_DEADLINES[lang], deadline_rows(definition, heat, lang))
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<figure tabindex="0">{inlined(svg(definition, lang, noted))}</figure>\n{tables}</body>\n</html>\n'
    )


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    title, *columns = heads
    head = "".join(f'<th scope="col">{_html(column)}</th>' for column in columns)
    body = "".join(_row(line) for line in lines)
    return f"<table><caption>{_html(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def _row(cells: Sequence[str]) -> str:
    first, *others = (_html(cell) for cell in cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def _html(text: str) -> str:
    return escape(french(text))
