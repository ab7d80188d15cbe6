"""`python -m tests.race.writer URL WAY ROWS WRITERS SEED`: one process of writers that append as fast as they can."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from random import Random

from sqlalchemy import text

from hub.db import Database
from hub.ledger.entry import Receipt
from tests.ledger.entries import an_appender, an_entry

MOST_TOGETHER = 20
"""The most rows that a writer appends in one transaction."""

SEQUENCE = "race_position"

FROM_THE_SEQUENCE = text(
    f"""
    INSERT INTO version (position, record, number, previous, platform, kind, data_timestamp, received_at, thread, lane,
                         region, state, digest, header, terms, document, public)
    SELECT p, p, 1, NULL, '', 'tender_notice', p, 0, '', 0, '', 'published', '', '"number"\\:1', '', '{{}}', '"document":{{}}'
    FROM (SELECT nextval('{SEQUENCE}') AS p FROM generate_series(1, :rows)) AS given
    """
)
"""What the ledger does not do: positions are taken when a row is made, and become visible when it is committed."""

Append = Callable[[int, int], Awaitable[None]]
"""Append so many rows, of which the first is the writer's n-th."""


async def write(url: str, way: str, rows: int, name: str, random: Random) -> None:
    """Append `rows` rows in transactions of random sizes, with a connection of one's own."""
    database = Database(url, pool=2)
    try:
        if way == "sequence":
            await _write(rows, random, lambda _, count: _append_from_sequence(database, count))
            return
        async with an_appender(database) as appender:

            async def append(first: int, count: int) -> None:
                entries = [an_entry(f"{name}-{first + n}", thread=f"tender:{name}") for n in range(count)]
                outcomes = await appender.append_all(entries)
                assert all(isinstance(outcome, Receipt) for outcome in outcomes), outcomes

            await _write(rows, random, append)
    finally:
        await database.close()


async def _write(rows: int, random: Random, append: Append) -> None:
    done = 0
    while done < rows:
        count = min(random.randint(1, MOST_TOGETHER), rows - done)
        await append(done, count)
        done += count


async def _append_from_sequence(database: Database, count: int) -> None:
    async with database.transaction() as connection:
        await connection.execute(FROM_THE_SEQUENCE, {"rows": count})


async def _main(url: str, way: str, rows: str, writers: str, seed: str) -> None:
    shares = [int(rows) // int(writers) + (number < int(rows) % int(writers)) for number in range(int(writers))]
    async with asyncio.TaskGroup() as group:
        for number, share in enumerate(shares):
            name = f"{seed}-{number}"
            group.create_task(write(url, way, share, name, Random(name)))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
