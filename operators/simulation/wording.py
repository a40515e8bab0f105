"""What people read of a simulation in place of short names: what a deadline fires, and why a request was refused."""

from collections.abc import Mapping
from typing import Final

from operators.labels import Labels
from workflow.definition import Deadline, Definition, Label

_OTHER_VALUE: Final = Label("une valeur n’est pas admise", "a value is not allowed")
_NOTICE: Final = Label("un avis seulement", "a notice only")
_PLACE: Final = Label("Créer un dossier", "Create a placement")
_INCIDENT: Final = Label("Dossier en incident", "Placement in an incident")

_REASONS: Final[Mapping[str, Label]] = {
    "not_allowed_here": Label("l’état du dossier ne le permet pas", "the placement’s state does not allow it"),
    "condition_not_met": Label("aucune de ses conditions n’est remplie", "none of its conditions holds"),
    "not_yet": Label("il est trop tôt dans la vie du dossier", "it is too early in the placement’s life"),
    "already_recorded": Label("c’est déjà enregistré", "it is recorded already"),
    "role_needed": Label("il faut un rôle", "a role is needed"),
    "role_not_allowed": Label("ce rôle n’y a pas droit", "this role may not ask for it"),
    "field_needed": Label("une valeur manque", "a value is missing"),
    "no_value": Label("aucune valeur ne convient", "no value will do"),
    "reason_needed": Label("un motif est nécessaire", "a reason is needed"),
    "entries_in_the_way": Label("un fait plus récent est déjà inscrit", "a later fact is entered already"),
    "in_the_future": Label("le fait est daté dans le futur", "the fact is dated in the future"),
    "dates_disagree": Label("deux dates du fait se contredisent", "two dates of the fact disagree"),
    "before_placement": Label("le fait précède le dossier", "the fact is earlier than the placement"),
    "table_not_covered": Label("un barème ne couvre pas ce jour", "a table does not cover this day"),
    "value_taken": Label("cette valeur est déjà prise", "this value is taken already"),
    "quota_exhausted": Label("le contingent est épuisé", "the quota is used up"),
    "below_minimum": Label("une valeur est trop petite", "a value is too small"),
    "above_maximum": Label("une valeur est trop grande", "a value is too large"),
    "not_allowed": _OTHER_VALUE,
    "not_allowed_on": _OTHER_VALUE,
}
"""Why in general, since one line stands for many requests. A guard of the definition has its own sentence."""


class Wording:
    """The words of one definition for its triggers and refusals, in one language."""

    def __init__(self, definition: Definition, lang: str) -> None:
        self._triggers, self._lang = Labels.among([definition]).triggers, lang
        moves = [(name, move) for name, each in definition.transitions.items() for move in each]
        self._guards = {(name, guard.code): guard.message for name, move in moves for guard in move.guards}

    def then(self, spec: Deadline) -> str:
        """What happens when a deadline falls due."""
        return _NOTICE[self._lang] if spec.then is None else self.trigger(spec.then)

    def trigger(self, name: str) -> str:
        """What a trigger is called; also `place`, and `incident` for who asks nothing."""
        own = {"place": _PLACE, "incident": _INCIDENT}.get(name, Label(name, name))
        return self._triggers.get(name, own)[self._lang]

    def refusal(self, trigger: str, code: str) -> str:
        """Why requests were refused, by the code of the first reason; itself where nobody has put it in words."""
        known = self._guards.get((trigger, code)) or _REASONS.get(code)
        text = code if known is None else known[self._lang]
        return text[:1].lower() + text[1:] if known else text
