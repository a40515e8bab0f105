"""What people read of a simulation in place of short names: what a deadline fires, and why a request was refused."""

from typing import Final

from operators.labels import Labels
from workflow.definition import Deadline, Definition, Label
from workflow.refusal_codes import MEANINGS

_NOTICE: Final = Label("un avis seulement", "a notice only")
_PLACE: Final = Label("Créer un dossier", "Create a placement")
_INCIDENT: Final = Label("Dossier en incident", "Placement in an incident")


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
        known = self._guards.get((trigger, code)) or MEANINGS.get(code)
        text = code if known is None else known[self._lang]
        return text[:1].lower() + text[1:] if known else text
