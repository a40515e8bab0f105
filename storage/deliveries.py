"""The log of deliveries: what became of each notice with each recipient, and when it is tried again.

It knows neither addresses nor texts: `recipient` is a role, an endpoint's name or a keyed hash. Two that send at once
are kept apart by compare-and-set: who takes a delivery raises its number of attempts, and moves its next one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, Update, and_, delete, func, insert, select, update

from storage import asides
from storage.database import Database
from storage.inserting import insert_into
from storage.listing import Delivery, Ended, NoticePlan, Page, cursor, key_of
from storage.tables.deliveries import delivery, dismissal
from storage.tables.persons import actor
from storage.tables.placements import outbox, placement

_SHOWN = select(*delivery.c, placement.c.reference, *asides.columns_of(dismissal)).select_from(
    delivery.outerjoin(placement).outerjoin(dismissal).outerjoin(actor, actor.c.id == dismissal.c.actor)
)
_BY_KEY = (delivery.c.key, delivery.c.channel, delivery.c.recipient)
_SENT_FIRST: Final = ("dead", "waiting", "dismissed", "sent", "overtaken")
_NOTICE_IS: Final = {"waiting": "queued"}


class Deliveries:
    """The log of deliveries of a database. Every call is a transaction of its own. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, plans: Sequence[NoticePlan]) -> Sequence[NoticePlan]:
        """Say for notices of the outbox to whom each goes; gives those for which nobody had said so already."""
        with self._database.writing(silent=True) as connection:
            mine = [each for each in plans if _is_first(connection, each)]
            self._insert(connection, [item for each in mine for item in each.deliveries])
            return mine

    def add(self, new: Delivery) -> None:
        """Enter a delivery that comes from no notice; one that is there already stays as it is."""
        with self._database.writing(silent=True) as connection:
            self._insert(connection, [new])

    def _insert(self, connection: Connection, deliveries: Iterable[Delivery]) -> None:
        rows = [{column.name: getattr(each, column.name) for column in delivery.c} for each in deliveries]
        if rows:
            connection.execute(insert_into(delivery, self._database.dialect).on_conflict_do_nothing(), rows)

    def known(self, key: str) -> bool:
        """Whether there is a delivery under this key."""
        with self._database.reading() as connection:
            return connection.execute(select(delivery.c.key).where(delivery.c.key == key)).first() is not None

    def planned(self, prefix: str, recipient: str, since: datetime) -> int:
        """How many there are for a recipient, under keys that begin so, planned since then."""
        own = (delivery.c.recipient == recipient, delivery.c.planned_at >= since, delivery.c.key.startswith(prefix))
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(delivery).where(*own)).scalar_one()

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """Those that wait and whose next attempt is at or before `now`, the longest due first."""
        waiting = and_(delivery.c.status == "waiting", delivery.c.next_at <= now)
        return self._found(_SHOWN.where(waiting).order_by(delivery.c.next_at, *_BY_KEY).limit(limit))

    def take(self, item: Delivery, until: datetime) -> Delivery | None:
        """Begin an attempt: nobody else makes one before `until`. None where somebody else was first."""
        with self._database.writing(silent=True) as connection:
            taken = _as_seen(item).values(attempts=item.attempts + 1, next_at=until)
            if connection.execute(taken).rowcount == 0:
                return None
        return replace(item, attempts=item.attempts + 1, next_at=until)

    def wait(self, item: Delivery, until: datetime, error: str | None = None) -> None:
        """Try it again then; whoever has taken it meanwhile keeps it."""
        with self._database.writing(silent=True) as connection:
            connection.execute(_as_seen(item).values(next_at=until, error=error))

    def end(self, item: Delivery, status: Ended, at: datetime, error: str | None = None) -> None:
        """It was sent, or is given up, or needs no sending any more; whoever has taken it meanwhile keeps it."""
        with self._database.writing(silent=True) as connection:
            ended = _as_seen(item).values(status=status, ended_at=at, error=error)
            if connection.execute(ended).rowcount:
                _tell_outbox(connection, item)

    def postpone(self, channel: str, recipient: str | None, now: datetime, until: datetime) -> None:
        """Leave those that are due alone until then: what they go through does not answer. No attempt is counted."""
        which = [delivery.c.status == "waiting", delivery.c.next_at <= now, delivery.c.channel == channel]
        if recipient is not None:
            which.append(delivery.c.recipient == recipient)
        with self._database.writing(silent=True) as connection:
            connection.execute(update(delivery).where(*which).values(next_at=until))

    def listed(
        self, status: str | None = None, key: str | None = None, limit: int = 50, after: str | None = None
    ) -> Page[Delivery]:
        """The deliveries of this status and key, by key. Raises ValueError for a cursor of another list."""
        if limit < 1:
            raise ValueError(f"a page has at least one item, not {limit}")
        asked = _SHOWN.where(*_which(status, key)).order_by(*_BY_KEY)
        if after is not None:
            asked = asked.where(_after(*key_of(after, str, str, str)))
        found = self._found(asked.limit(limit + 1))
        last = found[limit - 1] if len(found) > limit else None
        beyond = None if last is None else cursor(last.key, last.channel, last.recipient)
        return Page(tuple(found[:limit]), beyond)

    def counts(self) -> dict[str, int]:
        """How many there are of each status."""
        asked = select(delivery.c.status, func.count()).group_by(delivery.c.status).order_by(delivery.c.status)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(asked)}

    def number_dead(self) -> int:
        """How many were given up and not dismissed; by an index of those alone."""
        asked = select(func.count()).select_from(delivery).where(delivery.c.status == "dead")
        with self._database.reading() as connection:
            return connection.execute(asked).scalar_one()

    def _found(self, asked: Select[*tuple[Any, ...]]) -> Sequence[Delivery]:
        with self._database.reading() as connection:
            return [_delivery(row) for row in connection.execute(asked)]


def ask_again(connection: Connection, key: str | None, now: datetime) -> Sequence[Delivery]:
    """Let those that are dead wait anew, as if they were planned now; under a key also those that were dismissed."""
    given_up = ("dead",) if key is None else ("dead", "dismissed")
    found = _given_up(connection, key, given_up)
    for item in found:
        anew = {"status": "waiting", "attempts": 0, "planned_at": now, "next_at": now, "ended_at": None}
        connection.execute(update(delivery).where(_is(item), delivery.c.status.in_(given_up)).values(anew))
        connection.execute(delete(dismissal).where(_is(item, dismissal)))
        _tell_outbox(connection, item)
    return found


def dismiss(connection: Connection, key: str, by: str, at: datetime, disclosure: str) -> Sequence[Delivery]:
    """Let those that are dead under this key be over; gives them."""
    found = _given_up(connection, key, ("dead",))
    for item in found:
        connection.execute(update(delivery).where(_is(item), delivery.c.status == "dead").values(status="dismissed"))
        own = {"key": item.key, "channel": item.channel, "recipient": item.recipient}
        connection.execute(insert(dismissal).values(**own, actor=by, at=at, disclosure=disclosure))
        _tell_outbox(connection, item)
    return found


def _given_up(connection: Connection, key: str | None, statuses: Sequence[str]) -> list[Delivery]:
    asked = _SHOWN.where(*_which(None, key), delivery.c.status.in_(statuses)).order_by(*_BY_KEY)
    return [_delivery(row) for row in connection.execute(asked)]


def _delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    *own, name, by, at, disclosure = row
    return replace(Delivery(*own), dismissal=asides.of_row(name, by, at, disclosure))


def _is_first(connection: Connection, plan: NoticePlan) -> bool:
    unplanned = (*_of(plan.placement, plan.seq), outbox.c.status == "pending")
    return connection.execute(update(outbox).where(*unplanned).values(status=plan.status)).rowcount == 1


def _of(placement_id: str, seq: int) -> tuple[ColumnElement[bool], ...]:
    return (outbox.c.placement == placement_id, outbox.c.seq == seq)


def _is(item: Delivery, table: Table = delivery) -> ColumnElement[bool]:
    own = zip((table.c.key, table.c.channel, table.c.recipient), (item.key, item.channel, item.recipient), strict=True)
    return and_(*(column == value for column, value in own))


def _as_seen(item: Delivery) -> Update:
    """Changes a delivery that is still as it was read: of two who try, only the first one does."""
    same = (delivery.c.attempts == item.attempts, delivery.c.next_at == item.next_at)
    return update(delivery).where(_is(item), delivery.c.status == "waiting", *same)


def _which(status: str | None, key: str | None) -> list[ColumnElement[bool]]:
    asked = ((delivery.c.status, status), (delivery.c.key, key))
    return [column == value for column, value in asked if value is not None]


def _after(key: str, channel: str, recipient: str) -> ColumnElement[bool]:
    return (delivery.c.key > key) | (
        (delivery.c.key == key)
        & ((delivery.c.channel > channel) | ((delivery.c.channel == channel) & (delivery.c.recipient > recipient)))
    )


def _tell_outbox(connection: Connection, item: Delivery) -> None:
    """What became of the notice as a whole: what deserves a look first, then what is still to come."""
    if item.placement is None or item.seq is None:
        return
    found = set(connection.execute(select(delivery.c.status).where(delivery.c.key == item.key)).scalars())
    status = next(_NOTICE_IS.get(each, each) for each in _SENT_FIRST if each in found)
    connection.execute(update(outbox).where(*_of(item.placement, item.seq)).values(status=status))
