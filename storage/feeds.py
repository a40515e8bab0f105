"""The secret addresses of calendars, one for each account that wants it: hashes only; and when each was last read."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from storage.database import Database
from storage.inserting import insert_into
from storage.tables.accounts import account, feed, feed_use
from storage.tokens import USED_EVERY


class Feeds:
    """Which account an address is of. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def made_at(self, account_id: str) -> datetime | None:
        """Since when an account has its address; None where it has none."""
        with self._database.reading() as connection:
            return connection.execute(select(feed.c.made_at).where(feed.c.account == account_id)).scalar_one_or_none()

    def used_at(self, account_id: str) -> datetime | None:
        """When an account's address was last read, to the hour; None where it never was."""
        asked = select(feed_use.c.used_at).where(feed_use.c.account == account_id)
        with self._database.reading() as connection:
            return connection.execute(asked).scalar_one_or_none()

    def note_use(self, account_id: str, now: datetime) -> None:
        """Write down that an account's address was read, unless that was done within the hour."""
        last = self.used_at(account_id)
        if last is not None and now - last < USED_EVERY:
            return
        used = insert_into(feed_use, self._database.dialect).values(account=account_id, used_at=now)
        with self._database.writing(silent=True) as connection:
            connection.execute(used.on_conflict_do_update(index_elements=["account"], set_={"used_at": now}))

    def account_of(self, token: str) -> str | None:
        """The id of the account, not disabled, whose address has this hash."""
        asked = select(feed.c.account).join_from(feed, account).where(feed.c.token == token)
        with self._database.reading() as connection:
            return connection.execute(asked.where(account.c.disabled_at.is_(None))).scalar_one_or_none()

    def make(self, account_id: str, token: str, now: datetime) -> None:
        """Give an account an address, by its hash; the one of before leads nowhere any more."""
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(feed).where(feed.c.account == account_id))
            connection.execute(insert(feed).values(account=account_id, token=token, made_at=now))

    def revoke(self, account_id: str) -> None:
        """Take the address of an account away."""
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(feed).where(feed.c.account == account_id))
