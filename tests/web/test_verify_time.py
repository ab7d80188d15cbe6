"""The page that verifies evidence answers at once."""

from statistics import median

import pytest

from tests.support.verdicts import verdict_on
from tests.web.test_verify import a_desk, changed

pytestmark = pytest.mark.anyio

WITHIN = 100.0
"""Milliseconds."""


async def test_a_verdict_is_there_within_100_milliseconds(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        found = [await verdict_on(desk.page, raw, desk.keys) for raw in desk.files for _ in range(5)]
        forged = await verdict_on(desk.page, changed(desk.files[0], position=2), desk.keys)

    assert {verdict for verdict, _ in found} == {"good"}
    assert forged[0] == "bad"
    assert median(milliseconds for _, milliseconds in found) < WITHIN
