"""Lists by state, by territory or by both are read in the order of references, without sorting all that they hold."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the reference at the end of what is searched by."""
    op.drop_index("ix_placement_state_territory", "placement")
    for columns in (["state", "territory", "reference"], ["state", "reference"], ["territory", "reference"]):
        op.create_index(f"ix_placement_{'_'.join(columns)}", "placement", columns)
