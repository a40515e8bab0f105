"""What the codes of a refusal mean, in French and in English: a record has the codes alone.

A definition's own codes are told by its messages; a code that neither knows stands for itself.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from workflow.definition import Definition, Label
from workflow.language.wording import Said

MEANINGS: Final[Mapping[str, Said]] = {
    "above_maximum": Said("au-dessus du maximum", "above the maximum"),
    "already_recorded": Said("déjà enregistré", "recorded already"),
    "before_placement": Said("avant la création du placement", "before the placement was made"),
    "below_minimum": Said("en dessous du minimum", "below the minimum"),
    "condition_not_met": Said("aucune condition n'est remplie", "no condition holds"),
    "dates_disagree": Said("une autre date que celle du fait", "another date than that of the fact"),
    "entries_in_the_way": Said("avant une écriture déjà faite", "before an entry that is there already"),
    "field_needed": Said("champ à renseigner", "field to be filled in"),
    "field_not_taken": Said("champ non accepté ici", "field not taken here"),
    "guard_failed": Said("condition impossible à évaluer", "guard that cannot be evaluated"),
    "in_the_future": Said("dans le futur", "in the future"),
    "not_allowed": Said("valeur non admise", "value that is not allowed"),
    "not_allowed_here": Said("impossible dans cet état", "not possible in this state"),
    "not_allowed_on": Said("valeur non admise à cette date", "value that is not allowed on that day"),
    "not_yet": Said("un état n'a pas encore été atteint", "a state was not entered yet"),
    "reason_needed": Said("motif à donner", "reason to be given"),
    "role_needed": Said("rôle à donner", "role to be given"),
    "role_not_allowed": Said("non permis à ce rôle", "not allowed to this role"),
    "table_not_covered": Said("la table ne dit rien de ce jour", "the table says nothing of that day"),
    "unknown_name": Said("la définition n'a pas ce nom", "the definition has no such name"),
    "value_taken": Said("valeur déjà prise par un autre placement", "value that another placement holds"),
}
"""The engine's own codes, as far as a request of a rehearsal can meet them."""


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
