"""When each token was last used, to the hour."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "token_use",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["api_token.prefix"], name=op.f("fk_token_use_token")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_token_use")),
        sqlite_with_rowid=False,
    )
