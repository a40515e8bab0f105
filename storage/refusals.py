"""The answers that every store gives in the same words."""

from workflow.changes import Published
from workflow.errors import IntegrityBroken, StalePlacement


def exists_already(reference: str) -> StalePlacement:
    """A new placement has the reference of another."""
    return StalePlacement(reference, f"{reference} exists already")


def somebody_was_first(reference: str, stored: int, asked: int) -> StalePlacement:
    """A placement is at the entry `stored`, not at the one that the decision was made on."""
    return StalePlacement(
        reference, f"{reference} was changed by somebody else: it is at entry {stored}, not {asked}"
    )


def other_bytes(definition: Published) -> IntegrityBroken:
    """What is kept for ever is to be published with other bytes."""
    told = f"{definition.name} version {definition.version} or calendar {definition.calendar}"
    return IntegrityBroken(f"{told} was published before with other bytes: give it another version")
