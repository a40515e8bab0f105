"""What is sent to whom, and what was given up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field

from storage.tables.base import BY_KEY, Rows, instant_at, partial_index, table


class DeliveryTable(Rows, table=True):
    """What became of a notice, or of a digest, with one recipient of one channel. Never an address (deliveries.py)."""

    __tablename__ = "delivery"
    __table_args__ = (
        # Not one_of: SQLite would have to write the table anew, and with it would go the dismissals that refer to it.
        CheckConstraint("status IN ('waiting', 'sent', 'dead', 'dismissed', 'overtaken')", "status"),
        BY_KEY,
    )
    key: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    placement: str | None = Field(foreign_key="placement.id")
    seq: int | None
    status: str
    attempts: int
    error: str | None
    planned_at: datetime = instant_at()
    next_at: datetime = instant_at()
    ended_at: datetime | None = instant_at()


class DismissalTable(Rows, table=True):
    """Who dismissed a delivery that was given up, when and why: a disclosure, to which an act of the log commits."""

    __tablename__ = "dismissal"
    __table_args__ = (
        ForeignKeyConstraint(
            ["key", "channel", "recipient"], ["delivery.key", "delivery.channel", "delivery.recipient"],
            ondelete="CASCADE",
        ),
        BY_KEY,
    )  # fmt: skip
    key: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    actor: str
    at: datetime = instant_at()
    disclosure: str


delivery = table("delivery")
dismissal = table("dismissal")

partial_index("ix_delivery_waiting", delivery.c.next_at, where=delivery.c.status == "waiting")
partial_index("ix_delivery_dead", delivery.c.key, where=delivery.c.status == "dead")
