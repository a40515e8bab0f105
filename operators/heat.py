"""Where placements are, and for how long, as notes on the states of a drawing: words first, and a shade besides."""

from collections.abc import Mapping

from operators.definitions.drawing import SHADES, Note
from operators.dwelling import Dwell
from operators.times import length_text


def notes(counts: Mapping[str, int], dwell: Mapping[str, Dwell], lang: str) -> Mapping[str, Note]:
    """A note on every state that has placements, or has had some."""
    most = max(counts.values(), default=0)
    return {name: _note(counts.get(name, 0), most, dwell.get(name), lang) for name in {**counts, **dwell}}


def _note(count: int, most: int, dwell: Dwell | None, lang: str) -> Note:
    level = -(-count * (SHADES - 1) // most) if most else 0
    text = str(count) if dwell is None else f"{count} · {length_text(dwell.median, lang)}"
    return Note(text, level)
