"""A poster as one HTML page that prints on one A4 sheet, readable in black and white. Without script, all in one file.

On paper the size of the type follows from how much there is to say; on a screen columns give way to one.
"""

from collections.abc import Iterable
from html import escape
from math import sqrt

from operators.definitions.poster import Act, Card, Poster, Row
from operators.typography import french

_STYLE = """
:root { color-scheme: light dark; --ink: #16161d; --paper: #ffffff; --soft: #565b66; --line: #8a90a0; --final: #ececef;
  --start: #0b4f94; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #ececf1; --paper: #14161c; --soft: #b3b8c4; --line: #6f7686; --final: #262932; --start: #7db9f5; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.35 "Helvetica Neue", Arial, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.7em; line-height: 1.1; margin: 0; }
.version, .soft { color: var(--soft); }
.version { margin: .1em 0 .7em; font-size: .85em; overflow-wrap: anywhere; }
h2 { font-size: 1em; margin: 0 0 .35em; border-bottom: 2px solid var(--ink); break-after: avoid; }
.phases { columns: 18em; column-gap: 1.2em; }
.phase { margin-bottom: .7em; }
.card { border: 1px solid var(--line); border-radius: .5em; padding: .3em .5em; margin-bottom: .45em;
  margin-right: 2px; break-inside: avoid; }
.initial { border: 3px solid var(--start); }
.final { border: 3px double var(--ink); border-radius: 0; background: var(--final); }
h3 { font-size: 1em; margin: 0; }
h3 .mark { font-weight: normal; font-size: .85em; }
ul { list-style: none; margin: .15em 0 0; padding: 0; }
li { padding-left: .9em; text-indent: -.9em; }
li.act::before { content: "• "; } li.moves::before { content: "→ "; }
.n { display: inline-block; min-width: 1.5em; padding: 0 .25em; border: 1px solid currentColor; border-radius: 1em;
  text-align: center; font-size: .82em; font-weight: bold; text-indent: 0; }
.n.paused { border-style: dashed; border-radius: .3em; }
.deadlines { margin-top: .9em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .15em .5em .15em 0; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--ink); }
tbody th { font-weight: bold; }
.legend { margin: .6em 0 0; font-size: .9em; color: var(--soft); }
.legend span { white-space: nowrap; margin-right: 1em; }
@media (max-width: 40rem) {
  table, tbody, tr, th, td { display: block; } thead { display: none; }
  tr { border-bottom: 1px solid var(--line); padding: .3em 0; } th, td { border: 0; padding: 0; }
  td[data-label]:not(:empty)::before { content: attr(data-label) " "; color: var(--soft); }
}
@page { size: A4 landscape; margin: 8mm; }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #333; --line: #777; --final: #eee; --start: #000; }
  body { font-size: var(--print); line-height: 1.22; }
  main { max-width: none; padding: 0; }
  .phases { columns: 4; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
}
"""
_FILLS = 480.0
"""The size of the type in points, times the root of what is said: with it the fullest sheet that is shipped is full."""
_LARGEST = 10.0
_PER_LINE = 24
"""What a line costs beside its characters, since it is seldom full."""


def poster_html(poster: Poster) -> str:
    """The page."""
    say = _French() if poster.lang != "en" else _English()
    phases = "".join(_phase(label, cards, say) for label, cards in poster.phases)
    always = _section(say.always, f'<div class="card">{_acts(poster.always, say)}</div>') if poster.always else ""
    rows = "".join(_row(row, say) for row in poster.rows)
    heads = "".join(f'<th scope="col">{_html(head)}</th>' for head in say.heads)
    return (
        f'<!doctype html>\n<html lang="{poster.lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_html(poster.title)}</title>\n<style>{_STYLE}:root {{ --print: {_size(poster)}pt; }}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{_html(poster.title)}</h1>\n"
        f'<p class="version">{_html(poster.version)}</p>\n<div class="phases">\n{phases}{always}</div>\n'
        f'<section class="deadlines"><h2>{_html(say.deadlines)}</h2><div class="scroll">'
        f"<table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>\n{_legend(say)}\n</main>\n</body>\n</html>\n"
    )


class _French:
    start, end, deadlines, everywhere = "début", "fin", "Échéances", "partout"
    always = "Dans tous les états ouverts"
    heads = ("N°", "Échéance", "Durée", "Compte depuis", "À son terme", "On attend", "Fondement")
    notice = "un avis"
    colon = "\N{NO-BREAK SPACE}:"
    legend = (("initial", "cadre épais : état initial"), ("final", "cadre double : fin"))
    marks = ("→ change l’état", "• noté, l’état reste", "(n) échéance qui court ici", "cadre pointillé : suspendue ici")


class _English:
    start, end, deadlines, everywhere = "start", "end", "Deadlines", "everywhere"
    always = "In every open state"
    heads = ("No.", "Deadline", "Length", "Counts from", "When it ends", "Awaited", "Legal basis")
    notice = "a notice"
    colon = ":"
    legend = (("initial", "thick frame: initial state"), ("final", "double frame: end"))
    marks = ("→ changes the state", "• recorded, the state stays", "(n) deadline that runs here", "dashed: paused here")


_Words = _French | _English


def _section(title: str, content: str) -> str:
    return f'<section class="phase"><h2>{_html(title)}</h2>{content}</section>\n'


def _phase(label: str, cards: Iterable[Card], say: _Words) -> str:
    return _section(label or "–", "".join(_card(card, say) for card in cards))


def _card(card: Card, say: _Words) -> str:
    kind = " initial" if card.initial else " final" if card.final else ""
    mark = say.start if card.initial else say.end if card.final else ""
    said = f' <span class="mark">({_html(mark)})</span>' if mark else ""
    clocks = " ".join(
        [*(_badge(number) for number in card.clocks), *(_badge(number, paused=True) for number in card.paused)]
    )
    return f'<article class="card{kind}"><h3>{_html(card.text)}{said} {clocks}</h3>{_acts(card.acts, say)}</article>'


def _badge(number: int, *, paused: bool = False) -> str:
    return f'<span class="n paused">Ⅱ {number}</span>' if paused else f'<span class="n">{number}</span>'


def _acts(acts: Iterable[Act], say: _Words) -> str:
    items = "".join(_act(act, say) for act in acts)
    return f"<ul>{items}</ul>" if items else ""


def _act(act: Act, say: _Words) -> str:
    roles = f' <span class="soft">({_html(act.roles)})</span>' if act.roles else ""
    if act.to is None:
        return f'<li class="act">{_html(act.text)}{roles}</li>'
    return f'<li class="moves">{_html(act.text)}{roles}{say.colon} <b>{_html(act.to)}</b></li>'


def _row(row: Row, say: _Words) -> str:
    where = f' <span class="soft">({say.everywhere})</span>' if row.everywhere else ""
    cells = (row.length, row.starts, row.fires or say.notice, row.awaits, row.legal_basis)
    labelled = "".join(
        f'<td data-label="{_html(head)}{say.colon}">{_html(cell)}</td>'
        for head, cell in zip(say.heads[2:], cells, strict=True)
    )
    return f'<tr><td>{_badge(row.number)}</td><th scope="row">{_html(row.text)}{where}</th>{labelled}</tr>'


def _legend(say: _Words) -> str:
    said = [text for _, text in say.legend] + list(say.marks)
    return f'<p class="legend">{"".join(f"<span>{_html(text)}</span> " for text in said)}</p>'


def _size(poster: Poster) -> float:
    """The type in points with which all of it fits."""
    texts = [poster.title, poster.version]
    for _, cards in poster.phases:
        for card in cards:
            texts += [card.text, *(f"{act.text}{act.roles}{act.to or ''}" for act in card.acts)]
    texts += [f"{act.text}{act.roles}{act.to or ''}" for act in poster.always]
    texts += [f"{row.text}{row.length}{row.starts}{row.fires}{row.awaits}{row.legal_basis}" for row in poster.rows]
    filled = sum(len(text) + _PER_LINE for text in texts)
    return round(min(_LARGEST, _FILLS / sqrt(filled)), 2)


def _html(text: str) -> str:
    return escape(french(text))
