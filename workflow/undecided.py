"""Why a placement could not be decided, in French and in English: by the code of its incident, as far as one is known.

An incident keeps the sentence of the error, which is English mostly; what has no sentence here is quoted.
"""

from collections.abc import Mapping
from typing import Final

from workflow.language.wording import Said

_KNOWN: Final[Mapping[str, str]] = {
    "too_many_firings": "plus de 1 000 échéances sont échues d'un coup",
    "automatic_cycle": "plus de 1 000 transitions automatiques se sont suivies",
    "claim_refused": "une échéance demande une place d'un quota, ou une valeur, qui n'est plus libre",
    "facts_unreadable": "ce qui est enregistré de ce dossier ne peut être lu",
    "not_found": "la définition de ce dossier n'est pas dans la base",
    "integrity_broken": "ce qui est enregistré de ce dossier se contredit",
    "stale": "la ligne de ce dossier ne répond plus à ce qui en est enregistré",
}


def why_undecided(code: str, message: str) -> Said:
    """The sentence of an incident."""
    return Said(_KNOWN.get(code) or f"le moteur dit « {message} »", message)
