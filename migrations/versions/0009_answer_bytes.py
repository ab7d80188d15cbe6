"""How long an answer was of which only the beginning is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("attempt", sa.Column("answer_bytes", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("attempt", "answer_bytes")
