"""What each account chose of notices: its address once confirmed, which ones, in which language, how often."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "account_notice",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.String(), nullable=False),
        sa.Column("deadlines", sa.String(), nullable=False),
        sa.Column("approvals", sa.Boolean(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("rhythm", sa.String(), nullable=False),
        sa.CheckConstraint("reach IN ('awaited', 'all')", name=op.f("ck_account_notice_reach")),
        sa.CheckConstraint("rhythm IN ('each', 'digest')", name=op.f("ck_account_notice_rhythm")),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_account_notice_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_notice")),
        sqlite_with_rowid=False,
    )
