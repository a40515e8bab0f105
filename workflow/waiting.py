"""From entries to the requests that wait for a second person: opened by one entry, closed by another.

Keeps the order in which they were asked. Whether a request may be made or approved is decided elsewhere (approving.py).
"""

from collections.abc import Iterable

from msgspec.structs import replace

from workflow.facts import Facts, Waiting
from workflow.history import ChainedEntry, HistoryEntry

STEP, ACT, ABOUT, BY = "approval.step", "approval.act", "approval.about", "approval.by"
"""What an `approval` entry says in its fields; no field of a definition has a dot in its name."""

REQUESTED, APPROVED, REFUSED, WITHDRAWN = "requested", "approved", "refused", "withdrawn"


def observe(facts: Facts, entry: HistoryEntry) -> Facts:
    """The facts with what an entry does to the requests; nothing waits on a placement that was voided."""
    if entry.kind == "void":
        return replace(facts, requests=())
    if entry.kind != "approval":
        return facts
    if entry.fields[STEP] == REQUESTED:
        return replace(facts, requests=(*facts.requests, _waiting(entry)))
    return replace(facts, requests=tuple(each for each in facts.requests if each.seq != entry.concerns))


def answered_by(entries: Iterable[ChainedEntry]) -> dict[int, int]:
    """The seq of each request that was approved, refused or withdrawn -> the seq of that answer."""
    found = (item.entry for item in entries if item.entry.kind == "approval")
    return {int(each.concerns or 0): each.seq for each in found if each.fields[STEP] != REQUESTED}


def _waiting(entry: HistoryEntry) -> Waiting:
    return Waiting(
        seq=entry.seq,
        act=str(entry.fields[ACT]),
        about=str(entry.fields[ABOUT]),
        by=tuple(str(entry.fields[BY]).split()),
        actor=entry.actor,
        asked_at=entry.recorded_at,
    )
