"""What a courier stores with one function on PostgreSQL is what it would store statement by statement."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text, update

from hub.db import Database
from hub.ledger.tables import LANES, Attempt, AttemptItem, Delivery, LaneCursor
from hub.sync import lanes
from hub.sync.atonce import store_flights
from hub.sync.book import ANSWER_KEPT, Book, Call, Row
from tests.sync.items import an_item

pytestmark = pytest.mark.anyio

STATES = ("delivered", "delivered", "rejected", "waiting", "parked", "pending_receipt")
LOST = 5
"""A lane that is another worker's by now."""

NAMES = ("national", "credit")
"""Stored statement by statement, and stored at once."""


def _flights(random: Random, first_id: int) -> tuple[list[Call], list[Row]]:
    """Two calls; most of their versions come to something, and some travel again."""
    calls, rows = [], []
    for n in range(2):
        items = [an_item(position, thread=f"T{position % 4}", lane=position % 8) for position in range(1 + n, 25, 2)]
        answer = b"x" * random.choice([0, 10, ANSWER_KEPT + 7])
        failed = random.random() < 0.3
        call = Call(first_id + n, 1, 2, items, 503 if failed else 200, "HTTP 503" if failed else None, answer)
        call.next_try = 99 if failed else None
        calls.append(call)
        for item in items:
            item.tries = random.randrange(5)
            if failed or random.random() < 0.2:
                continue
            state = random.choice(STATES)
            row = Row(item, state, call.id, holds=state == "parked", next_try=random.choice([None, 7]))
            row.receipt = random.choice([None, "R1", "R2"])
            row.reason, row.quality = random.choice([None, "it says so"]), random.choice([None, "good"])
            rows.append(row)
    return calls, rows


async def _stored(database: Database, name: str) -> list[Any]:
    """All that is stored under a name, without the moments and with each number's place among its own."""
    async with database.reading() as connection:
        found = []
        for statement in (
            select(Delivery.__table__).where(Delivery.target == name).order_by(Delivery.position),
            select(Attempt.__table__).where(Attempt.target == name).order_by(Attempt.id),
            select(LaneCursor.__table__).where(LaneCursor.target == name).order_by(LaneCursor.lane),
            select(AttemptItem.position, AttemptItem.attempt)
            .join(Attempt, Attempt.id == AttemptItem.attempt)
            .where(Attempt.target == name)
            .order_by(AttemptItem.attempt, AttemptItem.position),
        ):
            rows = [dict(row._mapping) for row in await connection.execute(statement)]
            numbers = sorted(row["sequence"] for row in rows if row.get("sequence") is not None)
            for row in rows:
                if row.get("next_try") is not None and row["next_try"] == row.get("updated_at"):
                    row["next_try"] = "now"
                for key in row.keys() & {"target", "updated_at"}:
                    del row[key]
                for key in row.keys() & {"id", "attempt"}:
                    row[key] = row[key] % 1_000 if row[key] else None
                if row.get("sequence") is not None:
                    row["sequence"] = numbers.index(row["sequence"])
            found.append(rows)
        return found


@pytest.mark.parametrize("seed", range(8))
async def test_one_function_stores_what_the_statements_store(postgresql_url: str, seed: int) -> None:
    database = Database(postgresql_url)
    random, again = Random(seed), Random(seed)
    tokens = dict.fromkeys(range(LANES), 3)
    try:
        async with database.transaction() as connection:
            for name in NAMES:
                await lanes.prepare(connection, name, 0)
            await connection.execute(update(LaneCursor).values(token=3, owner="w"))
            await connection.execute(update(LaneCursor).where(LaneCursor.lane == LOST).values(token=4))
        for turn in range(6):
            reached = [(lane, 3, random.randrange(30)) for lane in range(LANES)]
            _ = [again.randrange(30) for _ in range(LANES)]
            calls, rows = _flights(random, 1_000 + turn * 2)
            async with database.transaction() as connection:
                mine = await lanes.still_mine(connection, "national", tokens)
                await Book("national", "w").write(connection, calls, [row for row in rows if row.item.lane in mine])
                await lanes.advance(connection, "national", reached)

            calls, rows = _flights(again, 2_000 + turn * 2)
            async with database.at_once() as connection:
                book = Book("credit", "w")
                assert await store_flights(connection, book, tokens, calls, rows, reached) == mine
            assert mine == set(range(LANES)) - {LOST}
            if turn == 2:
                async with database.transaction() as connection:
                    skipped = Delivery.position.in_([3, 4, 6])
                    await connection.execute(update(Delivery).where(skipped).values(skip="its sender wants it so"))

        stored = [await _stored(database, name) for name in NAMES]
        assert stored[0] == stored[1]
        assert len(stored[0][0]) > 10
    finally:
        await database.close()


async def test_a_connection_that_broke_is_not_used_again(postgresql_url: str) -> None:
    database = Database(postgresql_url, pool=1)
    book = Book("national", "w")
    try:
        async with database.at_once() as connection:
            await store_flights(connection, book, {1: 1}, [], [], [])
            backend = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        other = Database(postgresql_url)
        async with other.reading() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
        await other.close()

        with pytest.raises(Exception, match=r"connection|terminating"):
            async with database.at_once() as connection:
                await store_flights(connection, book, {1: 1}, [], [], [])
        async with database.at_once() as connection:
            assert await store_flights(connection, book, {1: 1}, [], [], []) == set()
    finally:
        await database.close()
