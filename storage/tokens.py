"""The tokens of programs that use the API: whose they are, what they may do, until when.

Keeps hashes only. Who may do what is decided elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Row, insert, select, update

from storage.accounts import AccountRows, Grant, packed_grants, read_grants
from storage.database import Database
from storage.inserting import insert_into
from storage.tables.accounts import account, api_token, token_use
from workflow.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an account: `prefix` is the part that may be shown, `label` what it is for.

    `used_at` is when it was last used, to the hour; None where it never was.
    """

    prefix: str
    account: str
    label: str
    grants: tuple[Grant, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None = None


USED_EVERY: Final = timedelta(hours=1)
"""So seldom it is written down that a token was used."""

_KEPT: Final = tuple(column for column in api_token.c if column.name != "hash")
_TOKEN = select(*_KEPT, token_use.c.used_at).join_from(api_token, token_use, isouter=True)


class Tokens:
    """What is asked of the tokens. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_hash(self, hashed: str, now: datetime) -> Token | None:
        """The token with this hash that was neither revoked nor has expired, and whose account is not disabled."""
        live = (api_token.c.expires_at > now, api_token.c.revoked_at.is_(None), account.c.disabled_at.is_(None))
        asked = _TOKEN.join(account, account.c.id == api_token.c.account).where(api_token.c.hash == hashed, *live)
        with self._database.reading() as connection:
            return next(map(_token, connection.execute(asked)), None)

    def current(self, prefix: str, now: datetime) -> Token | None:
        """The token with this prefix, unless it was revoked or has expired."""
        live = (api_token.c.prefix == prefix, api_token.c.expires_at > now, api_token.c.revoked_at.is_(None))
        with self._database.reading() as connection:
            return next(map(_token, connection.execute(_TOKEN.where(*live))), None)

    def note_use(self, token: Token, now: datetime) -> None:
        """Write down that a token was used, unless that was done within the hour."""
        if token.used_at is not None and now - token.used_at < USED_EVERY:
            return
        used = insert_into(token_use, self._database.dialect).values(token=token.prefix, used_at=now)
        with self._database.writing(silent=True) as connection:
            connection.execute(used.on_conflict_do_update(index_elements=["token"], set_={"used_at": now}))

    def listed(self) -> tuple[Token, ...]:
        """All tokens, the newest first."""
        with self._database.reading() as connection:
            asked = _TOKEN.order_by(api_token.c.created_at.desc(), api_token.c.prefix)
            return tuple(map(_token, connection.execute(asked)))


class TokenRows:
    """The tokens within one transaction that may write: what an act changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, prefix: str) -> Token | None:
        """The token with this prefix."""
        asked = _TOKEN.where(api_token.c.prefix == prefix)
        return next(map(_token, self._connection.execute(asked)), None)

    def add(self, new: Token, hashed: str) -> None:
        """Add a token, by the hash of its secret."""
        row = {column.name: getattr(new, column.name) for column in _KEPT}
        self._connection.execute(insert(api_token).values(row | {"grants": packed_grants(new.grants), "hash": hashed}))

    def revoke(self, prefix: str, now: datetime) -> None:
        """End a token."""
        open_one = (api_token.c.prefix == prefix, api_token.c.revoked_at.is_(None))
        self._connection.execute(update(api_token).where(*open_one).values(revoked_at=now))


class TokenWork(UnitOfWork, Protocol):
    """A transaction in which tokens may change, and an act of the log with them."""

    @property
    def accounts(self) -> AccountRows:
        """The accounts."""
        ...

    @property
    def tokens(self) -> TokenRows:
        """The tokens."""
        ...


def _token(row: Row[*tuple[Any, ...]]) -> Token:
    values = dict(row._mapping)
    return Token(**{**values, "grants": read_grants(values["grants"])})
