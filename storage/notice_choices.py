"""What accounts chose of notices: an address, once its link was followed, which ones, and how often.

Knows no role and no notice: whether something is for somebody is decided elsewhere, when it is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, delete, select, update

from storage.accounts import Account, read_grants
from storage.database import Database
from storage.inserting import insert_into
from storage.tables.accounts import account, account_notice

Extent = Literal["awaited", "all"]
Rhythm = Literal["each", "digest"]


@dataclass(frozen=True, slots=True)
class NoticeChoice:
    """What one account chose. `confirmed_at` None: nothing is sent yet but the link, which `nonce` makes unique.

    `extent`: what is awaited of the account's roles, or all that it may read; `deadlines`: these alone, or (empty) all;
    `approvals`: corrections that wait for its approval too.
    """

    account: str
    email: str
    nonce: str
    asked_at: datetime
    confirmed_at: datetime | None
    extent: Extent
    deadlines: tuple[str, ...]
    approvals: bool
    lang: str
    rhythm: Rhythm


_HOLDER: Final = tuple(column.label(f"of_{column.name}") for column in account.c if column.name != "link")
_BOTH = select(*account_notice.c, *_HOLDER).join_from(account_notice, account)


class NoticeChoices:
    """Keeps the choices. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account_id: str) -> NoticeChoice | None:
        """What an account chose; None where it chose to be told nothing."""
        with self._database.reading() as connection:
            asked = select(account_notice).where(account_notice.c.account == account_id)
            return next(map(_choice, connection.execute(asked)), None)

    def told(self, account_id: str | None = None) -> Sequence[tuple[NoticeChoice, Account]]:
        """The accounts that are told something, or this one, with what they may do now; those disabled are not."""
        asked = _BOTH.where(account.c.disabled_at.is_(None)).order_by(account_notice.c.account)
        if account_id is not None:
            asked = asked.where(account_notice.c.account == account_id)
        with self._database.reading() as connection:
            return [(_choice(row), _account(row)) for row in connection.execute(asked)]

    def keep(self, choice: NoticeChoice) -> None:
        """Keep what an account chose, in the place of what it had chosen."""
        row = _row(choice)
        new = insert_into(account_notice, self._database.dialect).values(row)
        with self._database.writing(silent=True) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["account"], set_=row))

    def forget(self, account_id: str) -> None:
        """Keep neither the address of an account nor what it had chosen."""
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(account_notice).where(account_notice.c.account == account_id))

    def confirm(self, account_id: str, nonce: str, now: datetime) -> bool:
        """The link was followed; False where the address is another one by now."""
        own = (account_notice.c.account == account_id, account_notice.c.nonce == nonce)
        with self._database.writing(silent=True) as connection:
            return connection.execute(update(account_notice).where(*own).values(confirmed_at=now)).rowcount == 1


def _row(choice: NoticeChoice) -> dict[str, Any]:
    row = {name: getattr(choice, name) for name in NoticeChoice.__slots__}
    row["reach"], row["deadlines"] = row.pop("extent"), " ".join(choice.deadlines)
    return row


def _choice(row: Row[*tuple[Any, ...]]) -> NoticeChoice:
    kept = {column.name: row._mapping[column.name] for column in account_notice.c}
    kept["extent"], kept["deadlines"] = kept.pop("reach"), tuple(kept["deadlines"].split())
    return NoticeChoice(**kept)


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    kept = {name: row._mapping[f"of_{name}"] for name in Account.__slots__}
    return Account(**{**kept, "grants": read_grants(kept["grants"])})
