"""Fills a ledger fast: rows as the hub would have written them, by COPY into its own tables."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from zlib import crc32

from benchmarks.database import connected
from benchmarks.hub import PLATFORM
from benchmarks.payloads import Template
from hub.intake import Intake
from hub.keys import Sender
from hub.ledger.append import header_of, lane_of
from hub.ledger.tables import Record, Version, VersionParty
from hub.moments import iso, now

BATCH = 10_000
VERSIONS_PER_THREAD = 7

VERSION_COLUMNS = tuple(column.name for column in Version.__table__.columns)
PARTY_COLUMNS = tuple(column.name for column in VersionParty.__table__.columns)
RECORD_COLUMNS = tuple(column.name for column in Record.__table__.columns)


def data_key(position: int) -> str:
    """The key of the record whose only version has this position."""
    return f"filled-{position:010d}"


def fill(dsn: str, template: Template, versions: int) -> None:
    """Make an empty ledger one of `versions` records with one version each, and let PostgreSQL know its size."""

    async def run() -> None:
        async with connected(dsn) as connection:
            for first in range(1, versions + 1, BATCH):
                rows = list(_rows(template, first, min(BATCH, versions + 1 - first)))
                for table, columns in (("version", VERSION_COLUMNS), ("record", RECORD_COLUMNS)):
                    records = [tuple(row[column] for column in columns) for row in rows]
                    await connection.copy_records_to_table(table, records=records, columns=columns)
                parties = [(code, row["position"]) for row in rows for code in (row["parties"] or "").split()]
                await connection.copy_records_to_table("version_party", records=parties, columns=PARTY_COLUMNS)
            await connection.execute("VACUUM (FREEZE, ANALYZE)", timeout=600)
            await connection.execute("CHECKPOINT", timeout=600)

    asyncio.run(run())


def _rows(template: Template, first: int, count: int) -> Iterator[dict[str, Any]]:
    """What `version` and `record` need of each of `count` versions from position `first` on."""
    entry = Intake(0).submission(template.filled(data_key(first), 1), Sender(PLATFORM)).entry
    received_at = now()
    received_text = iso(received_at)
    sample_key, document, public = entry.data_key.encode(), entry.document, entry.public
    for position in range(first, first + count):
        entry.data_key = data_key(position)
        key = entry.data_key.encode()
        entry.document, entry.public = document.replace(sample_key, key), public.replace(sample_key, key)
        entry.digest = sha256(entry.document).digest()
        entry.thread = f"filled:{position // VERSIONS_PER_THREAD}"
        yield {
            "id": position,
            "position": position,
            "record": position,
            "number": 1,
            "previous": None,
            "platform": entry.platform,
            "kind": entry.kind,
            "data_key": entry.data_key,
            "data_timestamp": entry.data_timestamp,
            "received_at": received_at,
            "thread": entry.thread,
            "lane": lane_of(entry.thread),
            "region": entry.region,
            "state": entry.state,
            "digest": entry.digest,
            "header": header_of(entry, 1, received_text),
            "terms": entry.terms,
            "document": entry.document,
            "public": entry.public,
            "opened": entry.opened,
            "opens_at": entry.opens_at,
            "discloser": entry.discloser,
            "parties": " ".join(sorted(entry.parties)) or None,
            "due_on": entry.due_on,
            "days_late": entry.days_late,
            "provisional": entry.provisional,
            "due_now": None,
            "content": crc32(key) << 31 | position,
        }
