"""The log as it is sealed: acts of no placement, what waits, the tree, its seals and keys."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, text
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field

from storage.tables.base import BY_KEY, Rows, instant_at, own_number, partial_index, table


class SystemEntryTable(Rows, table=True):
    """The chain of acts that concern no placement; `data` is exactly what was hashed."""

    __tablename__ = "system_entry"
    __table_args__ = (Unique("prev"),)
    seq: int = own_number()
    prev: str
    hash: str
    kind: str
    recorded_at: datetime = instant_at()
    data: bytes = Field(sa_type=LargeBinary)


class UnsealedTable(Rows, table=True):
    """The entries that no seal covers yet: written with them, so that a late commit is never passed over."""

    __tablename__ = "unsealed"
    __table_args__ = (BY_KEY,)
    placement: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)


class LeafTable(Rows, table=True):
    """Which entry is which leaf of the log's tree; `hash` is its chain hash."""

    __tablename__ = "leaf"
    __table_args__ = (Unique("placement", "seq"),)
    position: int = own_number()
    placement: str
    seq: int
    hash: str


class TileTable(Rows, table=True):
    """The tree's inner hashes, up to 256 of them in a row: they follow from the leaves."""

    __tablename__ = "tile"
    __table_args__ = (BY_KEY,)
    level: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class SealTable(Rows, table=True):
    """What was signed, when, over how many leaves; `note` is the signed checkpoint."""

    __tablename__ = "seal"
    number: int = own_number()
    size: int = Field(unique=True, sa_type=BigInteger)
    root: bytes = Field(sa_type=LargeBinary)
    sealed_at: datetime = instant_at()
    note: bytes = Field(sa_type=LargeBinary)


class LogKeyTable(Rows, table=True):
    """The public keys that sign, or once signed, the checkpoints."""

    __tablename__ = "log_key"
    vkey: str = Field(primary_key=True)
    added_at: datetime = instant_at()


class SealerTable(Rows, table=True):
    """One row whose epoch each sealer raises: of two at once, where no lock keeps them apart, only one commits."""

    __tablename__ = "sealer"
    __table_args__ = (CheckConstraint("id = 1", "single"),)
    id: int = own_number()
    epoch: int = Field(sa_type=BigInteger)


system_entry = table("system_entry")
unsealed = table("unsealed")
leaf = table("leaf")
tile = table("tile")
seal = table("seal")
log_key = table("log_key")
sealer = table("sealer")

# Two words for the same would keep a file from using the index.
ACTS = text("kind <> 'heads'")
partial_index("ix_system_entry_acts", system_entry.c.seq, where=ACTS)
