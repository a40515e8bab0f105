"""What became of each notice with each recipient; the outbox tells it in short."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import is_postgres

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATUSES = "status IN ('pending', 'stale', 'queued', 'unaddressed', 'sent', 'overtaken', 'dead')"
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COLUMNS = "id, placement, seq, kind, deadline, trigger, at, status"


def upgrade() -> None:
    """Add the log of deliveries, and let the outbox say more."""
    if is_postgres():
        op.drop_constraint(op.f("ck_outbox_status"), "outbox", type_="check")
        op.create_check_constraint(op.f("ck_outbox_status"), "outbox", _STATUSES)
    else:
        # SQLite changes no constraint in place.
        op.rename_table("outbox", "outbox_before")
        _outbox()
        op.execute(f"INSERT INTO outbox ({_COLUMNS}) SELECT {_COLUMNS} FROM outbox_before")  # noqa: S608 - names of its own tables
        op.drop_table("outbox_before")
        pending = sa.text("status = 'pending'")
        op.create_index("ix_outbox_pending", "outbox", ["id"], sqlite_where=pending)
    _deliveries()


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("notice", _NUMBER, nullable=True),
        sa.Column("placement", sa.String(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'dead', 'overtaken')", name=op.f("ck_delivery_status")),
        sa.ForeignKeyConstraint(["notice"], ["outbox.id"], name=op.f("fk_delivery_notice")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_delivery_placement")),
        sa.PrimaryKeyConstraint("key", "channel", "recipient", name=op.f("pk_delivery")),
        sqlite_with_rowid=False,
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index("ix_delivery_waiting", "delivery", ["next_at"], sqlite_where=waiting, postgresql_where=waiting)
    dead = sa.text("status = 'dead'")
    op.create_index("ix_delivery_dead", "delivery", ["key"], sqlite_where=dead, postgresql_where=dead)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("deadline", sa.String(), nullable=True),
        sa.Column("trigger", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.CheckConstraint(_STATUSES, name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_outbox_placement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
