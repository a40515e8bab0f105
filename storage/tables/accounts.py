"""Accounts: how they sign in, what they were shown, their tokens, views, calendars and choices."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field

from storage.tables.base import BY_KEY, Rows, instant_at, table


class AccountTable(Rows, table=True):
    """Who may enter the console; `id` is the actor's, `grants` is JSON (accounts.py), `link` the hash of a way in."""

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    password: str | None
    grants: str
    lang: str
    created_at: datetime = instant_at()
    disabled_at: datetime | None = instant_at()
    link: str | None = Field(unique=True)
    link_until: datetime | None = instant_at()


class WebSessionTable(Rows, table=True):
    """The sessions of the console; `token` is the hash of what the browser holds."""

    __tablename__ = "web_session"
    __table_args__ = (BY_KEY,)
    token: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    created_at: datetime = instant_at()
    expires_at: datetime = instant_at()
    revoked_at: datetime | None = instant_at()


class IdentityTable(Rows, table=True):
    """Persons as an identity provider knows them, and the accounts that they were linked to."""

    __tablename__ = "identity"
    __table_args__ = (BY_KEY,)
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    idp: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    linked_at: datetime = instant_at()


class AccessTable(Rows, table=True):
    """Who had personal values of which placement shown, and when; it holds none of them."""

    __tablename__ = "access"
    __table_args__ = (BY_KEY,)
    at: datetime = instant_at(primary_key=True)
    id: str = Field(primary_key=True)
    account: str
    placement: str = Field(foreign_key="placement.id", index=True)
    fields: str


class ApiTokenTable(Rows, table=True):
    """The tokens of the API; `prefix` is the part that may be shown, `hash` the hash of the whole, `grants` JSON."""

    __tablename__ = "api_token"
    __table_args__ = (BY_KEY,)
    prefix: str = Field(primary_key=True)
    hash: str = Field(unique=True)
    account: str = Field(foreign_key="account.id", index=True)
    label: str
    grants: str
    created_at: datetime = instant_at()
    expires_at: datetime = instant_at()
    revoked_at: datetime | None = instant_at()


class TokenUseTable(Rows, table=True):
    """When a token was last used; written once an hour at most."""

    __tablename__ = "token_use"
    __table_args__ = (BY_KEY,)
    token: str = Field(primary_key=True, foreign_key="api_token.prefix")
    used_at: datetime = instant_at()


class SavedViewTable(Rows, table=True):
    """The views that accounts have saved: a name of their own for the filters of a list, as its address has them."""

    __tablename__ = "saved_view"
    __table_args__ = (BY_KEY,)
    account: str = Field(primary_key=True, foreign_key="account.id")
    list: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str
    saved_at: datetime = instant_at()


class FeedTable(Rows, table=True):
    """The secret address of each account's calendar; `token` is the hash of what it ends in."""

    __tablename__ = "feed"
    __table_args__ = (BY_KEY,)
    account: str = Field(primary_key=True, foreign_key="account.id")
    token: str = Field(unique=True)
    made_at: datetime = instant_at()


class FeedUseTable(Rows, table=True):
    """When the address of a calendar was last read; written once an hour at most, and gone with the address."""

    __tablename__ = "feed_use"
    __table_args__ = (ForeignKeyConstraint(["account"], ["feed.account"], ondelete="CASCADE"), BY_KEY)
    account: str = Field(primary_key=True)
    used_at: datetime = instant_at()


class AccountNoticeTable(Rows, table=True):
    """What an account chose of notices. Nothing is sent to an address before it was confirmed by its link."""

    __tablename__ = "account_notice"
    __table_args__ = (
        CheckConstraint("reach IN ('awaited', 'all')", "reach"),
        CheckConstraint("rhythm IN ('each', 'digest')", "rhythm"),
        BY_KEY,
    )
    account: str = Field(primary_key=True, foreign_key="account.id")
    email: str
    nonce: str
    asked_at: datetime = instant_at()
    confirmed_at: datetime | None = instant_at()
    reach: str
    deadlines: str
    approvals: bool
    lang: str
    rhythm: str


account = table("account")
web_session = table("web_session")
identity = table("identity")
access = table("access")
api_token = table("api_token")
token_use = table("token_use")
saved_view = table("saved_view")
feed = table("feed")
feed_use = table("feed_use")
account_notice = table("account_notice")
