"""How many placements there are of each state and territory, kept with each change instead of counted anew."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and count once what is there."""
    op.create_table(
        "tally",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("territory", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("placements", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state", "territory", "part", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO tally (state, territory, part, placements) "
        "SELECT state, territory, 0, count(*) FROM placement GROUP BY state, territory"
    )
