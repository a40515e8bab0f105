"""Draws a definition: its states and transitions as Mermaid or DOT text, or as SVG through Graphviz.

Labels come from people: whatever could end a label or a line is taken out of them.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from operators.heat import Note
from settings import WrongUsage
from workflow.definition import Definition

_DOT_PATIENCE_S = 60
_NO_NOTES: Mapping[str, Note] = {}


@dataclass(frozen=True, slots=True)
class Arrow:
    """One move from a state to another; `fired_by` names the deadline that fires it, if any does."""

    source: str
    target: str
    trigger: str
    fired_by: str | None


def arrows(definition: Definition) -> Iterator[Arrow]:
    """The moves between states, each once, in the definition's order; facts that keep the state are none."""
    fired_by = {deadline.then: deadline.name for deadline in definition.deadlines.values() if deadline.then}
    asked = [transition for group in definition.transitions.values() for transition in group]
    seen: set[Arrow] = set()
    for transition in (*asked, *definition.automatic):
        for source in definition.states:
            if source in transition.sources and transition.to is not None:
                arrow = Arrow(source, transition.to, transition.trigger, fired_by.get(transition.trigger))
                if arrow not in seen:
                    seen.add(arrow)
                    yield arrow


def mermaid(definition: Definition, lang: str) -> str:
    """A Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {name} : {_plain(state.label[lang])}" for name, state in definition.states.items()]
    lines.append(f"    [*] --> {definition.initial}")
    lines += [f"    {a.source} --> {a.target} : {_plain(_caption(a))}" for a in arrows(definition)]
    lines += [f"    {name} --> [*]" for name, state in definition.states.items() if state.final]
    return "\n".join(lines) + "\n"


def dot(definition: Definition, lang: str, noted: Mapping[str, Note] = _NO_NOTES) -> str:
    """A Graphviz graph; what a deadline fires is dashed. States may have a note under their name."""
    lines = [
        f'digraph "{_plain(definition.name)}" {{',
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ]
    for name, state in definition.states.items():
        ends = ", peripheries=2" if state.final else ""
        note = noted.get(name)
        more = "" if note is None else f"\\n{_plain(note.text)}"
        shade = "" if note is None else f', style="rounded,filled", fillcolor="{note.shade}"'
        lines.append(f'  "{name}" [label="{_plain(state.label[lang])}{more}"{ends}{shade}];')
    for arrow in arrows(definition):
        style = ", style=dashed" if arrow.fired_by else ""
        lines.append(f'  "{arrow.source}" -> "{arrow.target}" [label="{_plain(_caption(arrow))}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def svg(definition: Definition, lang: str, noted: Mapping[str, Note] = _NO_NOTES) -> str:
    """An SVG drawing. Raises WrongUsage where Graphviz is not installed or cannot draw it."""
    program = shutil.which("dot")
    if program is None:
        fr = "Le SVG demande Graphviz (la commande dot), absent ici : --format dot ou mermaid."
        raise WrongUsage(fr, "SVG needs Graphviz (the command dot), missing here: --format dot or mermaid.")
    drawn = subprocess.run(  # noqa: S603 - a fixed program, fed with text that we wrote
        [program, "-Tsvg"], input=dot(definition, lang, noted), capture_output=True, text=True, encoding="utf-8",
        timeout=_DOT_PATIENCE_S, check=False,
    )  # fmt: skip
    if drawn.returncode:
        raise WrongUsage(f"Graphviz a échoué : {drawn.stderr.strip()}", f"Graphviz failed: {drawn.stderr.strip()}")
    return drawn.stdout


DRAWINGS: Mapping[str, Callable[[Definition, str], str]] = {"mermaid": mermaid, "dot": dot, "svg": svg}


def _caption(arrow: Arrow) -> str:
    return arrow.trigger if arrow.fired_by is None else f"{arrow.trigger} ({arrow.fired_by})"


def _plain(text: str) -> str:
    """A label without what Mermaid or DOT would read as theirs."""
    return "".join(c if c.isprintable() and c not in '"\\<>{}[]|;:#%`' else " " for c in text).strip()
