"""What its sender wants skipped is found at once, and where it came too late nothing is left of the order."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHANGED = {
    "d.skip IS NOT NULL AND excluded.state = 'parked'": "d.skip IS NOT NULL AND excluded.state IN ('waiting', 'parked')",
    "SET state = CASE": "SET skip = CASE WHEN excluded.state IN ('waiting', 'parked') THEN d.skip END,\n        state = CASE",
}
"""Clauses of `store_flights`, and what takes their place."""


def upgrade() -> None:
    """Apply."""
    op.execute("UPDATE delivery SET skip = NULL WHERE skip IS NOT NULL AND state <> 'waiting'")
    ordered = sa.text("skip IS NOT NULL")
    op.create_index("delivery_ordered", "delivery", ["target"], postgresql_where=ordered, sqlite_where=ordered)
    _change(CHANGED)


def downgrade() -> None:
    """Take back."""
    op.drop_index("delivery_ordered", table_name="delivery")
    _change({new: old for old, new in CHANGED.items()})


def _change(clauses: dict[str, str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        written = connection.execute(sa.text("SELECT pg_get_functiondef('store_flights'::regproc)")).scalar_one()
        for before, after in clauses.items():
            assert before in written
            written = written.replace(before, after)
        connection.exec_driver_sql(written)
