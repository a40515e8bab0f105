"""How an instant is kept in a column: whole microseconds since 1970-01-01T00:00:00Z, as a 64-bit integer.

Integers sort as time does, mean the same on every database, and compare without knowing a zone.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from workflow.errors import IntegrityBroken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """An aware instant as stored. Raises TypeError for a naive one, which says no instant."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(stored: int) -> datetime:
    """The aware UTC instant of a stored number. Raises IntegrityBroken where it is none, or outside of our years."""
    try:
        return _EPOCH + timedelta(microseconds=stored)
    except (TypeError, OverflowError) as error:
        raise IntegrityBroken("a stored moment cannot be read: run `parcours audit verify`") from error


def instant_if_any(stored: int | None) -> datetime | None:
    """The same, of a column that may hold none."""
    return None if stored is None else instant(stored)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return instant_if_any(value)
