"""Entering erasures: what of a placement is kept, and the entry with which some of it goes.

Whether somebody may ask for it is decided elsewhere (erasing.py); the store deletes what the change names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from workflow.changes import ErasedValue
from workflow.definition import SCHEDULER
from workflow.journal import Draft, Journal
from workflow.keeping import EMPTIED, ERASED, commitments_in
from workflow.situation import Past

RETENTION = "retention"
"""The ground of an erasure for which the definition's period of retention has ended."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A personal value or free text that an entry set and that no erasure names."""

    seq: int
    name: str
    commitment: str


def kept_in(past: Past) -> list[Kept]:
    """All that is kept of a placement by its history, whether or not its key is still there; oldest first."""
    entries = [item.entry for item in past.entries]
    gone = frozenset().union(*(commitments_in(entry) for entry in entries if entry.kind == "erasure"))
    found = (Kept(e.seq, name, text) for e in entries for name, text in sorted(e.commitments.items()))
    return [each for each in found if each.commitment not in gone]


def expire(journal: Journal, category: str, at: datetime, due_at: datetime) -> None:
    """Enter the end of a category's period of retention, and erase what is kept of it."""
    category_of = journal.rules.definition.category_of
    values = [each for each in kept_in(journal.past) if category_of(each.name) == category]
    draft = Draft(kind="erasure", occurred_at=at, due_at=due_at, actor=SCHEDULER, role=SCHEDULER, reason=RETENTION)
    erase(journal, draft, values, {category})


def erase(journal: Journal, draft: Draft, values: Sequence[Kept], emptied: Collection[str] = ()) -> None:
    """Enter an erasure of these values, with their commitments and the categories of which nothing is left."""
    category_of = journal.rules.definition.category_of
    left = {category_of(each.name) for each in kept_in(journal.past) if each not in values}
    empty = {category_of(each.name) for each in values} - left - {""} | set(emptied)
    said = {ERASED: " ".join(each.commitment for each in values), EMPTIED: " ".join(sorted(empty))}
    entry = replace(draft, fields={**draft.fields, **said})
    journal.erase(entry, [ErasedValue(each.seq, each.name) for each in values])
