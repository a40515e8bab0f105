"""The corrections that wait for a second person. None did before: nothing has to be filled in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing waits yet."""
    op.create_table(
        "request",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_request_placement")),
        sa.PrimaryKeyConstraint("placement", "seq", name=op.f("pk_request")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_request_asked_at_placement_seq", "request", ["asked_at", "placement", "seq"])
