"""One function for what a courier's requests came to: on PostgreSQL that is one round trip instead of seven."""

from alembic import op

OUTCOME_LOCK = 0x48554202
"""The key of the advisory lock under which outcomes are numbered."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_STORE_FLIGHTS.replace("{lock}", str(OUTCOME_LOCK)))


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION store_flights")


_STORE_FLIGHTS = """
CREATE FUNCTION store_flights(
    name text, sender text, moment bigint, numbered boolean, held_lanes smallint[], held_tokens bigint[],
    ids bigint[], started bigint[], finished bigint[], sizes int[], statuses int[], errors text[], answers bytea[],
    answer_sizes int[], travel_again bigint[],
    item_attempts bigint[], item_positions bigint[],
    row_positions bigint[], row_threads text[], row_lanes smallint[], row_states text[], row_holds boolean[],
    row_tries int[], row_attempts bigint[], row_receipts text[], row_reasons text[], row_next_tries bigint[],
    row_qualities text[],
    moved_lanes smallint[], moved_tokens bigint[], moved_positions bigint[]
) RETURNS smallint[] LANGUAGE plpgsql AS $$
-- Stores attempts, the delivery rows of the lanes that still carry the token, and cursors; returns those lanes.
-- Each statement sees what was committed before it: the numbers of outcomes are read under their lock.
DECLARE
    mine smallint[];
    newest bigint;
BEGIN
    -- In the order of the lanes, as every transaction locks them; what is another's by now is not locked.
    SELECT coalesce(array_agg(c.lane), '{}') INTO mine FROM (
        SELECT l.lane
        FROM unnest(held_lanes, held_tokens) AS h(lane, token)
        JOIN lane_cursor l ON l.target = name AND l.lane = h.lane AND l.token = h.token
        ORDER BY l.lane FOR SHARE OF l
    ) AS c;
    INSERT INTO attempt (id, target, worker, started_at, finished_at, versions, status, error, answer, answer_bytes,
                         next_try)
    SELECT a.id, name, sender, a.started_at, a.finished_at, a.versions, a.status, a.error, a.answer, a.answer_bytes,
           a.next_try
    FROM unnest(ids, started, finished, sizes, statuses, errors, answers, answer_sizes, travel_again)
         AS a(id, started_at, finished_at, versions, status, error, answer, answer_bytes, next_try);
    INSERT INTO attempt_item (attempt, position)
    SELECT i.attempt, i.position FROM unnest(item_attempts, item_positions) AS i(attempt, position)
    UNION
    SELECT r.attempt, r.position FROM unnest(row_attempts, row_positions, row_lanes) AS r(attempt, position, lane)
    WHERE r.lane <> ALL (mine) AND r.attempt IS NOT NULL;
    IF numbered AND cardinality(row_positions) > 0 THEN
        PERFORM pg_advisory_xact_lock({lock});
        SELECT coalesce(max(sequence), 0) INTO newest FROM delivery WHERE sequence IS NOT NULL;
    END IF;
    INSERT INTO delivery AS d (target, position, thread, lane, state, holds, tries, attempt, receipt, reason, next_try,
                               updated_at, sequence, quality)
    SELECT name, r.position, r.thread, r.lane, r.state, r.holds, r.tries, r.attempt, r.receipt, r.reason, r.next_try,
           moment, newest + r.ordinal, r.quality
    FROM unnest(row_positions, row_threads, row_lanes, row_states, row_holds, row_tries, row_attempts, row_receipts,
                row_reasons, row_next_tries, row_qualities)
         WITH ORDINALITY
         AS r(position, thread, lane, state, holds, tries, attempt, receipt, reason, next_try, quality, ordinal)
    WHERE r.lane = ANY (mine)
    ON CONFLICT (target, position) DO UPDATE
    SET state = CASE WHEN d.skip IS NOT NULL AND excluded.state = 'parked' THEN 'waiting' ELSE excluded.state END,
        holds = excluded.holds, tries = excluded.tries, attempt = excluded.attempt, receipt = excluded.receipt,
        reason = excluded.reason, quality = excluded.quality, updated_at = excluded.updated_at,
        next_try = CASE WHEN d.skip IS NOT NULL AND excluded.state = 'parked' THEN excluded.updated_at
                        ELSE excluded.next_try END,
        -- What was tried once more and stands as it stood is no new outcome.
        sequence = CASE WHEN d.state = excluded.state AND d.receipt IS NOT DISTINCT FROM excluded.receipt
                             AND d.quality IS NOT DISTINCT FROM excluded.quality
                        THEN d.sequence ELSE excluded.sequence END;
    UPDATE lane_cursor AS l SET position = m.position
    FROM unnest(moved_lanes, moved_tokens, moved_positions) AS m(lane, token, position)
    WHERE l.target = name AND l.lane = m.lane AND l.token = m.token AND l.position < m.position;
    RETURN mine;
END $$
"""
