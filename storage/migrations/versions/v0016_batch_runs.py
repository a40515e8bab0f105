"""Which console carries out a batch and since when it is alive, and under which key a program asked for one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "batch_run",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_batch_run_batch")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_batch_run")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch_ask",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["api_token.prefix"], name=op.f("fk_batch_ask_token")),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_batch_ask_batch")),
        sa.PrimaryKeyConstraint("token", "key", name=op.f("pk_batch_ask")),
        sa.UniqueConstraint("batch", name=op.f("uq_batch_ask_batch")),
        sqlite_with_rowid=False,
    )
