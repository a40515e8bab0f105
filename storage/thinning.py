"""Forgetting the oldest lines of two logs that are no history: of accesses, and of deliveries that came to their end.

What waits, and what was given up and may be asked for again, stays. A bounded number of lines each time.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, delete, select, tuple_

from storage.tables.accounts import access
from storage.tables.deliveries import delivery

MOST: Final = 10_000
"""So many lines of a log are forgotten in one transaction."""

Log = Literal["access", "delivery"]

_OVER: Final = ("sent", "dismissed", "overtaken")


def _forget_accesses(connection: Connection, before: datetime) -> int:
    """Forget accesses of before this moment, the oldest first; how many."""
    key = tuple_(access.c.at, access.c.id)
    oldest = select(access.c.at, access.c.id).where(access.c.at < before).order_by(access.c.at).limit(MOST)
    return connection.execute(delete(access).where(key.in_(oldest))).rowcount


def _forget_deliveries(connection: Connection, before: datetime) -> int:
    """Forget deliveries that were sent, dismissed, or needed no sending any more, before this moment; how many."""
    key = (delivery.c.key, delivery.c.channel, delivery.c.recipient)
    over = select(*key).where(delivery.c.status.in_(_OVER), delivery.c.ended_at < before).limit(MOST)
    return connection.execute(delete(delivery).where(tuple_(*key).in_(over))).rowcount


FORGET: Final[Mapping[Log, Callable[[Connection, datetime], int]]] = {
    "access": _forget_accesses,
    "delivery": _forget_deliveries,
}
