"""The secret addresses of calendars, one for each account that wants it: hashes only."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from storage.database import Database
from storage.tables import account, feed


class Feeds:
    """Which account an address is of. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def made_at(self, account_id: str) -> datetime | None:
        """Since when an account has its address; None where it has none."""
        with self._database.reading() as connection:
            return connection.execute(select(feed.c.made_at).where(feed.c.account == account_id)).scalar_one_or_none()

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
