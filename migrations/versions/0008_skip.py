"""Versions that their sender has skipped at a target."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("delivery", sa.Column("skip", sa.Text(), nullable=True))
    skipped = sa.text("state = 'skipped'")
    op.create_index(
        "delivery_skipped", "delivery", ["target", "position"], postgresql_where=skipped, sqlite_where=skipped
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("delivery_skipped", table_name="delivery")
    op.drop_column("delivery", "skip")
