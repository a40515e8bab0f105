"""Which entries stand: neither a reversal nor reversed. History is never edited; what counts is worked out here."""

from collections.abc import Iterable, Sequence

from workflow.history import ChainedEntry, HistoryEntry


def reversed_by(entries: Iterable[ChainedEntry]) -> dict[int, int]:
    """The seq of each reversed entry -> the seq of its reversal."""
    reversals = (item.entry for item in entries if item.entry.kind == "reversal")
    return {entry.concerns: entry.seq for entry in reversals if entry.concerns is not None}


def standing(entries: Sequence[ChainedEntry]) -> list[HistoryEntry]:
    """The entries that stand, oldest first."""
    undone = reversed_by(entries)
    return [item.entry for item in entries if item.entry.kind != "reversal" and item.entry.seq not in undone]


def last_move(entries: Sequence[ChainedEntry]) -> list[HistoryEntry]:
    """The last standing entry that changed the state, with the automatic ones that followed it, oldest first.

    What one command wrote stands and falls together.
    """
    moves = [entry for entry in standing(entries) if entry.changes_state]
    first = next((number for number in range(len(moves) - 1, -1, -1) if moves[number].kind != "automatic"), 0)
    return moves[first:]
