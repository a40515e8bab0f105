"""Entries are found by who acted and by their kind, placements by their version; when a calendar was last read."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import is_postgres

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# An entry that cannot be read names nobody here; `doctor` tells of it.
_OF_FILE = """
INSERT INTO acted (actor, recorded_at, placement, seq)
SELECT said, recorded_at, placement, seq FROM (
    SELECT CASE WHEN json_valid(CAST(data AS TEXT)) THEN json_extract(CAST(data AS TEXT), '$.actor') END AS said,
        recorded_at, placement, seq
    FROM history
) WHERE said GLOB 'operator:*'
"""
# `actor` is the first of an entry's keys, and a quotation mark within a text is never bare.
_OF_SERVER = """
INSERT INTO acted (actor, recorded_at, placement, seq)
SELECT said, recorded_at, placement, seq FROM (
    SELECT substring(encode(data, 'escape') from '"actor":"(operator:[^"]*)"') AS said, recorded_at, placement, seq
    FROM history
) AS entry WHERE said IS NOT NULL
"""


def upgrade() -> None:
    """Add the tables and the index, and enter who acted up to now."""
    op.create_table(
        "acted",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_acted_placement")),
        sa.PrimaryKeyConstraint("actor", "recorded_at", "placement", "seq", name=op.f("pk_acted")),
        sqlite_with_rowid=False,
    )
    op.execute(_OF_SERVER if is_postgres() else _OF_FILE)
    key = ["kind", "recorded_at", "placement", "seq"]
    op.create_index(op.f("ix_history_kind_recorded_at_placement_seq"), "history", key)
    op.create_index(op.f("ix_placement_definition"), "placement", ["definition"])
    op.create_table(
        "feed_use",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["feed.account"], name=op.f("fk_feed_use_account"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_feed_use")),
        sqlite_with_rowid=False,
    )
