"""Corrections that wait for a second person."""

from datetime import datetime
from typing import Literal

from operators.api.models.common import Act, Answer, Text


class DecideBody(Act):
    """The answer to a correction that waits for a second person."""

    verdict: Literal["approve", "refuse"]
    reason: Text | None = None


class Waiting(Answer):
    """A correction that waits for a second person."""

    request: int
    act: str
    about: str
    by: list[str]
    actor: str
    asked_at: datetime


class RequestItem(Waiting):
    """A correction that waits, as it is listed."""

    reference: str
    territory: str
    waits_s: int
