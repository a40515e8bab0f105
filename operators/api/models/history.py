"""Entries of the history."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from operators.api.models.common import Answer


class Entry(Answer):
    """An entry of the history, without personal values; its key `from` is `from_state` here."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)
    seq: int
    kind: str
    trigger: str | None
    from_state: str | None = Field(alias="from")
    to: str | None
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str | None
    reason: str | None
    fields: dict[str, Any]
    deadline: str | None
    due_at: datetime | None
    late: bool
    concerns: int | None
    reversed_by: int | None
    correlation: str | None
    definition_version: int
    key: str | None
    prev_hash: str
    hash: str


class LogEntry(Entry):
    """The same with the reference of its placement."""

    reference: str
