"""The order of outcomes, receipts that come later, subscriptions, replays."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("delivery", sa.Column("sequence", Big, nullable=True))
    op.add_column("delivery", sa.Column("quality", sa.Text(), nullable=True))
    op.add_column("lane_cursor", sa.Column("start", Big, nullable=False, server_default="0"))
    op.add_column("attempt", sa.Column("next_try", Big, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("delivery", "state", type_=sa.String(length=15))
    op.execute(
        "UPDATE delivery SET sequence = numbered.n FROM"
        " (SELECT target, position, row_number() OVER (ORDER BY updated_at, position, target) AS n FROM delivery)"
        " AS numbered WHERE numbered.target = delivery.target AND numbered.position = delivery.position"
    )
    _partial_index("delivery_sequence", ["sequence"], "sequence IS NOT NULL", unique=True)
    _partial_index("delivery_receipts", ["target", "next_try"], "state = 'pending_receipt'")
    op.create_index("attempt_target", "attempt", ["target", "id"], unique=False)
    op.create_index("audit_subject", "audit", ["subject", "id"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=18), nullable=True),
        sa.Column("key", sa.String(length=16), nullable=True),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("start", Big, nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("paused_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "replay",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("first", Big, nullable=False),
        sa.Column("last", Big, nullable=False),
        sa.Column("platform", sa.String(length=18), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("finished_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )


def _partial_index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, "delivery", columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


def downgrade() -> None:
    """Take back."""
    op.drop_table("replay")
    op.drop_table("subscription")
    op.drop_index("audit_subject", "audit")
    op.drop_index("attempt_target", "attempt")
    op.drop_index("delivery_receipts", "delivery")
    op.drop_index("delivery_sequence", "delivery")
    op.drop_column("attempt", "next_try")
    op.drop_column("lane_cursor", "start")
    op.drop_column("delivery", "quality")
    op.drop_column("delivery", "sequence")
