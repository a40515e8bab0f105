"""What accounts of the console keep for themselves: saved views of lists, and the secret address of a calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; nobody has any yet."""
    op.create_table(
        "saved_view",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("list", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_saved_view_account")),
        sa.PrimaryKeyConstraint("account", "list", "name", name=op.f("pk_saved_view")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_feed_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_feed")),
        sa.UniqueConstraint("token", name=op.f("uq_feed_token")),
        sqlite_with_rowid=False,
    )
