"""Kept pages of the feed: the same answer as from the database, byte for byte, and never for the wrong reader."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from hub.ledger.epochs import begin_epoch
from tests.builders import a_tender_notice
from tests.hub import Caller, Hub

pytestmark = pytest.mark.anyio

SIZE = 3
LINES = {"accept": "application/x-ndjson", "accept-encoding": "identity"}


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three positions."""
    for module in ("ledger.buckets", "ledger.pages", "ledger.kept_pages", "api.feed_pages", "api.feed"):
        monkeypatch.setattr(f"hub.{module}.PAGE", SIZE)


class Reads:
    """Counts the readings of whole pages, and says where an answer came from."""

    def __init__(self, hub: Hub) -> None:
        self.kept = hub.runtime.kept_pages
        self.answered: list[bool] = []
        self._lines = self.kept.lines
        self.kept.lines = self._counted  # type: ignore[method-assign]

    async def _counted(self, *place: Any) -> Any:
        found = await self._lines(*place)
        self.answered.append(found is not None)
        return found


async def _lines(reader: Caller, query: str, **headers: str) -> httpx.Response:
    return await reader.call("GET", f"/v1/feed?{query}", headers=LINES | headers)


@pytest.mark.parametrize(
    "query",
    [
        "after=0&limit=3",
        "after=0&limit=2",
        "after=1&limit=3",
        "after=1.2&limit=7",
        "limit=4&after=5",
        "limit=5&after=1.0",
    ],
)
async def test_an_answer_that_is_kept_is_the_one_of_the_database(hub: Hub, platform: Caller, query: str) -> None:
    await platform.push(*(a_tender_notice() for _ in range(10)))
    reads = Reads(hub)
    from_database = await _lines(hub.public, query)
    for _ in range(2):
        kept = await _lines(hub.public, query)

    assert reads.answered[0] is False
    assert reads.answered[-1] is True
    assert kept.status_code == from_database.status_code == 200
    assert kept.content == from_database.content
    assert dict(kept.headers) == dict(from_database.headers)


async def test_a_page_that_is_asked_for_once_is_not_kept(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(9)))
    reads = Reads(hub)

    for after in (0, 3, 6):
        await _lines(hub.public, f"after={after}&limit=3")

    assert reads.answered == [False] * 3
    assert not reads.kept._kept


async def test_what_is_beyond_the_head_is_not_answered_from_what_is_kept(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(4)))
    for _ in range(3):
        assert len((await _lines(hub.public, "after=3&limit=3")).content.splitlines()) == 1
    await platform.push(*(a_tender_notice() for _ in range(2)))

    for _ in range(3):
        assert len((await _lines(hub.public, "after=3&limit=3")).content.splitlines()) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "application/json"},
        {"accept": "application/atom+xml"},
        {"accept-encoding": "gzip"},
        {"if-none-match": "*"},
        {"authorization": "Bearer nonsense"},
    ],
)
async def test_who_asks_for_something_else_gets_that(hub: Hub, platform: Caller, headers: dict[str, str]) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    for _ in range(3):
        await _lines(hub.public, "after=0&limit=3")
    reads = Reads(hub)

    other = await _lines(hub.public, "after=0&limit=3", **headers)

    assert reads.answered == []
    assert other.status_code in (200, 304, 401)
    assert other.headers.get("content-type") != "application/x-ndjson" or "content-encoding" in other.headers


async def test_a_consumer_sees_what_the_public_does_not(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice(disclosure="on_request") for _ in range(3)))
    for _ in range(3):
        shown = await _lines(hub.public, "after=0&limit=3")
    consumer = await hub.consumer()

    seen = await _lines(consumer, "after=0&limit=3")

    assert b"withheld" in shown.content
    assert b"notice_name" not in shown.content
    assert b"notice_name" in seen.content


async def test_in_a_new_epoch_nothing_is_answered_from_the_one_before(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    for _ in range(3):
        await _lines(hub.public, "after=0&limit=3")
    await begin_epoch(hub.runtime.database, "restored from a backup")
    hub.runtime.epochs._until = 0.0
    reads = Reads(hub)

    again = await _lines(hub.public, "after=2.0&limit=3")
    old = await _lines(hub.public, "after=1.0&limit=3")

    assert reads.answered == [False]
    assert again.headers["hub-cursor"] == "2.3"
    assert old.status_code == 409


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/json"])
async def test_where_the_database_is_away_the_answer_says_so_in_whatever_form_was_asked_for(
    hub: Hub, platform: Caller, accept: str
) -> None:
    await platform.push(a_tender_notice())
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE epoch RENAME TO elsewhere"))

    answer = await _lines(hub.public, "after=0&limit=1", accept=accept)

    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert (answer.json()["type"], answer.headers["retry-after"]) == ("/problems/overloaded", "1")
    assert "store" not in answer.json()["title"]
    assert "The database" in answer.json()["detail"]


async def test_no_more_bytes_are_kept_than_is_said(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(9)))
    kept = hub.runtime.kept_pages
    for after in (0, 0, 3, 3):
        await kept.lines(1, after, after + 3)
    size = sum(len(page.text) for page in kept._kept.values())
    kept._left = 0

    for _ in range(2):
        assert await kept.lines(1, 0, 3) is not None
        await kept.lines(1, 6, 9)

    assert [number for _, number in kept._kept] == [1, 3]
    assert sum(len(page.text) for page in kept._kept.values()) <= size + 100
