"""What became of notices."""

from datetime import datetime

from pydantic import Field

from operators.api.models.common import Answer, Asked, SetAside, Text


class DeliveriesBody(Asked):
    """The notice whose deliveries are meant."""

    key: Text = Field(description="The notice's key.")


class DismissalBody(DeliveriesBody):
    """The notice, and why it is dismissed."""

    reason: Text = Field(description="In your own words; no personal data: others read it.")


class Delivery(Answer):
    """What became of a notice, or a digest, with one recipient; `recipient` is no address."""

    key: str
    channel: str
    recipient: str
    reference: str | None
    seq: int | None
    status: str
    attempts: int
    error: str | None
    planned_at: datetime
    next_at: datetime
    ended_at: datetime | None
    dismissal: SetAside | None


class DeliveriesChanged(Answer):
    """How many deliveries were dismissed, or wait again."""

    count: int
