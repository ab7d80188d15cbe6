"""The appender's statements on PostgreSQL: arrays straight to the driver, one round trip each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

Row = tuple[Any, ...]

_HEADS = """
SELECT h.position, r.platform, r.kind, r.data_key, r.id, r.position, r.number, r.data_timestamp, r.thread, r.region,
       r.state, r.digest
FROM (SELECT coalesce(max(position), 0) AS position FROM version) h
LEFT JOIN (unnest($1::text[], $2::text[], $3::text[]) AS k(platform, kind, data_key)
           JOIN record r ON r.platform = k.platform AND r.kind = k.kind AND r.data_key = k.data_key) ON true
"""

_VERSIONS = """
INSERT INTO version (position, record, number, previous, platform, kind, data_timestamp, received_at, thread, lane,
                     region, state, digest, header, terms, document, public)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                     $8::bigint[], $9::text[], $10::smallint[], $11::text[], $12::text[], $13::bytea[], $14::bytea[],
                     $15::bytea[], $16::bytea[], $17::bytea[])
"""

_VERSIONS_AND_RECORDS = f"""
WITH versions AS ({_VERSIONS})
INSERT INTO record (id, platform, kind, data_key, position, number, data_timestamp, thread, region, state, digest)
SELECT * FROM unnest($18::bigint[], $19::text[], $20::text[], $21::text[], $22::bigint[], $23::int[], $24::bigint[],
                     $25::text[], $26::text[], $27::text[], $28::bytea[])
"""  # noqa: S608

_HEADS_MOVED = """
UPDATE record r
SET position = m.position, number = m.number, data_timestamp = m.data_timestamp, region = m.region, state = m.state,
    digest = m.digest
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::bigint[], $8::text[],
            $9::text[], $10::text[], $11::bytea[])
     AS m(id, platform, kind, data_key, position, number, data_timestamp, thread, region, state, digest)
WHERE r.id = m.id
"""


async def read_heads(connection: AsyncConnection, keys: Sequence[tuple[str, str, str]]) -> tuple[int, list[Row]]:
    """The ledger's last position and the heads of these records, as one snapshot sees them."""
    driver = await _driver(connection)
    rows = await driver.fetch(_HEADS, *zip(*keys, strict=True))
    return rows[0][0], [tuple(row)[1:] for row in rows if row[1] is not None]


async def insert(
    connection: AsyncConnection, versions: Sequence[Row], created: Sequence[Row], moved: Sequence[Row]
) -> None:
    """Insert versions, and insert or move the heads of their records."""
    driver = await _driver(connection)
    columns = zip(*versions, strict=True)
    if created:
        await driver.execute(_VERSIONS_AND_RECORDS, *columns, *zip(*created, strict=True))
    else:
        await driver.execute(_VERSIONS, *columns)
    if moved:
        await driver.execute(_HEADS_MOVED, *zip(*moved, strict=True))


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection
