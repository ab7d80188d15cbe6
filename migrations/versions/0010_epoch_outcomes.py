"""Up to which outcome an epoch has in common with the one before it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Of epochs that were begun before, no outcome is known to be shared."""
    op.add_column("epoch", sa.Column("outcomes_after", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take back."""
    op.drop_column("epoch", "outcomes_after")
