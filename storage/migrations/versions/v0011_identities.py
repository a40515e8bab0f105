"""Identities of an OpenID Connect provider that were linked to accounts of the console."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nobody is linked."""
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("idp", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_identity_account")),
        sa.PrimaryKeyConstraint("issuer", "subject", "idp", name=op.f("pk_identity")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_identity_account"), "identity", ["account"])
