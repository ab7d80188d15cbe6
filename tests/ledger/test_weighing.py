"""Pages of heavy entries: shorter, so that a server can hold them, and nothing is left out."""

from collections.abc import AsyncIterator

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger import weighing
from hub.ledger.appender import Appender
from hub.ledger.feed import feed_page, page_before
from hub.ledger.pages import full_page
from hub.ledger.past import records_at
from hub.ledger.read import ALL, Filter, timeline
from tests.ledger.entries import an_entry

pytestmark = pytest.mark.anyio

HEAVY, COUNT = {3, 4, 5, 8}, 9
TWO_HEAVY = 3 * weighing.LIGHT


@pytest.fixture
async def connection(
    database: Database, appender: Appender, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncConnection]:
    """Of a ledger of nine versions of which four are heavy; a page holds light ones and two of these."""
    monkeypatch.setattr(weighing, "MOST", TWO_HEAVY)
    text = "x" * (weighing.LIGHT + 1)
    await appender.append_all([an_entry(str(n), content=text if n in HEAVY else "x") for n in range(1, COUNT + 1)])
    async with database.reading() as reading:
        yield reading


def _positions(entries: list[bytes]) -> list[int]:
    read = [orjson.loads(entry) for entry in entries]
    assert all((len(one["document"]["text"]) > weighing.LIGHT) == (one["position"] in HEAVY) for one in read)
    return [one["position"] for one in read]


@pytest.mark.parametrize("government", [False, True])
@pytest.mark.parametrize("wanted", [ALL, Filter(region="35")], ids=["all", "filtered"])
async def test_who_follows_the_cursor_has_everything_in_pages_that_are_not_too_heavy(
    connection: AsyncConnection, wanted: Filter, government: bool
) -> None:
    pages = [await feed_page(connection, after=0, limit=8, wanted=wanted, government=government)]
    while pages[-1].next < pages[-1].head:
        after = pages[-1].next
        pages.append(await feed_page(connection, after=after, limit=8, wanted=wanted, government=government))

    assert [_positions(page.entries) for page in pages] == [[1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert pages[0].whole, "no later reading finds more in it"


@pytest.mark.parametrize("wanted", [ALL, Filter(region="35")], ids=["all", "filtered"])
async def test_backwards_as_well(connection: AsyncConnection, wanted: Filter) -> None:
    before, read = COUNT + 1, []
    while before is not None:
        page = await page_before(connection, before=before, limit=8, wanted=wanted)
        read.append(_positions(page.entries))
        before = page.prev

    assert read == [[9, 8, 7, 6, 5], [4, 3, 2, 1]]


async def test_an_entry_that_is_too_heavy_by_itself_is_a_page(
    connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "MOST", 1)

    page = await feed_page(connection, after=3, limit=8)

    assert _positions(page.entries) == [4]


async def test_a_full_page_is_full_however_heavy(connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ledger.pages.PAGE", COUNT)

    page = await full_page(connection, 1)

    assert page is not None
    assert (_positions(page.entries), page.low, page.next) == ([*range(1, COUNT + 1)], 0, COUNT)


async def test_a_thread_and_a_list_of_records_go_on_behind_heavy_ones(
    connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "MOST", 2 * TWO_HEAVY)  # These are read with document and public member.
    threads = [await timeline(connection, "tender:P", after=0, limit=8)]
    while found := await timeline(connection, "tender:P", after=threads[-1][-1].position, limit=8):
        threads.append(found)
    listed: list[list[int]] = []
    before: int | None = COUNT + 1
    while before is not None:
        records, before = await records_at(connection, COUNT, before=before, limit=8, wanted=ALL, state=None)
        listed.append([one.position for one in records])

    assert [[one.position for one in found] for found in threads] == [[1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert listed == [[9, 8, 7, 6, 5], [4, 3, 2, 1]]
