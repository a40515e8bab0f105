"""The answers that every store gives by the same rule and in the same words."""

from collections.abc import Mapping, Sequence

from workflow.changes import Change, Published
from workflow.errors import IntegrityBroken, StalePlacement


def refuse_stale(changes: Sequence[Change], stored: Mapping[str, int]) -> None:
    """Compare what the changes were decided on with the seqs that are stored, by reference.

    Raises StalePlacement for the first that differs, or that changes what another of them changes too.
    """
    seen = set[str]()
    for change in changes:
        reference, seq = change.after.reference, stored.get(change.after.reference, 0)
        if change.before_seq == 0 and (seq or reference in seen):
            raise StalePlacement(reference, f"{reference} exists already")
        if change.before_seq != seq or reference in seen:
            told = f"it is at entry {seq}, not {change.before_seq}"
            raise StalePlacement(reference, f"{reference} was changed by somebody else: {told}")
        seen.add(reference)


def other_bytes(definition: Published) -> IntegrityBroken:
    """What is kept for ever is to be published with other bytes."""
    told = f"{definition.name} version {definition.version} or calendar {definition.calendar}"
    return IntegrityBroken(f"{told} was published before with other bytes: give it another version")
