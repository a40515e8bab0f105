"""Batches of the console: which placements were chosen, at which revision, what was asked, what became of each."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("left_out", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("preview", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_batch_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_account_created_at"), "batch", ["account", "created_at"])
    op.create_table(
        "batch_item",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_batch_item_batch")),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_batch_item_placement")),
        sa.PrimaryKeyConstraint("batch", "position", name=op.f("pk_batch_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_batch_item_placement"), "batch_item", ["placement"])
