"""What the codes of a refusal mean, in French and in English: a record has the codes alone.

A definition's own codes are told by its messages; a code that neither knows stands for itself.
"""

from collections.abc import Iterator

from workflow.definition import Definition, Label
from workflow.language.wording import Said
from workflow.refusal_codes import MEANINGS


def refusal(codes: str, definition: Definition) -> Said:
    """A refusal, by codes with commas between them, each with the field that it speaks of or without."""
    every = [_told(each, definition) for each in codes.split(", ")]
    fr, en = ", ".join(each.fr for each in every), ", ".join(each.en for each in every)
    return Said(f"refus : {fr}", f"refused: {en}")


def _told(code: str, definition: Definition) -> Said:
    own = dict.fromkeys(_own(code, definition))
    meaning = MEANINGS.get(code.partition(" ")[0])
    if own:
        fr, en = " ou ".join(f"« {each.fr} »" for each in own), " or ".join(f"“{each.en}”" for each in own)
        return Said(f"{code} ({fr})", f"{code} ({en})")
    return Said(code, code) if meaning is None else Said(f"{code} ({meaning.fr})", f"{code} ({meaning.en})")


def _own(code: str, definition: Definition) -> Iterator[Label]:
    """The definition's messages for a code: one, or several where different guards share it."""
    if code == "quota_exhausted":
        yield from (quota.message for quota in definition.quotas.values())
    for move in (each for group in definition.transitions.values() for each in group):
        yield from (guard.message for guard in move.guards if guard.code == code)
