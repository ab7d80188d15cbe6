"""One race: writers in processes of their own, readers that begin anywhere, and the verdict."""

import asyncio
import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from sqlalchemy import select, text

from hub.db import Database, migrate
from hub.ledger.feed import feed_page
from hub.ledger.tables import Version
from tests.race.checker import Reading, Verdict, judge, positions
from tests.race.writer import SEQUENCE
from tests.support.postgres import Server
from tests.support.processes import Program

Way = Literal["ledger", "sequence"]
"""Who hands out positions: the ledger, or a sequence as one would do it without thinking."""

PAUSES = """
CREATE FUNCTION pause_before_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF random() < 0.1 THEN
        PERFORM pg_sleep(random() * 0.03);
    END IF;
    RETURN NULL;
END $$
"""
PAUSING = "CREATE TRIGGER pause AFTER INSERT ON version FOR EACH STATEMENT EXECUTE FUNCTION pause_before_commit()"
"""A tenth of the transactions waits up to 30 ms between its insert and its commit."""

STILL_FOR = 60.0
"""Seconds without a new row after which the race has failed."""


class Stuck(Exception):
    """The race itself cannot go on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rows, by how many writers in how many processes, seen by how many readers."""

    rows: int
    way: Way = "ledger"
    writers: int = 24
    processes: int = 4
    readers: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict, and how long the writers took."""

    plan: Plan
    verdict: Verdict
    seconds: float

    def __str__(self) -> str:
        plan = self.plan
        return (
            f"{plan.way}, seed {plan.seed}: {plan.writers} writers in {plan.processes} processes, {plan.readers} readers, "
            f"{self.seconds:.1f} s, {self.verdict.rows / self.seconds:.0f} rows a second; {self.verdict}"
        )


async def race(server: Server, plan: Plan, directory: Path, say: Callable[[str], None] | None = None) -> Report:
    """Run one race on a fresh database of the server; raises `Stuck` where a writer fails."""
    with server.database("hub_race") as name:
        url = server.url(name)
        await asyncio.to_thread(migrate, url)
        database = Database(url)
        try:
            async with database.transaction() as connection:
                for statement in (PAUSES, PAUSING, f"CREATE SEQUENCE {SEQUENCE}"):
                    await connection.execute(text(statement))
            return await _race(database, plan, directory, say or _print)
        finally:
            await database.close()


async def _race(database: Database, plan: Plan, directory: Path, say: Callable[[str], None]) -> Report:
    shares = [plan.rows // plan.processes + (n < plan.rows % plan.processes) for n in range(plan.processes)]
    each = -(-plan.writers // plan.processes)
    writers = [
        Program(
            f"{plan.way}-writer-{n}",
            (
                sys.executable,
                "-m",
                "tests.race.writer",
                database.url,
                plan.way,
                str(share),
                str(each),
                f"{plan.seed}{n}",
            ),
            {},
            directory,
        )
        for n, share in enumerate(shares)
    ]
    random = Random(plan.seed)
    readings: list[Reading] = []
    over = asyncio.Event()
    began = time.monotonic()
    try:
        for writer in writers:
            writer.start()
        async with asyncio.TaskGroup() as group:
            for _ in range(plan.readers):
                group.create_task(_read(database, readings, Random(random.random()), over))
            await _until_written(database, writers, plan, say)
            seconds = time.monotonic() - began
            over.set()
    finally:
        for writer in writers:
            writer.stop()
    return Report(plan, judge(await _stored(database), readings), seconds)


async def _until_written(database: Database, writers: list[Program], plan: Plan, say: Callable[[str], None]) -> None:
    head, since, said = -1, time.monotonic(), 0.0
    while any(writer.alive for writer in writers):
        await asyncio.sleep(0.1)
        async with database.reading() as connection:
            now = (await feed_page(connection, after=0, limit=1)).head
        if now != head:
            head, since = now, time.monotonic()
        if time.monotonic() - since > STILL_FOR:
            raise Stuck(f"no new row for {STILL_FOR:g} s: {writers[0].words()}")
        if time.monotonic() - said > 2:
            said = time.monotonic()
            say(f"{plan.way}: {max(head, 0)} of {plan.rows} rows")
    for writer in writers:
        if writer.code != 0:
            raise Stuck(f"{writer.name} ended with {writer.code}: {writer.words()}")


async def _read(database: Database, readings: list[Reading], random: Random, over: asyncio.Event) -> None:
    """Follow the feed from a random cursor, by the hub's own reading, until everything that was written is behind it."""
    await asyncio.sleep(random.uniform(0.5, 2))
    after = 0
    reading: Reading | None = None
    while True:
        last = over.is_set()
        async with database.reading() as connection:
            page = await feed_page(connection, after=after, limit=random.randint(1, 500))
        if reading is None:
            # Up to where the reader begins, it has nothing to miss.
            after = random.randint(0, page.head)
            reading = Reading(after)
            readings.append(reading)
            continue
        reading.shown.extend(map(position_of, page.entries))
        after = page.next
        if not page.entries:
            if last and after >= page.head:
                return
            await asyncio.sleep(random.uniform(0, 0.004))


def position_of(entry: bytes) -> int:
    """The position that an entry begins with."""
    return int(entry[len(b'{"position":') : entry.index(b",")])


async def _stored(database: Database) -> "array[int]":
    """All positions that are stored now, in rising order."""
    found = positions()
    after = 0
    async with database.reading() as connection:
        while True:
            page = select(Version.position).where(Version.position > after).order_by(Version.position).limit(100_000)
            rows = list((await connection.execute(page)).scalars())
            if not rows:
                return found
            found.extend(rows)
            after = rows[-1]


def _print(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
