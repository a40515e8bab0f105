"""The process as a diagram's text, in Mermaid and in Graphviz's DOT; timeouts dashed, with their length.

Labels come from whoever wrote the definition: nothing of them can end a string or begin a command of the
diagram's language. Knows nothing of drawing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from workflow.civil.wording import length_en, length_fr
from workflow.definition import Deadline, Definition, FieldLength, Label, Transition

Kind = Literal["transition", "recorded", "automatic", "timeout"]


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow of the diagram; a recorded fact leads back to its own state."""

    source: str
    target: str
    label: str
    kind: Kind


def edges(definition: Definition, lang: str) -> Iterator[Edge]:
    """Every transition from each of its states, the automatic ones, and what deadlines fire, in order."""
    for moves in definition.transitions.values():
        for move in moves:
            kind: Kind = "recorded" if move.to is None else "transition"
            yield from _edges(definition, move, _name(move, lang), kind)
    for move in definition.automatic:
        yield from _edges(definition, move, _name(move, lang), "automatic")
    for spec in definition.deadlines.values():
        yield from _timeouts(definition, spec, lang)


def _edges(definition: Definition, move: Transition, label: str, kind: Kind) -> Iterator[Edge]:
    for state in definition.states:
        if state in move.sources:
            yield Edge(state, move.to or state, label, kind)


def _name(move: Transition, lang: str) -> str:
    return (move.label or Label(move.trigger, move.trigger))[lang]


def _timeouts(definition: Definition, spec: Deadline, lang: str) -> Iterator[Edge]:
    label = f"{spec.label[lang]} ({_length(definition, spec, lang)})"
    for move in definition.transitions.get(spec.then or "", ()):
        for state in definition.states:
            if state in move.sources & spec.span:
                yield Edge(state, move.to or state, label, "timeout")


def _length(definition: Definition, spec: Deadline, lang: str) -> str:
    if isinstance(spec.length, FieldLength):
        return definition.fields[spec.length.field].label[lang]
    counting = spec.length.counting or spec.counting
    return length_en(spec.length, counting) if lang == "en" else length_fr(spec.length, counting)


def mermaid(definition: Definition, lang: str = "fr") -> str:
    """A Mermaid flowchart of the definition; `lang` is `fr` or `en`."""
    lines = ["flowchart TD"]
    for name, state in definition.states.items():
        opening, closing = ("([", "])") if state.final or name == definition.initial else ("[", "]")
        lines.append(f'    s_{name}{opening}"{_for_mermaid(state.label[lang])}"{closing}')
    for edge in edges(definition, lang):
        arrow = "-->" if edge.kind in ("transition", "recorded") else "-.->"
        lines.append(f'    s_{edge.source} {arrow}|"{_for_mermaid(edge.label)}"| s_{edge.target}')
    return "\n".join(lines) + "\n"


def dot(definition: Definition, lang: str = "fr") -> str:
    """A DOT digraph of the definition; `lang` is `fr` or `en`."""
    lines = [
        f"digraph {_for_dot(definition.name)} {{",
        "    rankdir=TB;",
        "    node [shape=box, style=rounded];",
    ]
    for name, state in definition.states.items():
        final = ", peripheries=2" if state.final else ""
        first = ", style=bold" if name == definition.initial else ""
        lines.append(f"    {_for_dot(name)} [label={_for_dot(state.label[lang])}{final}{first}];")
    for edge in edges(definition, lang):
        style = {"timeout": ", style=dashed", "automatic": ", style=dotted"}.get(edge.kind, "")
        ends = f"{_for_dot(edge.source)} -> {_for_dot(edge.target)}"
        lines.append(f"    {ends} [label={_for_dot(edge.label)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _for_mermaid(text: str) -> str:
    # Mermaid knows numeric entities; letters, digits, spaces and a few signs stand for themselves.
    return "".join(c if c.isalnum() or c in " ,.'’-()…" else f"#{ord(c)};" for c in " ".join(text.split()))


def _for_dot(text: str) -> str:
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
