"""Where placements are, and for how long, as notes on the states of a drawing: words first, and a shade besides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from operators.dwelling import Dwell
from operators.times import length_text

SHADES: Final = ("#ffffff", "#fdf0e0", "#fbd9b0", "#f5b87a", "#e8924a")
"""From no placement to the most; black on each of them is read easily."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is written under a state's name, and the colour behind both."""

    text: str
    shade: str


def notes(counts: Mapping[str, int], dwell: Mapping[str, Dwell], lang: str) -> Mapping[str, Note]:
    """A note on every state that has placements, or has had some."""
    most = max(counts.values(), default=0)
    return {name: _note(counts.get(name, 0), most, dwell.get(name), lang) for name in {**counts, **dwell}}


def _note(count: int, most: int, dwell: Dwell | None, lang: str) -> Note:
    level = -(-count * (len(SHADES) - 1) // most) if most else 0
    text = str(count) if dwell is None else f"{count} · {length_text(dwell.median, lang)}"
    return Note(text, SHADES[level])
