"""A key of personal values for each placement and retention category, so that a category can expire alone."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.kinds import is_postgres, set_aside

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each category of a placement a key of its own; values from before keep the one that they have."""
    # Keys are copied to another table: none may stay behind in the pages of the old one.
    if not is_postgres():
        op.execute("PRAGMA secure_delete=ON")
    set_aside(("person_key", "personal"))
    _person_key()
    _personal()
    # What was kept before there were categories has none: it is erased with its placement's one key.
    op.execute("INSERT INTO person_key (placement, category, key) SELECT placement, '', key FROM person_key_before")
    op.execute(
        "INSERT INTO personal (placement, seq, name, category, ciphertext) "
        "SELECT placement, seq, name, '', ciphertext FROM personal_before"
    )
    for table in ("person_key", "personal"):
        op.drop_table(f"{table}_before")


def _person_key() -> None:
    op.create_table(
        "person_key",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_person_key_placement")),
        sa.PrimaryKeyConstraint("placement", "category", name=op.f("pk_person_key")),
        sqlite_with_rowid=False,
    )


def _personal() -> None:
    op.create_table(
        "personal",
        sa.Column("placement", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["placement"], ["placement.id"], name=op.f("fk_personal_placement")),
        sa.PrimaryKeyConstraint("placement", "seq", "name", name=op.f("pk_personal")),
        sqlite_with_rowid=False,
    )
