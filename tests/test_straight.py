"""What is read again and again: connections at hand, and statements that go to the driver as they are."""

from contextlib import AsyncExitStack

import pytest
from sqlalchemy import bindparam, select, text

from hub.db import AT_HAND, Database, driver_of
from hub.ledger.tables import Version
from hub.straight import Straight
from tests.ledger.entries import an_appender, an_entry

pytestmark = pytest.mark.anyio


async def test_a_few_connections_are_kept_at_hand_and_nothing_is_left_open_on_them(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        seen = []
        for _ in range(2):
            async with AsyncExitStack() as together:
                used = [await together.enter_async_context(database.at_once()) for _ in range(AT_HAND + 2)]
                seen.append({(await it.execute(text("SELECT pg_backend_pid()"))).scalar_one() for it in used})
            assert not any(it.in_transaction() for it in used)
        assert len(seen[0]) == len(seen[1]) == AT_HAND + 2
        assert database.engine.pool.checkedout() == AT_HAND  # type: ignore[attr-defined]
    finally:
        await database.close()
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_what_is_read_straight_is_what_sqlalchemy_reads(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    try:
        async with an_appender(database) as appender:
            await appender.append_all([an_entry(f"k{number}") for number in range(9)])
        some = select(Version.position, Version.kind, Version.digest, Version.previous.is_(None).label("first"))
        statement = (
            some.where(Version.position > bindparam("after"), Version.kind.in_(["tender_notice", "bid_result"]))
            .order_by(Version.position)
            .limit(bindparam("most"))
        )
        straight = Straight(statement, "after", "most")
        for after, most in ((0, 3), (2, 100), (9, 5)):
            async with database.looking() as connection:
                found = await straight.rows(connection, {"after": after, "most": most})
                expected = (await connection.execute(statement, {"after": after, "most": most})).all()
            assert [row._asdict() for row in found] == [row._asdict() for row in expected]
            assert len(found) == min(most, 9 - after)
    finally:
        await database.close()


async def test_where_one_connection_broke_none_of_those_at_hand_is_used_again(postgresql_url: str) -> None:
    database, other = Database(postgresql_url), Database(postgresql_url)
    try:
        async with database.at_once() as first, database.at_once() as second:
            backends = [(await it.execute(text("SELECT pg_backend_pid()"))).scalar_one() for it in (first, second)]
        async with other.reading() as connection:
            for backend in backends:
                await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})

        with pytest.raises(Exception, match=r"connection|terminating"):
            async with database.at_once() as connection:
                await (await driver_of(connection)).fetchval("SELECT 1")
        async with database.at_once() as connection:
            assert await (await driver_of(connection)).fetchval("SELECT pg_backend_pid()") not in backends
    finally:
        await database.close()
        await other.close()
