"""The ledger, delivery and keys."""

import sqlalchemy as sa
from alembic import op

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "api_key",
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("platform", sa.String(length=18), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("expires_at", Big, nullable=True),
        sa.Column("revoked_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("prefix"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("started_at", Big, nullable=False),
        sa.Column("finished_at", Big, nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "attempt_item",
        sa.Column("attempt", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", Big, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("attempt", "position"),
    )
    op.create_index("attempt_item_position", "attempt_item", ["position"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", Big, autoincrement=True, nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "delivery",
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("position", Big, autoincrement=False, nullable=False),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("next_try", Big, nullable=True),
        sa.Column("updated_at", Big, nullable=False),
        sa.PrimaryKeyConstraint("target", "position"),
    )
    op.create_index(
        "delivery_due",
        "delivery",
        ["target", "next_try"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "delivery_open",
        "delivery",
        ["target", "thread"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'parked')"),
        sqlite_where=sa.text("state IN ('waiting', 'parked')"),
    )
    op.create_index(
        "delivery_undelivered",
        "delivery",
        ["position"],
        unique=False,
        postgresql_where=sa.text("state <> 'delivered'"),
        sqlite_where=sa.text("state <> 'delivered'"),
    )

    op.create_table(
        "lane_cursor",
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("position", Big, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", Big, nullable=False),
        sa.PrimaryKeyConstraint("target", "lane"),
    )
    op.create_table(
        "platform",
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("public_service_code", sa.String(length=18), nullable=False),
        sa.Column("trade_mark", sa.String(length=11), nullable=False),
        sa.Column("public_service_mark", sa.String(length=11), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("disclosers", sa.Text(), nullable=False),
        sa.Column("created_at", Big, nullable=False),
        sa.Column("disabled_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "record",
        sa.Column("id", Big, autoincrement=False, nullable=False),
        sa.Column("platform", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data_key", sa.String(length=64), nullable=False),
        sa.Column("position", Big, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data_timestamp", Big, nullable=False),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "kind", "data_key"),
    )
    op.create_table(
        "version",
        sa.Column("position", Big, autoincrement=False, nullable=False),
        sa.Column("record", Big, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous", Big, nullable=True),
        sa.Column("platform", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data_timestamp", Big, nullable=False),
        sa.Column("received_at", Big, nullable=False),
        sa.Column("thread", sa.String(length=200), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("record", "data_timestamp"),
    )
    op.create_index("version_kind", "version", ["kind", "position"], unique=False)
    op.create_index("version_thread", "version", ["thread", "position"], unique=False)

    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("until", Big, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )

    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def _guard_on_postgresql() -> None:
    """Versions are never changed; rows up to a page stay in it as they are, uncompressed, because reading decides."""
    op.execute("ALTER TABLE version SET (toast_tuple_target = 8160)")
    for column in ("document", "public", "header", "terms"):
        op.execute(f"ALTER TABLE version ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.execute(
        "CREATE FUNCTION version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a version is never changed or deleted'; END $$"
    )
    op.execute(
        "CREATE TRIGGER version_immutable BEFORE UPDATE OR DELETE ON version "
        "FOR EACH ROW EXECUTE FUNCTION version_is_immutable()"
    )
    op.execute(
        "CREATE TRIGGER version_untruncated BEFORE TRUNCATE ON version "
        "FOR EACH STATEMENT EXECUTE FUNCTION version_is_immutable()"
    )


def _guard_on_sqlite() -> None:
    """Versions are never changed."""
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER version_no_{event.lower()} BEFORE {event} ON version "
            "BEGIN SELECT RAISE(ABORT, 'a version is never changed or deleted'); END"
        )


def downgrade() -> None:
    """Take back."""
    op.drop_table("worker")

    op.drop_table("version")
    op.drop_table("record")
    op.drop_table("platform")
    op.drop_table("lane_cursor")

    op.drop_table("delivery")
    op.drop_table("audit")

    op.drop_table("attempt_item")
    op.drop_table("attempt")
    op.drop_table("api_key")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION version_is_immutable()")
