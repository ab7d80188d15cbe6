"""Named consumers."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consumer_cursor",
        sa.Column("consumer", sa.String(length=210), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", Big, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("committed_at", Big, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "name"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("consumer_cursor")
