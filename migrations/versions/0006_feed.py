"""What the feed is filtered by, and epochs."""

import sqlalchemy as sa
from alembic import op

LEDGER_LOCK = 0x48554200
"""The key of the advisory lock under which positions are handed out."""

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("version", sa.Column("discloser", sa.String(length=18), nullable=True))
    op.add_column("version", sa.Column("parties", sa.Text(), nullable=True))
    op.create_table(
        "version_party",
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("position", Big, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("code", "position"),
    )
    epoch = op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_after", Big, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Big, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.bulk_insert(epoch, [{"number": 1, "began_after": 0, "reason": "the ledger begins", "at": 0}])
    _define(_APPEND_VERSIONS)


def _define(append_versions: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_versions")
        op.execute(append_versions.replace("{lock}", str(LEDGER_LOCK)))


_APPEND_VERSIONS = """
CREATE FUNCTION append_versions(
    records bigint[], numbers int[], previouses bigint[], platforms text[], kinds text[], data_timestamps bigint[],
    received bigint[], threads text[], lanes smallint[], regions text[], states text[], digests bytea[],
    headers bytea[], terms bytea[], documents bytea[], publics bytea[], openeds bytea[], openings bigint[],
    disclosers text[], named text[],
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
                         region, state, digest, header, terms, document, public, opened, opens_at, discloser, parties)
    SELECT base + v.ordinal,
           CASE WHEN v.record < 0 THEN base - v.record ELSE v.record END,
           v.number,
           CASE WHEN v.previous < 0 THEN base - v.previous ELSE v.previous END,
           v.platform, v.kind, v.data_timestamp, v.received_at, v.thread, v.lane, v.region, v.state, v.digest,
           v.header, v.terms, v.document, v.public, v.opened, v.opens_at, v.discloser, v.parties
    FROM unnest(records, numbers, previouses, platforms, kinds, data_timestamps, received, threads, lanes, regions,
                states, digests, headers, terms, documents, publics, openeds, openings, disclosers, named)
         WITH ORDINALITY
         AS v(record, number, previous, platform, kind, data_timestamp, received_at, thread, lane, region,
              state, digest, header, terms, document, public, opened, opens_at, discloser, parties, ordinal);
    INSERT INTO version_party (code, position)
    SELECT p.code, base + v.ordinal
    FROM unnest(named) WITH ORDINALITY AS v(parties, ordinal)
    CROSS JOIN LATERAL unnest(string_to_array(v.parties, ' ')) AS p(code);
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


_ADDED = (
    ("    disclosers text[], named text[],\n", ""),
    (", opens_at, discloser, parties)\n", ", opens_at)\n"),
    (", v.discloser, v.parties\n", "\n"),
    (", disclosers, named)", ")"),
    (", opens_at, discloser, parties, ordinal)", ", opens_at, ordinal)"),
)
"""What the function has that it had not before, and what stood there instead."""


def _before() -> str:
    """The function as it was: without the two columns and the table of parties."""
    start = _APPEND_VERSIONS.index("    INSERT INTO version_party")
    end = _APPEND_VERSIONS.index("    INSERT INTO record AS r")
    text = _APPEND_VERSIONS[:start] + _APPEND_VERSIONS[end:]
    for added, kept in _ADDED:
        assert text.count(added) == 1
        text = text.replace(added, kept)
    return text


def downgrade() -> None:
    """Take back."""
    _define(_before())
    op.drop_table("epoch")
    op.drop_table("version_party")
    op.drop_column("version", "parties")
    op.drop_column("version", "discloser")
