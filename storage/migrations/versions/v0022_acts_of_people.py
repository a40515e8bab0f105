"""Acts that concern no placement are listed without the maps of heads among them, one with each seal."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    acts = sa.text("kind <> 'heads'")
    op.create_index("ix_system_entry_acts", "system_entry", ["seq"], sqlite_where=acts, postgresql_where=acts)
