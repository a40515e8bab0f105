"""A definition as a Graphviz graph: states with the deadlines that run there, dashed what these fire."""

from html import escape

from operators.definitions.drawing import EVERYWHERE, NO_NOTES, Box, Note, Notes, arrows, boxes, everywhere
from workflow.definition import Definition

_STYLES = {"asked": "", "fired": ', style=dashed, class="fired"', "automatic": ', style=dotted, class="automatic"'}
_ROOM = "\N{NO-BREAK SPACE}" * 2


def dot(definition: Definition, lang: str, notes: Notes = NO_NOTES) -> str:
    """The graph's text; states may have a note, which shades them too."""
    lines = [
        f"digraph {_quoted(definition.name)} {{",
        "  rankdir=TB; nodesep=0.35; ranksep=0.45; bgcolor=transparent;",
        '  node [shape=plain, fontname="Helvetica,Arial,sans-serif", fontsize=12];',
        '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=10];',
    ]
    lines += [_box(box, notes.get(box.name)) for box in boxes(definition, lang)]
    common = everywhere(definition, lang)
    lines += [_box(common, None)] if common else []
    lines += [
        f"  {_quoted(arrow.source)} -> {_quoted(arrow.target)} [label={_beside(arrow.text)}{_STYLES[arrow.kind]}];"
        for arrow in arrows(definition, lang)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _box(box: Box, note: Note | None) -> str:
    rows = [_row(f"<B>{_html(box.text)}</B>"), *(_row(_clock(clock.text, paused=clock.paused)) for clock in box.clocks)]
    if note is not None:
        rows.append(_row(f"<I>{_html(note.text)}</I>"))
    kind = "final" if box.final else "initial" if box.initial else "open"
    shade = "" if note is None else f" heat{note.shade}"
    border = 3 if box.final or box.initial else 1
    style = ' STYLE="ROUNDED"' if not box.final else ""
    kind = "everywhere" if box.name == EVERYWHERE else kind
    table = (
        f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4" BGCOLOR="white"{style}>'
        f"{''.join(rows)}</TABLE>"
    )
    return f'  {_quoted(box.name)} [label=<{table}>, class="state {kind}{shade}"];'


def _row(content: str) -> str:
    # Room at the end: the fonts of who looks at it may be wider than those of who draws.
    return f'<TR><TD ALIGN="LEFT">{content}&#160;&#160;</TD></TR>'


def _clock(text: str, *, paused: bool) -> str:
    """Words beside the sign: not every font has it."""
    return f'<FONT POINT-SIZE="10">{"Ⅱ" if paused else "◷"} {_html(text)}</FONT>'


def _html(text: str) -> str:
    return escape(" ".join("".join(c if c.isprintable() else " " for c in text).split()), quote=True)


def _beside(text: str) -> str:
    """A label with room on both sides, so that no line runs through its letters."""
    return f'"{_ROOM}{_quoted(text)[1:-1]}{_ROOM}"'


def _quoted(text: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
