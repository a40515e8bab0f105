"""Batches of the console: frozen selections of placements with their revisions, and what became of each item.

Knows no rule and no request: whether an item may be acted on is decided elsewhere, at its frozen revision. What was
typed is kept without its personal values, which are kept nowhere.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update

from storage.database import Database
from storage.tables import batch, batch_item, placement

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
    """What was confirmed: `note` or a trigger, what was typed but for personal values, the names of those."""

    trigger: str | None
    texts: dict[str, str]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch; `act` is None, and the status `draft`, until somebody confirmed what to do with it."""

    id: str
    account: str
    created_at: datetime
    status: str
    left_out: int
    act: Act | None
    preview: str | None

    @property
    def correlation(self) -> str:
        """What all its entries carry in the history."""
        return f"bulk:{self.id}"


class Batches:
    """Keeps batches. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def freeze(self, account: str, chosen: Sequence[tuple[str, int]], left_out: int, now: datetime) -> str:
        """Keep these placements (id, revision) as a new draft; old drafts are forgotten. Gives its id."""
        number = secrets.token_hex(16)
        row = {"id": number, "account": account, "created_at": now, "status": "draft", "left_out": left_out,
               "act": None, "said": None, "preview": None}  # fmt: skip
        items = [
            {"batch": number, "position": position, "placement": each, "revision": revision, "status": "chosen",
             "entry": None, "told": None}
            for position, (each, revision) in enumerate(chosen, start=1)
        ]  # fmt: skip
        with self._database.writing(silent=True) as connection:
            old = select(batch.c.id).where(batch.c.status == "draft", batch.c.created_at < now - DRAFTS_LAST)
            connection.execute(delete(batch_item).where(batch_item.c.batch.in_(old)))
            connection.execute(delete(batch).where(batch.c.status == "draft", batch.c.created_at < now - DRAFTS_LAST))
            connection.execute(insert(batch).values(row))
            for first in range(0, len(items), _TOGETHER):
                connection.execute(insert(batch_item), items[first : first + _TOGETHER])
        return number

    def of_account(self, account: str, limit: int = 50) -> Sequence[Batch]:
        """Somebody's batches that were confirmed, the last first."""
        own = (batch.c.account == account, batch.c.status != "draft")
        asked = select(batch).where(*own).order_by(batch.c.created_at.desc(), batch.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_batch(row) for row in connection.execute(asked)]

    def find(self, number: str) -> Batch | None:
        """A batch by its id."""
        with self._database.reading() as connection:
            return next(map(_batch, connection.execute(select(batch).where(batch.c.id == number))), None)

    def items(self, number: str, status: str | None = None) -> Sequence[BatchItem]:
        """What a batch is of, in order; of one status where that is said."""
        asked = (
            select(batch_item.c.position, placement.c.reference, batch_item.c.revision, placement.c.state,
                   batch_item.c.status, batch_item.c.entry, batch_item.c.told)
            .join_from(batch_item, placement).where(batch_item.c.batch == number).order_by(batch_item.c.position)
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

    def previewed(self, number: str, verdicts: Iterable[tuple[int, Verdict]]) -> str:
        """Keep what a dry run of a draft said of each position; gives its name, by which it is confirmed."""
        name = secrets.token_hex(16)
        with self._database.writing(silent=True) as connection:
            own = update(batch).where(batch.c.id == number, batch.c.status == "draft")
            if connection.execute(own.values(preview=name)).rowcount:
                for position, verdict in verdicts:
                    connection.execute(_judged(number, position, verdict))
        return name

    def begin(self, number: str, preview: str, act: Act) -> bool:
        """Confirm a draft as it was previewed; False where it was previewed anew since, or confirmed already."""
        said = msgspec.json.encode({"texts": act.texts, "withheld": act.withheld}).decode()
        own = (batch.c.id == number, batch.c.status == "draft", batch.c.preview == preview)
        with self._database.writing(silent=True) as connection:
            changed = update(batch).where(*own).values(status="running", act=act.trigger or _NOTE, said=said)
            return connection.execute(changed).rowcount == 1

    def turn(self, number: str, before: str, after: str) -> bool:
        """Change the status of a batch; False where it has another one."""
        with self._database.writing(silent=True) as connection:
            changed = update(batch).where(batch.c.id == number, batch.c.status == before).values(status=after)
            return connection.execute(changed).rowcount == 1

    def judge(self, number: str, position: int, verdict: Verdict) -> None:
        """Keep what became of an item."""
        with self._database.writing(silent=True) as connection:
            connection.execute(_judged(number, position, verdict))


_NOTE: Final = "+note"
"""Stands for a remark where a trigger's name would; no trigger is called so."""


def _judged(number: str, position: int, verdict: Verdict) -> Any:
    told = msgspec.json.encode({"fr": verdict.fr, "en": verdict.en}).decode() if verdict.fr else None
    own = update(batch_item).where(batch_item.c.batch == number, batch_item.c.position == position)
    return own.values(status=verdict.status, entry=verdict.entry, told=told)


def _batch(row: Row[*tuple[Any, ...]]) -> Batch:
    act = None
    if row.said is not None:
        said = msgspec.json.decode(row.said)
        act = Act(None if row.act == _NOTE else row.act, said["texts"], tuple(said["withheld"]))
    return Batch(row.id, row.account, row.created_at, row.status, row.left_out, act, row.preview)


def _item(row: Row[*tuple[Any, ...]]) -> BatchItem:
    told = {} if row.told is None else msgspec.json.decode(row.told)
    return BatchItem(row.position, row.reference, row.revision, row.state, Verdict(row.status, row.entry, **told))
