"""One complete log line for each change, after its commit. The history is the record; these lines are for watching.

Says no personal value: entries hold none.
"""

import logging
from collections.abc import Sequence
from typing import Final

from workflow.engine import Witness
from workflow.facts import Facts
from workflow.history import ChainedEntry, HistoryEntry, instant_text
from workflow.waiting import APPROVED, REFUSED, REQUESTED, STEP, WITHDRAWN

_LOG = logging.getLogger("parcours.changes")

REMINDED: Final = "reminded"
"""A note about a deadline, which those who are awaited are told."""

EVENT_OF: dict[str, str] = {
    "placed": "placement.placed",
    "transition": "transition.fired",
    "recorded": "fact.recorded",
    "timeout": "deadline.fired",
    "missed": "deadline.missed",
    "milestone": "milestone.reached",
    "reminder": "reminder.recorded",
    "automatic": "transition.followed",
    "amendment": "field.amended",
    "reversal": "entry.reversed",
    "pause": "deadline.paused",
    "resume": "deadline.resumed",
    "extension": "deadline.extended",
    "move": "deadline.moved",
    "note": "note.added",
    REMINDED: "reminder.asked",
    "erasure": "personal_data.erased",
    "void": "placement.voided",
    "migration": "placement.migrated",
    REQUESTED: "approval.requested",
    APPROVED: "approval.granted",
    REFUSED: "approval.refused",
    WITHDRAWN: "approval.withdrawn",
}
"""By the kind of an entry; one of kind `approval` by its step, a note about a deadline apart."""


def log_changes(facts: Facts, entries: Sequence[ChainedEntry]) -> None:
    """Log what was committed for one placement, an entry a line."""
    if _LOG.isEnabledFor(logging.INFO):
        for item in entries:
            _LOG.info(EVENT_OF[_event(item.entry)], extra=_said(facts, item.entry))


def _event(entry: HistoryEntry) -> str:
    if entry.kind == "note" and entry.deadline is not None:
        return REMINDED
    return str(entry.fields.get(STEP, entry.kind))


def both(first: Witness, second: Witness) -> Witness:
    """A witness that tells two others, the one after the other."""

    def tell(facts: Facts, entries: Sequence[ChainedEntry]) -> None:
        first(facts, entries)
        second(facts, entries)

    return tell


def _said(facts: Facts, entry: HistoryEntry) -> dict[str, object]:
    said = {
        "reference": facts.reference,
        "seq": entry.seq,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "trigger": entry.trigger,
        "deadline": entry.deadline,
        "actor": entry.actor,
        "role": entry.role,
        "occurred_at": instant_text(entry.occurred_at),
        "recorded_at": instant_text(entry.recorded_at),
        "key": entry.key,
        "version": entry.definition.version if entry.kind == "migration" else None,
    }
    return {name: value for name, value in said.items() if value is not None}
