"""The accounts of the console, their sessions, and the log of whose personal values were shown.

Keeps hashes only: of passwords, of what a browser holds, of one-time links. Who may do what is decided elsewhere.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, Update, delete, insert, select, tuple_, update

from storage.database import Database
from storage.instants import micros
from storage.listing import Page, Reach, cursor, key_of, moment_of
from storage.tables.accounts import access, account, account_notice, feed, saved_view, web_session
from storage.tables.placements import placement
from workflow.store import UnitOfWork


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role, and the placements for which it is held: those of a territory, of a host, or all."""

    role: str
    territory: str | None = None
    host_siret: str | None = None

    @property
    def reach(self) -> Reach:
        """For which placements the role is held."""
        return Reach(self.territory, self.host_siret)

    def __str__(self) -> str:
        parts = [self.territory or "", self.host_siret or ""]
        return "@".join([self.role, *parts]).rstrip("@")


@dataclass(frozen=True, slots=True)
class Account:
    """Who may enter the console; `id` is the id that stands for them in the history, `password` a hash, if any."""

    id: str
    name: str
    password: str | None
    grants: tuple[Grant, ...]
    lang: str
    created_at: datetime
    disabled_at: datetime | None
    link_until: datetime | None


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a provider knows them: `subject` is unique for one `idp` behind one `issuer` alone."""

    issuer: str
    subject: str
    idp: str = ""


@dataclass(frozen=True, slots=True)
class AccessItem:
    """Personal values of a placement that were shown: to whom, when, and which `fields` by name."""

    at: datetime
    id: str
    account: str
    name: str | None
    reference: str
    fields: tuple[str, ...]


_ACCOUNT = select(*[column for column in account.c if column.name != "link"])
_ACCESS = (
    select(access.c.at, access.c.id, access.c.account, account.c.name, placement.c.reference, access.c.fields)
    .join_from(access, placement)
    .join(account, account.c.id == access.c.account, isouter=True)
)


class Accounts:
    """What is asked of the accounts, and the writing that is no act: sessions and accesses. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self) -> tuple[Account, ...]:
        """All accounts, by name."""
        with self._database.reading() as connection:
            return tuple(map(_account, connection.execute(_ACCOUNT.order_by(account.c.name))))

    def named(self, name: str) -> Account | None:
        """The account of this name."""
        return self._one(_ACCOUNT.where(account.c.name == name))

    def identified(self, account_id: str) -> Account | None:
        """The account with this id."""
        return self._one(_ACCOUNT.where(account.c.id == account_id))

    def invited(self, link: str, now: datetime) -> Account | None:
        """The account, not disabled, that a one-time link leads to; by the hash of the link."""
        current = (account.c.link_until > now, account.c.disabled_at.is_(None))
        return self._one(_ACCOUNT.where(account.c.link == link, *current))

    def of_session(self, token: str, now: datetime) -> Account | None:
        """Who holds a session that was neither ended nor has expired, and whose account is not disabled."""
        return self._one(_ACCOUNT.join_from(account, web_session).where(web_session.c.token == token, *_live(now)))

    def live_sessions(self, tokens: Iterable[str], now: datetime) -> frozenset[str]:
        """Those of these sessions that somebody still holds, as `of_session` has it."""
        asked = select(web_session.c.token).join_from(account, web_session).where(web_session.c.token.in_(list(tokens)))
        with self._database.reading() as connection:
            return frozenset(connection.execute(asked.where(*_live(now))).scalars())

    def open_session(self, token: str, account_id: str, now: datetime, until: datetime) -> None:
        """Begin a session; those that have expired are forgotten."""
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(web_session).where(web_session.c.expires_at <= now))
            row = {"token": token, "account": account_id, "created_at": now, "expires_at": until, "revoked_at": None}
            connection.execute(insert(web_session).values(row))

    def end_session(self, token: str, now: datetime) -> None:
        """End one session."""
        with self._database.writing(silent=True) as connection:
            connection.execute(_ended(now).where(web_session.c.token == token))

    def choose_language(self, account_id: str, lang: str) -> None:
        """Remember the language of an account."""
        with self._database.writing(silent=True) as connection:
            connection.execute(update(account).where(account.c.id == account_id).values(lang=lang))

    def rehash(self, account_id: str, before: str, after: str) -> None:
        """Keep the same password under a stronger hash, unless it was changed meanwhile."""
        same = (account.c.id == account_id, account.c.password == before)
        with self._database.writing(silent=True) as connection:
            connection.execute(update(account).where(*same).values(password=after))

    def record_access(self, account_id: str, placement_id: str, fields: Iterable[str], now: datetime) -> None:
        """Enter that personal values were shown."""
        row = {"at": now, "id": secrets.token_hex(16), "account": account_id, "placement": placement_id}
        with self._database.writing(silent=True) as connection:
            connection.execute(insert(access).values(**row, fields=" ".join(sorted(fields))))

    def accesses(self, limit: int = 50, after: str | None = None) -> Page[AccessItem]:
        """What was shown, the last first. Raises ValueError for a cursor of another list."""
        key = (access.c.at, access.c.id)
        asked = _ACCESS.order_by(*(column.desc() for column in key)).limit(limit + 1)
        if after is not None:
            at, number = key_of(after, int, str)
            asked = asked.where(tuple_(*key) < (moment_of(at), number))
        with self._database.reading() as connection:
            found = [_access(row) for row in connection.execute(asked)]
        last = found[limit - 1] if len(found) > limit else None
        return Page(tuple(found[:limit]), None if last is None else cursor(micros(last.at), last.id))

    def _one(self, asked: Select[*tuple[Any, ...]]) -> Account | None:
        with self._database.reading() as connection:
            return next(map(_account, connection.execute(asked)), None)


class AccountRows:
    """The accounts within one transaction that may write: what an act changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def listed(self) -> Sequence[Account]:
        """All accounts, by name."""
        return [_account(row) for row in self._connection.execute(_ACCOUNT.order_by(account.c.name))]

    def add(self, new: Account, link: str | None) -> None:
        """Add an account; `link` is the hash of its one-time link."""
        row = {name: getattr(new, name) for name in Account.__slots__}
        row |= {"grants": packed_grants(new.grants), "link": link}
        self._connection.execute(insert(account).values(row))

    def grant(self, account_id: str, grants: Sequence[Grant]) -> None:
        """Replace what an account may do."""
        self._set(account_id, grants=packed_grants(grants))

    def disable(self, account_id: str, now: datetime) -> None:
        """Close an account and end its sessions."""
        self._set(account_id, disabled_at=now, link=None, link_until=None)
        self._end(account_id, now)

    def forget(self, account_id: str, now: datetime) -> None:
        """Close an account for good and forget its name and its address, if there is such an account."""
        self._set(account_id, name=account_id, password=None, disabled_at=now, link=None, link_until=None)
        for kept in (saved_view, feed, account_notice):
            self._connection.execute(delete(kept).where(kept.c.account == account_id))
        self._end(account_id, now)

    def enable(self, account_id: str) -> None:
        """Open a closed account again."""
        self._set(account_id, disabled_at=None)

    def invite(self, account_id: str, link: str, until: datetime) -> None:
        """Give an account a one-time link by which a new password is chosen."""
        self._set(account_id, link=link, link_until=until)

    def keep_password(self, account_id: str, password: str, now: datetime) -> None:
        """Keep a new password; sessions and links that were there are void."""
        self._set(account_id, password=password, link=None, link_until=None)
        self._end(account_id, now)

    def spend_link(self, account_id: str) -> None:
        """The one-time link of an account was used."""
        self._set(account_id, link=None, link_until=None)

    def _end(self, account_id: str, now: datetime) -> None:
        self._connection.execute(_ended(now).where(web_session.c.account == account_id))

    def _set(self, account_id: str, **values: Any) -> None:
        self._connection.execute(update(account).where(account.c.id == account_id).values(**values))


class AccountWork(UnitOfWork, Protocol):
    """A transaction in which accounts may change, and an act of the log with them."""

    @property
    def accounts(self) -> AccountRows:
        """The accounts."""
        ...


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (web_session.c.expires_at > now, web_session.c.revoked_at.is_(None), account.c.disabled_at.is_(None))


def _ended(now: datetime) -> Update:
    return update(web_session).where(web_session.c.revoked_at.is_(None)).values(revoked_at=now)


def packed_grants(grants: Sequence[Grant]) -> str:
    """Grants as they are kept."""
    return msgspec.json.encode(list(grants)).decode()


def read_grants(kept: str) -> tuple[Grant, ...]:
    """The same, read again."""
    return msgspec.json.decode(kept, type=tuple[Grant, ...])


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    values = dict(row._mapping)
    return Account(**{**values, "grants": read_grants(values["grants"])})


def _access(row: Row[*tuple[Any, ...]]) -> AccessItem:
    values = dict(row._mapping)
    return AccessItem(**{**values, "fields": tuple(values["fields"].split())})
