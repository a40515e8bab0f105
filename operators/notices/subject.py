"""What a notice speaks of: the placement as it is now, and the entry that gave rise to the notice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app import App
from workflow.definition import VOIDED, Deadline
from workflow.errors import NotFound
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.ledger import is_paused
from workflow.standing import reversed_by
from workflow.views import PlacementView

_LASTS: Final = {"reminder": (None,), "note": (None,), "missed": ("missed",), "milestone": ("missed",)}
_GOES: Final = {
    "reminder": "the deadline was met, moved or stopped, or is over",
    "note": "the deadline was met, moved or stopped, or is over",
    "missed": "what was missed is not missed any more",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """`undone`: the entry was reversed since."""

    view: PlacementView
    entry: HistoryEntry
    undone: bool

    @property
    def facts(self) -> Facts:
        """The placement's facts as they are now."""
        return self.view.facts

    @property
    def deadline(self) -> Deadline | None:
        """The deadline that it is about; None where the rules of today have none of this name."""
        return self.view.rules.definition.deadlines.get(str(self.entry.deadline))

    def address(self, role: str) -> str | None:
        """The address that the placement has for a role; None where there is none, or none any more."""
        from operators.notices.recipients import address_field

        name = address_field(self.view.rules.definition, role)
        value = None if name is None else self.view.personal.get(name, self.facts.fields.get(name))
        return None if value is None else str(value)

    def overtaken(self, now: datetime) -> str | None:
        """Why there is no sense in telling it any more; None where it still stands."""
        if self.facts.state == VOIDED:
            return "the placement was put aside"
        if self.undone:
            return "the entry was reversed"
        if self.entry.kind == "approval":
            waits = any(each.seq == self.entry.seq for each in self.facts.requests)
            return None if waits else "the correction was approved, refused or withdrawn"
        if self.entry.kind not in _LASTS:
            return None
        return None if self._lasts(now) else _GOES.get(self.entry.kind, _GOES["missed"])

    def _lasts(self, now: datetime) -> bool:
        occurrence = self.facts.occurrences.get(str(self.entry.deadline))
        if occurrence is None or occurrence.due_at != self.entry.due_at:
            return False
        if self.entry.kind in ("reminder", "note") and (now >= occurrence.due_at or is_paused(occurrence.ledger)):
            return False
        return occurrence.closed in _LASTS[self.entry.kind]


def subject_of(app: App, reference: str, seq: int) -> Subject:
    """What the notice of an entry is about. Raises NotFound."""
    view = app.engine.view(reference)
    history = [stored.chained() for stored in app.queries.history(reference)]
    entry = next((item.entry for item in history if item.entry.seq == seq), None)
    if entry is None:
        raise NotFound(f"{reference} has no entry {seq}")
    return Subject(view, entry, seq in reversed_by(history))
