"""What sealing keeps: a queue, the tree, the seals, the chain of acts that concern no placement."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import keep_append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what sealing keeps, and let all that was entered before wait for the first seals."""
    _entries()
    _tree()
    _seals()
    _triggers()
    op.execute("INSERT INTO sealer (id, epoch) VALUES (1, 0)")
    # What was entered before there were seals is covered by the first ones.
    op.execute("INSERT INTO unsealed (placement, seq) SELECT placement, seq FROM history")


def _entries() -> None:
    op.create_table(
        "system_entry",
        _number("seq"),
        _text("prev"),
        _text("hash"),
        _text("kind"),
        _at("recorded_at"),
        _blob("data"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_system_entry")),
        sa.UniqueConstraint("prev", name=op.f("uq_system_entry_prev")),
    )
    op.create_table(
        "unsealed",
        _text("placement"),
        _integer("seq"),
        sa.PrimaryKeyConstraint("placement", "seq", name=op.f("pk_unsealed")),
        sqlite_with_rowid=False,
    )


def _tree() -> None:
    op.create_table(
        "leaf",
        _number("position"),
        _text("placement"),
        _integer("seq"),
        _text("hash"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_leaf")),
        sa.UniqueConstraint("placement", "seq", name=op.f("uq_leaf_placement_seq")),
    )
    op.create_table(
        "tile",
        _integer("level"),
        _integer("number"),
        _blob("data"),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_tile")),
        sqlite_with_rowid=False,
    )


def _seals() -> None:
    op.create_table(
        "seal",
        _number("number"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _blob("root"),
        _at("sealed_at"),
        _blob("note"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
        sa.UniqueConstraint("size", name=op.f("uq_seal_size")),
    )
    op.create_table(
        "log_key",
        _text("vkey"),
        _at("added_at"),
        sa.PrimaryKeyConstraint("vkey", name=op.f("pk_log_key")),
    )
    op.create_table(
        "sealer",
        _number("id"),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_sealer_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealer")),
    )


def _triggers() -> None:
    for table, key in (("system_entry", "seq"), ("leaf", "position"), ("seal", "number")):
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - names written above
        keep_append_only(table, taken)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _integer(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, _NUMBER, nullable=False)


def _blob(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _at(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
