"""A definition as a Mermaid state diagram, with a note on each state that says which deadlines run there."""

from collections.abc import Iterator

from operators.definitions.drawing import Box, arrows, boxes, everywhere
from workflow.definition import Definition

_SIGNS = {"asked": "", "fired": "⏱ ", "automatic": "⚙ "}


def mermaid(definition: Definition, lang: str) -> str:
    """The diagram's text."""
    states, common = list(boxes(definition, lang)), everywhere(definition, lang)
    drawn = [*states, *([common] if common else [])]
    lines = ["stateDiagram-v2", *(f"    {box.name} : {_plain(box.text)}" for box in drawn)]
    lines.append(f"    [*] --> {definition.initial}")
    for arrow in arrows(definition, lang):
        lines.append(f"    {arrow.source} --> {arrow.target} : {_SIGNS[arrow.kind]}{_plain(arrow.text)}")
    lines += [f"    {box.name} --> [*]" for box in states if box.final]
    lines += [line for box in drawn for line in _note(box)]
    return "\n".join(lines) + "\n"


def _note(box: Box) -> Iterator[str]:
    if box.clocks:
        yield f"    note right of {box.name}"
        yield from (f"        {'⏸' if clock.paused else '⏱'} {_plain(clock.text)}" for clock in box.clocks)
        yield "    end note"


def _plain(text: str) -> str:
    """A label without what Mermaid would read as its own, or as markup."""
    return "".join(c if c.isprintable() and c not in '"\\<>{}[]|;:#%`' else " " for c in text).strip()
