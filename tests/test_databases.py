import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.db import MIGRATION_LOCK, Database, current_migration, migrate, newest_migration, open_database, patiently
from hub.problems import OutdatedDatabase, UnknownMigration, UnsuitableDatabase
from hub.transparency.guard import Guard
from tests.support.postgres import Postgres

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_every_test_has_a_migrated_database_of_its_own(database_url: str, turn: str) -> None:
    database = await open_database(database_url)
    try:
        assert await current_migration(database) == newest_migration()
        async with database.transaction() as connection:
            await connection.execute(text("CREATE TABLE mine (a int)"))
    finally:
        await database.close()


async def test_whoever_reads_everything_may_take_its_time(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        async with database.snapshot() as connection:
            # What a session that pauses, or a statement that reads for long, would be ended by.
            named = ("statement_timeout", "idle_in_transaction_session_timeout")
            set_to = [(await connection.execute(text(f"SHOW {name}"))).scalar_one() for name in named]
    finally:
        await database.close()

    assert set_to == ["0", "0"]


async def test_an_address_says_what_it_says_to_the_programs_of_postgresql(postgresql_url: str) -> None:
    await asyncio.to_thread(migrate, f"{postgresql_url}?sslmode=disable")
    database = await open_database(f"{postgresql_url}?sslmode=disable&options=-cwork_mem%3D9MB")
    try:
        async with database.reading() as connection:
            assert (await connection.execute(text("SHOW work_mem"))).scalar_one() == "9MB"
    finally:
        await database.close()

    with pytest.raises(DBAPIError, match="sslmode"):
        await open_database(f"{postgresql_url}?sslmode=perhaps")


async def test_a_server_with_other_defaults_is_used_as_any_other(stopping: Postgres) -> None:
    url = stopping.create_database("other")
    otherwise = Database(url)
    async with otherwise.transaction() as connection:
        await connection.execute(text("ALTER DATABASE other SET default_transaction_isolation = 'serializable'"))
        await connection.execute(text("ALTER DATABASE other SET idle_session_timeout = '10ms'"))
    await otherwise.close()
    database = Database(url)
    try:
        async with database.transaction() as connection:
            await connection.execute(text("CREATE TABLE a (n int)"))
        async with database.transaction() as one:
            # Who waits for a lock has begun before what was committed meanwhile.
            await one.execute(text("SELECT 1"))
            async with database.transaction() as another:
                await another.execute(text("INSERT INTO a VALUES (1)"))
            seen = (await one.execute(text("SELECT count(*) FROM a"))).scalar_one()
        await asyncio.sleep(0.1)
        async with database.reading() as connection:
            kept = (await connection.execute(text("SELECT count(*) FROM a"))).scalar_one()
    finally:
        await database.close()

    assert (seen, kept) == (1, 1)


async def test_a_database_of_a_newer_program_is_left_alone(database_url: str) -> None:
    database = Database(database_url)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))
    try:
        with pytest.raises(UnknownMigration, match="9001"):
            await open_database(database_url)
        with pytest.raises(UnknownMigration, match="9001"):
            await asyncio.to_thread(migrate, database_url)
        assert await current_migration(database) == "9001"
    finally:
        await database.close()


async def test_a_database_that_could_not_keep_every_name_is_refused_before_anything_is_in_it(
    stopping: Postgres,
) -> None:
    server = Database(stopping.url())
    async with server.at_once() as connection:
        await connection.execute(text("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'"))
    await server.close()

    with pytest.raises(UnsuitableDatabase, match="LATIN1"):
        await asyncio.to_thread(migrate, stopping.url("latin"))


async def test_a_migration_takes_its_time_whatever_the_servers_limits_are(stopping: Postgres) -> None:
    url = stopping.create_database("limited")
    database = Database(url)
    try:
        async with database.transaction() as connection:
            await connection.execute(text("ALTER DATABASE limited SET lock_timeout = '100ms'"))
            await connection.execute(text("ALTER DATABASE limited SET statement_timeout = '100ms'"))
        async with database.transaction() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            migrating = asyncio.create_task(asyncio.to_thread(migrate, url))
            await asyncio.sleep(0.5)
        await migrating
        assert await current_migration(database) == newest_migration()
    finally:
        await database.close()


@pytest.fixture(scope="module")
def stopping() -> Iterator[Postgres]:
    """A server that may be stopped and started."""
    with Postgres.start() as server:
        yield server


async def test_a_process_that_starts_waits_for_a_database_that_comes_up_later(stopping: Postgres) -> None:
    stopping.stop_immediately()
    opening = asyncio.create_task(open_database(stopping.url(), patience=60))
    await asyncio.sleep(0.5)
    assert not opening.done()

    stopping.restart()

    # It answers, and says that nothing was migrated here.
    with pytest.raises(OutdatedDatabase):
        await opening


async def test_a_database_that_breaks_in_the_middle_of_what_a_start_asks_is_asked_again(stopping: Postgres) -> None:
    database = Database(stopping.url())
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        async with database.reading() as connection:
            if asked == 1:
                stopping.stop_immediately()
                stopping.restart()
            return int((await connection.execute(text("SELECT 7"))).scalar_one())

    try:
        assert await patiently(database, 60, ask) == 7
        assert asked > 1
    finally:
        await database.close()


async def test_a_guard_waits_with_its_first_look_for_a_database_that_comes_up(
    stopping: Postgres, tmp_path: Path
) -> None:
    url = stopping.create_database("guarded")
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    stopping.stop_immediately()
    guard = Guard(database, tmp_path, "", patience=60)
    entering = asyncio.create_task(guard.__aenter__())
    try:
        await asyncio.sleep(0.5)
        assert not entering.done()
        stopping.restart()
        await entering
        guard.let_write()
    finally:
        await guard.__aexit__()
        await database.close()


async def test_waiting_for_a_database_ends(stopping: Postgres) -> None:
    stopping.stop_immediately()
    try:
        with pytest.raises(OSError):
            await open_database(stopping.url(), patience=0.3)
    finally:
        stopping.restart()


async def test_a_database_that_does_not_exist_is_not_waited_for(stopping: Postgres) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(DBAPIError, match="does not exist"):
            await open_database(stopping.url("nowhere"), patience=60)
