"""What is remembered of the clock, so that a jump is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Remember how far the clock has come."""
    op.create_table(
        "brake",
        sa.Column("id", _NUMBER, nullable=False),
        *(sa.Column(f"{name}_at", sa.BigInteger()) for name in ("written", "seen", "released", "held")),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_brake_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brake")),
    )
    # What was written tells how far the clock has come. When it was seen last nobody noted: the first to come does.
    op.execute("INSERT INTO brake (id, written_at, due, open) SELECT 1, max(recorded_at), 0, 0 FROM history")
