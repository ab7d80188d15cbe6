"""The log's name and keys, and the sums by which readers know that they have everything."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "log",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("hashing", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("origin"),
    )
    op.create_table(
        "log_key",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("since_size", Big, nullable=False),
        sa.Column("since", Big, nullable=False),
        sa.PrimaryKeyConstraint("text"),
    )
    op.create_table(
        "bucket",
        sa.Column("unit", sa.String(length=4), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("number", Big, autoincrement=False, nullable=False),
        sa.Column("count", Big, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "scope", "number"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("bucket")
    op.drop_table("log_key")
    op.drop_table("log")
