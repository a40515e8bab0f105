"""Batches of acts: what was asked of which placements, by whom, and how far that is."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field

from storage.tables.base import BY_KEY, Rows, instant_at, table


class BatchTable(Rows, table=True):
    """What the console was asked to do with many placements; `said` is JSON without any personal value.

    `status`: `draft` until it is confirmed, then `running`, `stopped`, `done`. `preview` names the last dry run.
    """

    __tablename__ = "batch"
    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id")
    created_at: datetime = instant_at()
    status: str
    left_out: int = Field(sa_type=BigInteger)
    act: str | None
    said: str | None
    preview: str | None


class BatchItemTable(Rows, table=True):
    """A placement of a batch, frozen at a revision, and what became of it: the entry made, or why none was."""

    __tablename__ = "batch_item"
    __table_args__ = (BY_KEY,)
    batch: str = Field(primary_key=True, foreign_key="batch.id")
    position: int = Field(primary_key=True, sa_type=BigInteger)
    placement: str = Field(foreign_key="placement.id", index=True)
    revision: int = Field(sa_type=BigInteger)
    status: str
    entry: int | None = Field(sa_type=BigInteger)
    told: str | None


class BatchRunTable(Rows, table=True):
    """Who carries out a batch: the number of whoever took it last, and when they were seen; None when they ended."""

    __tablename__ = "batch_run"
    __table_args__ = (BY_KEY,)
    batch: str = Field(primary_key=True, foreign_key="batch.id")
    epoch: int = Field(sa_type=BigInteger)
    beat_at: datetime | None = instant_at()


class BatchAskTable(Rows, table=True):
    """A batch that a program asked for: by which token, under which key; `asked` is a keyed hash of what it said."""

    __tablename__ = "batch_ask"
    __table_args__ = (BY_KEY,)
    token: str = Field(primary_key=True, foreign_key="api_token.prefix")
    key: str = Field(primary_key=True)
    batch: str = Field(foreign_key="batch.id")
    asked: str


batch = table("batch")
batch_item = table("batch_item")
batch_run = table("batch_run")
batch_ask = table("batch_ask")

batch_ask.append_constraint(Unique(batch_ask.c.batch))
Index(None, batch.c.account, batch.c.created_at)
