"""What is a placement's is found by the placement: history and outbox had numbers that the database gave.

No entry is written anew: PostgreSQL drops the column of the numbers; in a file it stays, being SQLite's own number of a
row.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import is_postgres

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATUSES = "status IN ('pending', 'stale', 'queued', 'unaddressed', 'sent', 'overtaken', 'dead')"
_OUTBOX = "placement, seq, kind, deadline, trigger, at, status"
_DELIVERY = "key, channel, recipient, placement, seq, status, attempts, error, planned_at, next_at, ended_at"
# Keys that a sequence would have given, though nobody ever asked it.
_COUNTED = {
    "brake": "id",
    "installation": "id",
    "leaf": "position",
    "seal": "number",
    "sealer": "id",
    "system_entry": "seq",
}


def upgrade() -> None:
    """Give both tables keys that carry the placement, and deliveries no number of a notice."""
    if is_postgres():
        _change_in_place()
    else:
        _write_anew()
    op.create_index(op.f("ix_history_recorded_at_placement_seq"), "history", ["recorded_at", "placement", "seq"])
    pending = sa.text("status = 'pending'")
    op.create_index(
        "ix_outbox_pending", "outbox", ["at", "placement", "seq"], sqlite_where=pending, postgresql_where=pending
    )


def _change_in_place() -> None:
    op.drop_constraint(op.f("fk_delivery_notice"), "delivery", type_="foreignkey")
    op.drop_column("delivery", "notice")
    op.drop_index("ix_outbox_pending", "outbox")
    op.drop_constraint(op.f("uq_history_placement_seq"), "history", type_="unique")
    for table in ("history", "outbox"):
        # The key and the sequence go with the column.
        op.drop_column(table, "id")
        op.create_primary_key(op.f(f"pk_{table}"), table, ["placement", "seq"])
    for table, column in _COUNTED.items():
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
        op.execute(f"DROP SEQUENCE IF EXISTS {table}_{column}_seq")


def _write_anew() -> None:
    """SQLite changes no key in place. Deliveries first: they refer to the outbox."""
    op.rename_table("delivery", "delivery_before")
    _make_delivery()
    op.execute(f"INSERT INTO delivery ({_DELIVERY}) SELECT {_DELIVERY} FROM delivery_before")  # noqa: S608 - names of its own tables
    op.drop_table("delivery_before")
    op.rename_table("outbox", "outbox_before")
    _make_outbox()
    op.execute(f"INSERT INTO outbox ({_OUTBOX}) SELECT {_OUTBOX} FROM outbox_before")  # noqa: S608 - names of its own tables
    op.drop_table("outbox_before")
    waiting, dead = sa.text("status = 'waiting'"), sa.text("status = 'dead'")
    op.create_index("ix_delivery_waiting", "delivery", ["next_at"], sqlite_where=waiting)
    op.create_index("ix_delivery_dead", "delivery", ["key"], sqlite_where=dead)


def _make_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("placement", sa.String(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'dead', 'overtaken')", name=op.f("ck_delivery_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_delivery_placement")),
        sa.PrimaryKeyConstraint("key", "channel", "recipient", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("trigger", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint(_STATUSES, name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_outbox_placement")),
        sa.PrimaryKeyConstraint("placement", "seq", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
    )
