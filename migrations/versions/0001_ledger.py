"""The ledger, delivery and keys."""

import sqlalchemy as sa
from alembic import op

LEDGER_LOCK = 0x48554200
"""The key of the advisory lock under which positions are handed out."""

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
        "calendar",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=11), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("loaded_at", Big, nullable=False),
        sa.PrimaryKeyConstraint("year"),
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
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("due_now", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform", "kind", "data_key"),
    )
    op.create_index("record_content", "record", ["content"], unique=False)
    op.create_index(
        "record_overdue",
        "record",
        ["id"],
        unique=False,
        postgresql_where=sa.text("days_late > 0"),
        sqlite_where=sa.text("days_late > 0"),
    )
    op.create_index(
        "record_provisional",
        "record",
        ["id"],
        unique=False,
        postgresql_where=sa.text("provisional"),
        sqlite_where=sa.text("provisional"),
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
        sa.Column("opened", sa.LargeBinary(), nullable=True),
        sa.Column("opens_at", Big, nullable=True),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("record", "data_timestamp"),
    )
    op.create_index("version_thread", "version", ["thread", "position"], unique=False)

    op.create_table(
        "worker",
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("until", Big, nullable=False),
        sa.PrimaryKeyConstraint("target", "name"),
    )

    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        _guard_on_sqlite()


def _guard_on_postgresql() -> None:
    """Versions are never changed; rows up to a page stay in it as they are, uncompressed, because reading decides."""
    op.execute("ALTER TABLE version SET (toast_tuple_target = 8160)")
    for column in ("document", "public", "opened", "header", "terms"):
        op.execute(f"ALTER TABLE version ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.execute(
        "CREATE FUNCTION version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a version is never changed or deleted'; END $$"
    )
    op.execute(
        "CREATE TRIGGER version_immutable BEFORE UPDATE OR DELETE ON version "
        "FOR EACH ROW EXECUTE FUNCTION version_is_immutable()"
    )
    op.execute(_APPEND_VERSIONS.replace("{lock}", str(LEDGER_LOCK)))
    op.execute(
        "CREATE TRIGGER version_untruncated BEFORE TRUNCATE ON version "
        "FOR EACH STATEMENT EXECUTE FUNCTION version_is_immutable()"
    )


_APPEND_VERSIONS = """
CREATE FUNCTION append_versions(
    records bigint[], numbers int[], previouses bigint[], platforms text[], kinds text[], data_timestamps bigint[],
    received bigint[], threads text[], lanes smallint[], regions text[], states text[], digests bytea[],
    headers bytea[], terms bytea[], documents bytea[], publics bytea[], openeds bytea[], openings bigint[],
    head_platforms text[], head_kinds text[], head_keys text[], head_found bigint[], head_records bigint[],
    head_ordinals int[], head_dues text[], head_lates int[], head_provisionals boolean[], head_contents bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
-- Appends versions behind the last position and returns that position; null where a head is not the one found.
-- Positions of the batch itself come as negative ordinals. Each statement below sees what was committed before it,
-- so what is read after the lock is the newest state.
DECLARE
    base bigint;
BEGIN
    PERFORM pg_advisory_xact_lock({lock});
    PERFORM 1
    FROM unnest(head_platforms, head_kinds, head_keys, head_found) AS h(platform, kind, data_key, found)
    LEFT JOIN record r ON r.platform = h.platform AND r.kind = h.kind AND r.data_key = h.data_key
    WHERE r.position IS DISTINCT FROM h.found;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(max(position), 0) INTO base FROM version;
    INSERT INTO version (position, record, number, previous, platform, kind, data_timestamp, received_at, thread, lane,
                         region, state, digest, header, terms, document, public, opened, opens_at)
    SELECT base + v.ordinal,
           CASE WHEN v.record < 0 THEN base - v.record ELSE v.record END,
           v.number,
           CASE WHEN v.previous < 0 THEN base - v.previous ELSE v.previous END,
           v.platform, v.kind, v.data_timestamp, v.received_at, v.thread, v.lane, v.region, v.state, v.digest,
           v.header, v.terms, v.document, v.public, v.opened, v.opens_at
    FROM unnest(records, numbers, previouses, platforms, kinds, data_timestamps, received, threads, lanes, regions,
                states, digests, headers, terms, documents, publics, openeds, openings) WITH ORDINALITY
         AS v(record, number, previous, platform, kind, data_timestamp, received_at, thread, lane, region,
              state, digest, header, terms, document, public, opened, opens_at, ordinal);
    INSERT INTO record AS r (id, platform, kind, data_key, position, number, data_timestamp, thread, region, state,
                             digest, due_on, days_late, provisional, content)
    SELECT CASE WHEN h.record < 0 THEN base - h.record ELSE h.record END, h.platform, h.kind, h.data_key,
           base + h.ordinal, numbers[h.ordinal], data_timestamps[h.ordinal], threads[h.ordinal], regions[h.ordinal],
           states[h.ordinal], digests[h.ordinal], h.due_on, h.days_late, h.provisional, h.content
    FROM unnest(head_platforms, head_kinds, head_keys, head_records, head_ordinals, head_dues, head_lates,
                head_provisionals, head_contents)
         AS h(platform, kind, data_key, record, ordinal, due_on, days_late, provisional, content)
    ON CONFLICT (id) DO UPDATE
    SET position = excluded.position, number = excluded.number, data_timestamp = excluded.data_timestamp,
        region = excluded.region, state = excluded.state, digest = excluded.digest, due_on = excluded.due_on,
        days_late = excluded.days_late, provisional = excluded.provisional, due_now = NULL,
        content = excluded.content;
    RETURN base;
END $$
"""


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
    op.drop_table("calendar")
    op.drop_table("audit")

    op.drop_table("attempt_item")
    op.drop_table("attempt")
    op.drop_table("api_key")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION version_is_immutable()")
        op.execute("DROP FUNCTION append_versions")
