import pytest
from sqlalchemy import text

from hub.db import current_migration, newest_migration, open_database

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
