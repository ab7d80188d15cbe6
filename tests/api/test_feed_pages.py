"""Full pages of the feed: the same for ever, under names that another epoch does not reuse."""

from typing import Any

import feedparser
import httpx
import orjson
import pytest

from hub.ledger.buckets import bucket_digest
from hub.ledger.epochs import begin_epoch
from tests.builders import a_tender_notice
from tests.hub import Caller, Hub, positions

pytestmark = pytest.mark.anyio

SIZE = 3


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three positions."""
    for module in ("ledger.buckets", "ledger.pages", "api.feed_pages", "api.feed"):
        monkeypatch.setattr(f"hub.{module}.PAGE", SIZE)


async def the_page(reader: Caller, name: str, **headers: str) -> httpx.Response:
    return await reader.call("GET", f"/v1/feed/pages/{name}", headers=headers)


def entries_of(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [orjson.loads(line) for line in response.content.splitlines()]


async def test_a_page_is_there_as_soon_as_it_is_full(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(SIZE - 1)))
    early = await the_page(hub.public, "1")
    await platform.push(a_tender_notice())

    page = await the_page(hub.public, "1")

    assert (early.status_code, early.json()["type"]) == (404, "/problems/not-found")
    assert entries_of(page) == (await hub.public.read("/v1/feed", limit=SIZE))["entries"]
    assert page.headers["content-type"] == "application/x-ndjson"
    assert page.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await the_page(hub.public, "2")).status_code == 404


async def test_a_page_has_a_strong_tag(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))
    page = await the_page(hub.public, "1", accept="application/json")

    again = await the_page(hub.public, "1", **{"if-none-match": page.headers["etag"], "accept": "application/json"})

    assert page.headers["etag"].startswith('"')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == page.headers["cache-control"]


@pytest.mark.parametrize("dialect", ["json", "ndjson", "cloudevents", "atom", "ocds"])
async def test_a_page_never_changes_in_any_dialect(hub: Hub, platform: Caller, dialect: str) -> None:
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))
    before = await the_page(hub.public, f"1?format={dialect}")
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))

    after = await the_page(hub.public, f"1?format={dialect}")

    assert before.content == after.content
    assert before.headers["etag"] == after.headers["etag"]


async def test_a_page_tells_the_digest_of_its_versions(hub: Hub, platform: Caller) -> None:
    receipts = await platform.push(*(a_tender_notice() for _ in range(SIZE)))

    page = await the_page(hub.public, "1")

    expected = bucket_digest([(r["position"], bytes.fromhex(r["digest"])) for r in reversed(receipts)])
    assert page.headers["hub-page-digest"] == expected.hex()


async def test_the_governments_pages_are_not_for_shared_caches(hub: Hub, platform: Caller, consumer: Caller) -> None:
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice, *(a_tender_notice() for _ in range(SIZE - 1)))

    page = await the_page(consumer, "1")

    assert page.headers["cache-control"].startswith("private")
    assert entries_of(page)[0]["document"] == notice
    assert "document" not in entries_of(await the_page(hub.public, "1"))[0]
    assert page.headers["etag"] != (await the_page(hub.public, "1")).headers["etag"]


async def test_a_page_that_another_epoch_filled_has_another_name(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(SIZE + 1)))
    await begin_epoch(hub.runtime.database, "restored from a backup")
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))

    assert positions(entries_of(await the_page(hub.public, "1"))) == [1, 2, 3]
    moved = await the_page(hub.public, "2")
    assert (moved.status_code, moved.headers["location"]) == (307, "http://hub/v1/feed/pages/2.2")
    assert positions(entries_of(await the_page(hub.public, "2.2"))) == [4, 5, 6]
    assert (await the_page(hub.public, "2.1")).status_code == 404


@pytest.mark.parametrize("name", ["0", "01", "x", "1.0", "-1", "1" * 20])
async def test_what_is_no_name_of_a_page_is_refused(hub: Hub, name: str) -> None:
    assert (await the_page(hub.public, name)).status_code == 400


async def test_a_feed_reader_follows_the_archive_to_its_beginning(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3 * SIZE + 1)))
    address, seen = "/v1/feed?format=atom&limit=2", []

    while address:
        read = feedparser.parse((await hub.public.call("GET", address)).content)
        assert not read.bozo
        seen += [entry.id for entry in read.entries]
        links = {link.rel: link.href for link in read.feed.links}
        address = links.get("prev-archive", "")

    assert len(set(seen)) == 3 * SIZE + 1
    assert links["current"].endswith("/v1/feed?format=atom")
    assert links["next-archive"].endswith("/v1/feed/pages/2?format=atom")
