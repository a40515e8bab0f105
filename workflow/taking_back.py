"""Which single entry may be taken back by a reversal: a line of a ledger, or an amendment, that nothing later rests on.

What rests on it is judged narrowly: where in doubt, the later entry is to be reversed first, or the opposite entered.
"""

from collections.abc import Sequence

from workflow.errors import Blocker
from workflow.history import ChainedEntry, HistoryEntry
from workflow.ledger import LEDGER_KINDS
from workflow.standing import standing

_BESIDE = frozenset({"reminder", "note", "approval"})
_OF_ONE_DEADLINE = LEDGER_KINDS | {"missed", "milestone"}


def taken_back(entries: Sequence[ChainedEntry], seq: int) -> tuple[list[HistoryEntry], list[Blocker]]:
    """The entries that go with the entry `seq`, oldest first, and every reason why it cannot be taken back."""
    stands = standing(entries)
    entry = next((each for each in stands if each.seq == seq), None)
    if entry is None:
        return [], [_not_standing(seq)]
    if entry.kind != "amendment" and entry.kind not in LEDGER_KINDS:
        return [], [_not_alone(entry)]
    # The extensions that keep an amended deadline's later day go with the amendment.
    gone = [entry, *(each for each in stands if each.kind == "extension" and each.concerns == seq)]
    resting = [each for each in stands if each.seq > seq and each not in gone and _rests_on(each, entry)]
    return gone, [_rested_on(entry, resting)] if resting else []


def _rests_on(later: HistoryEntry, entry: HistoryEntry) -> bool:
    if later.kind in _BESIDE:
        return False
    if entry.kind == "amendment":
        return True
    return later.kind != "erasure" and not (later.kind in _OF_ONE_DEADLINE and later.deadline != entry.deadline)


def _not_standing(seq: int) -> Blocker:
    """There is no such entry, or it was reversed already."""
    return Blocker(
        "entry_not_standing",
        f"aucune écriture n° {seq} n'est en vigueur sur ce placement",
        f"no entry no. {seq} stands on this placement",
        {"entry": seq},
    )


def _not_alone(entry: HistoryEntry) -> Blocker:
    """Only amendments and lines of a ledger are taken back by their number."""
    return Blocker(
        "entry_not_reversible",
        f"l'écriture n° {entry.seq} ({entry.kind}) ne s'annule pas seule",
        f"the entry no. {entry.seq} ({entry.kind}) cannot be reversed by itself",
        {"entry": entry.seq, "kind": entry.kind},
    )


def _rested_on(entry: HistoryEntry, later: Sequence[HistoryEntry]) -> Blocker:
    """Something later may rest on the entry."""
    named = ", ".join(str(each.seq) for each in later)
    return Blocker(
        "entries_since",
        f"des écritures postérieures dépendent de la n° {entry.seq} : n° {named}",
        f"later entries rest on no. {entry.seq}: no. {named}",
        {"entry": entry.seq, "entries": [each.seq for each in later]},
    )
