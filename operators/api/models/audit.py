"""The log: seals, checks, and who saw personal values."""

from datetime import datetime
from typing import Any

from operators.api.models.common import Answer


class Checkpoint(Answer):
    """A signed checkpoint of the log."""

    number: int
    size: int
    root: str
    sealed_at: datetime
    note: str


class Sealed(Answer):
    """How far the log is sealed: the last checkpoints, newest first, and how many entries wait."""

    items: list[Checkpoint]
    unsealed: int


class Verified(Answer):
    """What a check of the whole log found."""

    ok: bool
    entries: int
    chains: int
    leaves: int
    seals: int
    unsealed: int
    key_vouched: bool
    faults: list[dict[str, Any]]
    checkpoint: Checkpoint | None


class Access(Answer):
    """Personal values that were shown: to whom, when, and the fields' names."""

    at: datetime
    account: str
    name: str | None
    reference: str
    fields: list[str]
