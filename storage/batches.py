"""Batches: frozen selections of placements with their revisions, and what became of each item.

Knows no rule and no request: whether an item may be acted on is decided elsewhere, at its frozen revision. What was
typed is kept without its personal values, which are kept nowhere. Who carries a batch out is in batch_runs.py.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, tuple_, update

from storage.database import Database
from storage.instants import micros
from storage.listing import Page, cursor, key_of, moment_of
from storage.tables.batches import batch, batch_ask, batch_item, batch_run
from storage.tables.placements import placement

DRAFTS_LAST: Final = timedelta(days=2)
_TOGETHER: Final = 500


class Verdict(msgspec.Struct, frozen=True):
    """What became, or would become, of an item: a status, the entry made, the sentences that say why none was.

    `status`: `chosen`, not looked at yet; after a dry run `ready`, or `refused`, `moved` (changed since it was chosen),
    `closed` (not open to who asks, or gone); once acted on `done`, or `waits` for a second person.
    """

    status: str
    entry: int | None = None
    fr: str = ""
    en: str = ""

    def sentence(self, lang: str) -> str:
        """Why it was not done; empty where nothing is to be said."""
        return self.en if lang == "en" else self.fr


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One placement of a batch."""

    position: int
    reference: str
    revision: int
    state: str
    verdict: Verdict


class Act(msgspec.Struct, frozen=True):
    """What was confirmed: a kind, the trigger or deadline that it is about, what was typed but for personal values.

    `withheld` are the names of those; `dates`: how dates in it are read.
    """

    kind: str
    name: str | None
    texts: dict[str, str]
    withheld: tuple[str, ...]
    dates: str = "french"


@dataclass(frozen=True, slots=True)
class BatchAsk:
    """A program's request for a batch: by which token, under which key; `asked` is a keyed hash of what it said."""

    token: str
    key: str
    asked: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch; `act` is None, and the status `draft`, until somebody confirmed what to do with it.

    `token` is that of the program which asked for it, if one did; `beat_at`: when whoever carries it out was last seen.
    """

    id: str
    account: str
    created_at: datetime
    status: str
    left_out: int
    act: Act | None
    preview: str | None
    beat_at: datetime | None = None
    token: str | None = None

    @property
    def correlation(self) -> str:
        """What all its entries carry in the history."""
        return f"bulk:{self.id}"


class Batches:
    """Keeps batches. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def freeze(
        self, account: str, chosen: Sequence[tuple[str, int]], left_out: int, now: datetime, ask: BatchAsk | None = None
    ) -> str:
        """Keep these placements (id, revision) as a new draft; old drafts are forgotten. Gives its id.

        `ask`: for a program; gives the id of what it asked for before under the same key. Raises KeyReused where that
        was something else.
        """
        number = secrets.token_hex(16)
        row = {"id": number, "account": account, "created_at": now, "status": "draft", "left_out": left_out,
               "act": None, "said": None, "preview": None}  # fmt: skip
        items = [
            {"batch": number, "position": position, "placement": each, "revision": revision, "status": "chosen",
             "entry": None, "told": None}
            for position, (each, revision) in enumerate(chosen, start=1)
        ]  # fmt: skip
        with self._database.writing(silent=True) as connection:
            known = None if ask is None else _known(connection, ask)
            if known is not None:
                return known
            _forget_drafts(connection, now - DRAFTS_LAST)
            connection.execute(insert(batch).values(row))
            for first in range(0, len(items), _TOGETHER):
                connection.execute(insert(batch_item), items[first : first + _TOGETHER])
            if ask is not None:
                row = {"token": ask.token, "key": ask.key, "asked": ask.asked, "batch": number}
                connection.execute(insert(batch_ask).values(row))
        return number

    def asked(self, ask: BatchAsk) -> str | None:
        """The batch that a program asked for before under this key. Raises KeyReused where it was something else."""
        with self._database.reading() as connection:
            return _known(connection, ask)

    def of_account(
        self, account: str, limit: int = 50, after: str | None = None, token: str | None = None
    ) -> Page[Batch]:
        """Somebody's batches that were confirmed, the last first; with `token` those alone that it asked for.

        Raises ValueError for a cursor of another list.
        """
        own = [batch.c.account == account, batch.c.status != "draft"]
        own += [] if token is None else [batch_ask.c.token == token]
        if after is not None:
            at, number = key_of(after, int, str)
            own.append(tuple_(batch.c.created_at, batch.c.id) < (moment_of(at), number))
        order = (batch.c.created_at.desc(), batch.c.id.desc())
        with self._database.reading() as connection:
            found = [_batch(row) for row in connection.execute(_BATCH.where(*own).order_by(*order).limit(limit + 1))]
        last = found[limit - 1] if len(found) > limit else None
        return Page(tuple(found[:limit]), None if last is None else cursor(micros(last.created_at), last.id))

    def find(self, number: str) -> Batch | None:
        """A batch by its id."""
        with self._database.reading() as connection:
            return next(map(_batch, connection.execute(_BATCH.where(batch.c.id == number))), None)

    def page(
        self, number: str, status: str | None = None, limit: int = 50, after: str | None = None
    ) -> Page[BatchItem]:
        """So many of the items, by their position. Raises ValueError for a cursor of another list."""
        beyond = 0 if after is None else key_of(after, int)[0]
        found = self.items(number, status, beyond, limit + 1)
        more = len(found) > limit
        return Page(tuple(found[:limit]), cursor(found[limit - 1].position) if more else None)

    def items(
        self, number: str, status: str | None = None, after: int = 0, limit: int | None = None
    ) -> Sequence[BatchItem]:
        """What a batch is of, in order, from the position `after` on; of one status where that is said."""
        asked = (
            select(batch_item.c.position, placement.c.reference, batch_item.c.revision, placement.c.state,
                   batch_item.c.status, batch_item.c.entry, batch_item.c.told)
            .join_from(batch_item, placement).where(batch_item.c.batch == number, batch_item.c.position > after)
            .order_by(batch_item.c.position).limit(limit)
        )  # fmt: skip
        if status is not None:
            asked = asked.where(batch_item.c.status == status)
        with self._database.reading() as connection:
            return [_item(row) for row in connection.execute(asked)]

    def counts(self, number: str) -> dict[str, int]:
        """How many items there are of each status."""
        asked = select(batch_item.c.status, func.count()).where(batch_item.c.batch == number)
        with self._database.reading() as connection:
            rows = connection.execute(asked.group_by(batch_item.c.status))
            return {str(row[0]): int(row[1]) for row in rows}

    def previewed(self, number: str, name: str, verdicts: Iterable[tuple[int, Verdict]]) -> None:
        """Keep what a dry run of a draft said of each position, under the name by which it is confirmed."""
        with self._database.writing(silent=True) as connection:
            own = update(batch).where(batch.c.id == number, batch.c.status == "draft")
            if connection.execute(own.values(preview=name)).rowcount:
                for position, verdict in verdicts:
                    connection.execute(judged(number, position, verdict))

    def begin(self, number: str, preview: str, act: Act) -> bool:
        """Confirm a draft as it was previewed; False where it was previewed anew since, or confirmed already."""
        said = msgspec.json.encode({"texts": act.texts, "withheld": act.withheld, "dates": act.dates}).decode()
        own = (batch.c.id == number, batch.c.status == "draft", batch.c.preview == preview)
        with self._database.writing(silent=True) as connection:
            changed = update(batch).where(*own).values(status="running", act=_packed(act), said=said)
            return connection.execute(changed).rowcount == 1

    def turn(self, number: str, before: str, after: str) -> bool:
        """Change the status of a batch; False where it has another one."""
        with self._database.writing(silent=True) as connection:
            changed = update(batch).where(batch.c.id == number, batch.c.status == before).values(status=after)
            return connection.execute(changed).rowcount == 1


class KeyReused(Exception):
    """A program asked for another batch under a key that it has used."""


def _known(connection: Connection, ask: BatchAsk) -> str | None:
    own = (batch_ask.c.token == ask.token, batch_ask.c.key == ask.key)
    row = connection.execute(select(batch_ask.c.batch, batch_ask.c.asked).where(*own)).first()
    if row is not None and row.asked != ask.asked:
        raise KeyReused(ask.key)
    return None if row is None else str(row.batch)


def _forget_drafts(connection: Connection, before: datetime) -> None:
    old = select(batch.c.id).where(batch.c.status == "draft", batch.c.created_at < before)
    for table in (batch_item, batch_run, batch_ask):
        connection.execute(delete(table).where(table.c.batch.in_(old)))
    connection.execute(delete(batch).where(batch.c.status == "draft", batch.c.created_at < before))


_MARK: Final = "+"
"""Before the kind of what is no transition, where a trigger's name would stand; no trigger is called so."""


def _packed(act: Act) -> str:
    if act.kind == "fire":
        return str(act.name)
    return f"{_MARK}{act.kind}" if act.name is None else f"{_MARK}{act.kind}:{act.name}"


def _read(act: str, said: str) -> Act:
    kind, _, name = act.removeprefix(_MARK).partition(":") if act.startswith(_MARK) else ("fire", "", act)
    plain = msgspec.json.decode(said)
    return Act(kind, name or None, plain["texts"], tuple(plain["withheld"]), plain.get("dates", "french"))


def judged(number: str, position: int, verdict: Verdict) -> Any:
    """The statement that keeps what became of an item."""
    told = msgspec.json.encode({"fr": verdict.fr, "en": verdict.en}).decode() if verdict.fr else None
    own = update(batch_item).where(batch_item.c.batch == number, batch_item.c.position == position)
    return own.values(status=verdict.status, entry=verdict.entry, told=told)


_BATCH = (
    select(*batch.c, batch_run.c.beat_at, batch_ask.c.token)
    .join_from(batch, batch_run, isouter=True)
    .join(batch_ask, batch_ask.c.batch == batch.c.id, isouter=True)
)


def _batch(row: Row[*tuple[Any, ...]]) -> Batch:
    act = None if row.said is None else _read(row.act, row.said)
    return Batch(
        row.id, row.account, row.created_at, row.status, row.left_out, act, row.preview, row.beat_at, row.token
    )


def _item(row: Row[*tuple[Any, ...]]) -> BatchItem:
    told = {} if row.told is None else msgspec.json.decode(row.told)
    return BatchItem(row.position, row.reference, row.revision, row.state, Verdict(row.status, row.entry, **told))
