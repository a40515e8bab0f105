"""Acts that people ask for, and what they did."""

from datetime import datetime

from pydantic import Field

from operators.api.models.approvals import Waiting
from operators.api.models.common import Act, Answer, Asked, Fields, Text
from operators.api.models.history import Entry


class PlaceBody(Asked):
    """A new placement."""

    reference: Text
    fields: Fields
    at: Text | None = Field(None, description="When: an instant, a local time or a date; by default now.")


class FireBody(Act):
    """A transition."""

    trigger: Text
    fields: Fields = Field(default_factory=dict)
    at: Text | None = Field(None, description="When it happened; by default now, or the trigger's date field.")
    reason: Text | None = Field(None, description="A reason's code, or free text.")


class NoteBody(Act):
    """A remark; its text is personal."""

    text: Text
    at: Text | None = None


class Outcome(Answer):
    """What an act did, or with `dry_run` would do; `waits` where it waits for a second person instead."""

    reference: str
    territory: str
    state: str
    state_since: datetime
    revision: int
    repeated: bool
    waits: Waiting | None
    entries: list[Entry]
    settled: list[Entry]
