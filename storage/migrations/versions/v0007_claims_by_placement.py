"""Exclusive values are found by their placement too: writing a placement looked through all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Order the columns of a constraint anew; SQLite changes none in place, so that the table is written again."""
    if op.get_bind().dialect.name == "sqlite":
        op.rename_table("exclusive", "exclusive_before")
        _exclusive()
        columns = "field, token, placement"
        op.execute(f"INSERT INTO exclusive ({columns}) SELECT {columns} FROM exclusive_before")  # noqa: S608 - names of its own tables
        op.drop_table("exclusive_before")
    else:
        op.drop_constraint("uq_exclusive_field_placement", "exclusive", type_="unique")
        op.create_unique_constraint(op.f("uq_exclusive_placement_field"), "exclusive", ["placement", "field"])


def _exclusive() -> None:
    op.create_table(
        "exclusive",
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("placement", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement"],
            ["placement.id"],
            name=op.f("fk_exclusive_placement"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("field", "token", name=op.f("pk_exclusive")),
        sa.UniqueConstraint("placement", "field", name=op.f("uq_exclusive_placement_field")),
        sqlite_with_rowid=False,
    )
