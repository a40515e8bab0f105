"""What there is once in a database: the installation, the brake, and who runs on it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary
from sqlmodel import Field

from storage.tables.base import Rows, instant_at, own_number, table


class InstallationTable(Rows, table=True):
    """What this database is: one row."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", "single"),)
    id: int = own_number()
    log: str
    secret: bytes = Field(sa_type=LargeBinary)
    sandbox: bool
    created_at: datetime = instant_at()
    clock_setting: str | None
    clock_started_at: datetime | None = instant_at()


class BrakeTable(Rows, table=True):
    """What is remembered of the clock, and what the brake holds: one row."""

    __tablename__ = "brake"
    __table_args__ = (CheckConstraint("id = 1", "single"),)
    id: int = own_number()
    written_at: datetime | None = instant_at()
    seen_at: datetime | None = instant_at()
    released_at: datetime | None = instant_at()
    held_at: datetime | None = instant_at()
    due: int
    open: int


class RunnerTable(Rows, table=True):
    """The daemons that run, or ran and left without a word: who, where, with which program, and their last heartbeat.

    `seals`: it has the key that signs checkpoints.
    """

    __tablename__ = "runner"
    id: str = Field(primary_key=True)
    host: str
    pid: int = Field(sa_type=BigInteger)
    version: str
    definition_format: int
    seals: bool
    started_at: datetime = instant_at()
    heartbeat_at: datetime = instant_at()


installation = table("installation")
brake = table("brake")
runner = table("runner")
