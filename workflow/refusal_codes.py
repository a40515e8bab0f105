"""What the codes of the engine's own refusals mean in general: where one line stands for many requests, or has no more
than the code. What one request is answered (blockers.py) says it of that request.
"""

from collections.abc import Mapping
from typing import Final

from workflow.definition import Label

MEANINGS: Final[Mapping[str, Label]] = {
    "above_maximum": Label("au-dessus du maximum", "above the maximum"),
    "already_recorded": Label("déjà enregistré", "recorded already"),
    "before_placement": Label("avant la création du dossier", "before the placement was made"),
    "below_minimum": Label("en dessous du minimum", "below the minimum"),
    "condition_not_met": Label("aucune condition n’est remplie", "no condition holds"),
    "dates_disagree": Label("une autre date que celle du fait", "another date than that of the fact"),
    "entries_in_the_way": Label("avant une écriture déjà faite", "before an entry that is there already"),
    "field_needed": Label("champ à renseigner", "field to be filled in"),
    "field_not_taken": Label("champ non accepté ici", "field not taken here"),
    "guard_failed": Label("condition impossible à évaluer", "guard that cannot be evaluated"),
    "in_the_future": Label("dans le futur", "in the future"),
    "no_value": Label("aucune valeur ne convient", "no value will do"),
    "not_allowed": Label("valeur non admise", "value that is not allowed"),
    "not_allowed_here": Label("impossible dans cet état", "not possible in this state"),
    "not_allowed_on": Label("valeur non admise à cette date", "value that is not allowed on that day"),
    "not_yet": Label("un état n’a pas encore été atteint", "a state was not entered yet"),
    "quota_exhausted": Label("le contingent est épuisé", "the quota is used up"),
    "reason_needed": Label("motif à donner", "reason to be given"),
    "role_needed": Label("rôle à donner", "role to be given"),
    "role_not_allowed": Label("non permis à ce rôle", "not allowed to this role"),
    "table_not_covered": Label("la table ne dit rien de ce jour", "the table says nothing of that day"),
    "unknown_name": Label("la définition n’a pas ce nom", "the definition has no such name"),
    "value_taken": Label("valeur déjà prise par un autre dossier", "value that another placement holds"),
}
"""By code. A guard of a definition has its own message."""
