"""What is said to somebody who names something that no definition has."""

from difflib import get_close_matches

from workflow.errors import UnknownName

_KINDS = {"trigger": "déclencheur", "field": "champ", "deadline": "échéance", "state": "état"}


def unknown_fr(error: UnknownName) -> str:
    """The sentence in French; that in English is the error's own."""
    near = get_close_matches(error.name, error.known, 1)
    hint = f" Vouliez-vous dire {near[0]} ?" if near else ""
    return f"La définition ne connaît pas {_KINDS.get(error.kind, error.kind)} {error.name}.{hint}"
