"""How PostgreSQL goes through the tables for couriers: by index, also where it knows nothing of the tables yet."""

from collections.abc import Awaitable
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database, driver_of, open_database
from hub.ledger.buckets import counts_by_kind, sum_up
from hub.oversight import target_states
from hub.sync.book import Book
from hub.sync.source import Versions, Wanted

pytestmark = pytest.mark.anyio

NEVER = ("Seq Scan", "Hash", "Merge", "Materialize")
"""Ways that go through a whole table, once or for each row of another."""

FILL = (
    """
    INSERT INTO version (position, record, number, platform, kind, data_timestamp, received_at, thread, lane, region,
                         state, digest, header, terms, document, public)
    SELECT n, n, 1, 'P', 'tender_notice', n, n, 'T' || n, n % 16, '350100', 'published', '', '', '',
           convert_to(repeat(md5(n::text), 60), 'UTF8'), '' FROM generate_series(1, 20000) AS n
    """,
    """
    INSERT INTO record (id, platform, kind, data_key, position, number, data_timestamp, thread, region, state, digest,
                        days_late, provisional)
    SELECT n, 'P', 'tender_notice', n, n, 1, n, 'T' || n, '350100', 'published', '', 0, false
    FROM generate_series(1, 20000) AS n
    """,
    """
    INSERT INTO delivery (target, position, thread, lane, state, holds, tries, updated_at)
    SELECT 'national', n, 'T' || n, n % 16, 'delivered', false, 1, 0 FROM generate_series(1, 12000) AS n
    """,
)


LANE_AT_ITS_END = "INSERT INTO lane_cursor (target, lane, position, token, until) VALUES ('national', 0, 11990, 0, 0)"


async def test_a_window_is_read_by_index_before_postgresql_has_any_statistics(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    window = Versions("national", Wanted())._window(some_lanes=False, check=True)
    try:
        async with database.reading() as connection:
            for statement in FILL:
                await connection.execute(text(statement))
            compiled = window.compile(dialect=connection.dialect)
            values = compiled.params | {"after": 100, "last": 20_000, "most": 2_000}
            arguments = [values[name] for name in compiled.positiontup or ()]
            driver = await driver_of(connection)
            await driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            lines = await driver.fetch(f"EXPLAIN {compiled}", *arguments)
    finally:
        await database.close()

    plan = "\n".join(line[0] for line in lines)
    assert not [way for way in NEVER if way in plan], plan


async def test_how_a_target_stands_is_told_without_looking_through_its_backlog(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        async with database.transaction() as connection:
            for statement in FILL:
                await connection.execute(text(statement))
            await connection.execute(text(LANE_AT_ITS_END))
            before = await _fetched(connection)
            (state,) = await target_states(connection, ("national",))
            read = await _fetched(connection) - before
    finally:
        await database.close()

    assert (state.state, state.cursor) == ("no worker", 11990)
    assert state.lag_seconds > 0
    assert read < 100, f"{read} rows were read, of a backlog of 8000"


async def test_versions_are_counted_by_their_days(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        async with database.transaction() as connection:
            for statement in FILL:
                await connection.execute(text(statement))
        async with database.reading() as connection:
            unsummed = await counts_by_kind(connection, ["tender_notice", "tender_contract"])
            others = await counts_by_kind(connection, ["tender_contract"])
        await sum_up(database, 7_000)
        async with database.transaction() as connection:
            before = await _fetched(connection)
            summed = await counts_by_kind(connection, ["tender_notice", "tender_contract"])
            read = await _fetched(connection) - before
    finally:
        await database.close()

    assert unsummed == summed == {"tender_notice": 20_000}
    assert others == {}
    assert read < 100, f"{read} rows were read of 20000"


async def _fetched(connection: AsyncConnection) -> int:
    """How many rows the transaction has read so far."""
    statement = "SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) FROM pg_stat_xact_user_tables"
    return int((await connection.execute(text(statement))).scalar_one())


async def test_what_couriers_ask_all_the_time_costs_the_same_however_much_was_delivered(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    book, versions = Book("national", "worker"), Versions("national", Wanted())
    read: dict[str, int] = {}
    try:
        async with database.transaction() as connection:

            async def count(name: str, asked: Awaitable[object]) -> None:
                before = await _fetched(connection)
                await asked
                read[name] = await _fetched(connection) - before

            for statement in FILL:
                await connection.execute(text(statement))
            await connection.execute(text(LANE_AT_ITS_END))
            # As after a few times of asking: a plan for any value, made without statistics.
            await connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
            await count("what is held in lanes", book.held(connection, lanes=[1, 2]))
            await count("what is held in threads", book.held(connection, threads=["T5", "T6"]))
            await count("what is released", book.release(connection, ["T5"], 5))
            await count("what is due", versions.due(connection, [1, 2], 10, 100, but=[]))
            await count("a window", versions.window(connection, [1, 2], 12_000, 12_100, 100, check=True))
            await count("how the targets stand", target_states(connection, ("national",)))
    finally:
        await database.close()

    assert max(read.values()) < 200, read


async def test_what_keeps_a_due_row_back_is_looked_up_among_what_is_open_on_sqlite(sqlite_database_url: str) -> None:
    database = await open_database(sqlite_database_url)
    try:
        async with database.reading() as connection:
            said: list[Any] = []
            event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2:4]))
            await Versions("national", Wanted()).due(connection, list(range(16)), 10, 100, but=[])
            statement, arguments = said[-1]
            lines = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", arguments)).all()
    finally:
        await database.close()

    plan = [line[-1] for line in lines]
    assert any("USING INDEX delivery_open (target=? AND thread=?)" in step for step in plan), plan
    assert not any("position<?" in step for step in plan), plan


async def test_due_rows_are_looked_for_however_many_are_in_memory(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        async with database.reading() as connection:
            assert await Versions("national", Wanted()).due(connection, [1], 10, 100, but=range(1, 40_000)) == []
    finally:
        await database.close()


async def test_each_due_row_is_looked_at_by_itself_however_many_wait_before_there_are_statistics(
    postgresql_url: str,
) -> None:
    database = Database(postgresql_url)
    versions = Versions("national", Wanted())
    try:
        async with database.transaction() as connection:
            for statement in FILL:
                await connection.execute(text(statement))
            await connection.execute(text("UPDATE delivery SET state = 'waiting', next_try = 0 WHERE position > 9000"))
            before = await _fetched(connection)
            due = await versions.due(connection, list(range(16)), 10, 1_000, but=[])
            read = await _fetched(connection) - before
    finally:
        await database.close()

    assert len(due) == 1_000
    assert read < 100_000, f"{read} rows were read of 3000 that wait"
