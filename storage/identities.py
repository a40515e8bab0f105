"""Who of an identity provider is which account of the console. An identity leads nowhere until somebody linked it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select

from storage.accounts import Identity
from storage.database import Database
from storage.tables.accounts import identity


class Identities:
    """Which account an identity is linked to. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account_of(self, who: Identity) -> str | None:
        """The id of the account that an identity leads to."""
        with self._database.reading() as connection:
            return connection.execute(select(identity.c.account).where(_is(who))).scalar_one_or_none()


class IdentityRows:
    """The identities within one transaction that may write."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def account_of(self, who: Identity) -> str | None:
        """The id of the account that an identity leads to."""
        return self._connection.execute(select(identity.c.account).where(_is(who))).scalar_one_or_none()

    def link(self, who: Identity, account_id: str, now: datetime) -> None:
        """Let an identity lead to an account."""
        row = {"issuer": who.issuer, "subject": who.subject, "idp": who.idp, "account": account_id, "linked_at": now}
        self._connection.execute(insert(identity).values(row))


def _is(who: Identity) -> ColumnElement[bool]:
    return (identity.c.issuer == who.issuer) & (identity.c.subject == who.subject) & (identity.c.idp == who.idp)
