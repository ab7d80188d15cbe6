"""fsck: an index of parties that lacks something is found."""

import pytest
from sqlalchemy import text

from hub.db import Database
from hub.fsck import check
from tests.builders import a_tender_contract, a_uscc
from tests.hub import a_hub

pytestmark = pytest.mark.anyio


async def test_a_party_that_the_index_lacks_is_named_with_its_position(database_url: str) -> None:
    party = a_uscc(801)
    async with a_hub(database_url) as hub:
        await (await hub.platform()).push(*(a_tender_contract(body__bidder_code=[party]) for _ in range(3)))
    database = Database(database_url)
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM version_party WHERE position = 2 AND code = :code"), {"code": party})

    report = await check(database, lambda done, total: None)
    await database.close()

    assert [(finding.position, finding.what) for finding in report.findings] == [
        (2, f"the index of parties lacks {party}")
    ]
