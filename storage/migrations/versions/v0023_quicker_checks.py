"""Which statuses a deadline and a notice may have, in words of which SQLite makes no table for each row."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import is_postgres

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_DEADLINE_IS = " OR ".join(f"status = '{each}'" for each in ("running", "paused", "missed"))
_OUTBOX_IS = " OR ".join(
    f"status = '{each}'"
    for each in ("pending", "stale", "queued", "unaddressed", "sent", "overtaken", "dead", "dismissed")
)
_DEADLINE = 'placement, name, anchored_at, last_day, due_at, status, "then"'
_OUTBOX = "placement, seq, kind, deadline, trigger, at, status"


def upgrade() -> None:
    """Write both tables anew: SQLite changes no constraint in place. To PostgreSQL both words are the same."""
    if is_postgres():
        return
    op.rename_table("deadline", "deadline_before")
    _make_deadline()
    op.execute(f"INSERT INTO deadline ({_DEADLINE}) SELECT {_DEADLINE} FROM deadline_before")  # noqa: S608 - names of its own tables
    op.drop_table("deadline_before")
    op.rename_table("outbox", "outbox_before")
    _make_outbox()
    op.execute(f"INSERT INTO outbox ({_OUTBOX}) SELECT {_OUTBOX} FROM outbox_before")  # noqa: S608 - names of its own tables
    op.drop_table("outbox_before")
    op.create_index("ix_deadline_due_at_placement_name", "deadline", ["due_at", "placement", "name"])
    pending = sa.text("status = 'pending'")
    op.create_index("ix_outbox_pending", "outbox", ["at", "placement", "seq"], sqlite_where=pending)


def _make_deadline() -> None:
    op.create_table(
        "deadline",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("anchored_at", sa.BigInteger(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("then", sa.String(), nullable=True),
        sa.CheckConstraint(_DEADLINE_IS, name=op.f("ck_deadline_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_deadline_placement")),
        sa.PrimaryKeyConstraint("placement", "name", name=op.f("pk_deadline")),
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
        sa.CheckConstraint(_OUTBOX_IS, name=op.f("ck_outbox_status")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_outbox_placement")),
        sa.PrimaryKeyConstraint("placement", "seq", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
    )
