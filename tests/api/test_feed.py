"""The feed: everything in the order of the ledger, from any cursor."""

import asyncio
from time import monotonic
from typing import Any

import orjson
import pytest

from tests.builders import (
    a_blacklist_entry,
    a_later_version,
    a_procurement_notice,
    a_tender_contract,
    a_tender_notice,
)
from tests.hub import A, Caller, Hub, a_hub, positions
from tests.transparency.tampering import lose_the_tail

pytestmark = pytest.mark.anyio


async def _all(reader: Caller, **query: Any) -> list[dict[str, Any]]:
    """Everything behind cursor 0, by following `next` until it stands still."""
    entries, after = [], 0
    while True:
        page = await reader.read("/v1/feed", after=after, **query)
        entries += page["entries"]
        if page["next"] == after:
            return entries
        after = page["next"]


def an_empty_page(next: int, head: int, prev: int | None = None) -> dict[str, Any]:
    return {"entries": [], "next": next, "prev": prev, "cursor": f"1.{next}", "head": head}


async def test_following_next_from_0_gives_everything_once(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.batch(*(a_tender_notice(project=n) for n in range(23)))

        assert positions(await _all(hub.public, limit=5)) == list(range(1, 24))


async def test_an_empty_ledger_has_a_page_with_a_next(hub: Hub) -> None:
    assert await hub.public.read("/v1/feed") == an_empty_page(next=0, head=0)


async def test_a_page_tells_next_and_head_in_its_headers_too(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))

    response = await hub.public.get("/v1/feed", limit=2, region="35")

    assert (response.headers["hub-next"], response.headers["hub-head"]) == ("2", "3")
    link = response.headers["link"]
    assert link.split("; ")[1] == 'rel="next"'
    following = await hub.public.read(link[1 : link.index(">")])
    assert positions(following["entries"]) == [3]


async def test_ndjson_has_the_same_entries_one_per_line(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())

    page = await hub.public.read("/v1/feed")
    lines = await hub.public.call("GET", "/v1/feed", headers={"accept": "application/x-ndjson"})

    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [orjson.loads(line) for line in lines.content.splitlines()] == page["entries"]
    assert (lines.headers["hub-next"], lines.headers["hub-head"]) == ("2", "2")


async def test_an_empty_page_of_ndjson_is_empty(hub: Hub) -> None:
    response = await hub.public.call("GET", "/v1/feed", headers={"accept": "application/x-ndjson"})

    assert (response.content, response.headers["hub-next"]) == (b"", "0")


async def test_a_cursor_beyond_the_head_is_told_where_the_head_is(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())

    for query in ({"after": 2}, {"after": "1.99"}, {"after": 2, "wait": 5}, {"after": 2, "domain": "tender"}):
        refused = await hub.public.get("/v1/feed", **query)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/cursor-beyond-head")
        assert refused.json()["head"] == 1
    assert (await hub.public.get("/v1/feed", before=3)).json()["type"] == "/problems/cursor-beyond-head"
    stream = await hub.public.call("GET", "/v1/feed", headers={"accept": "text/event-stream", "last-event-id": "1.2"})
    assert (stream.status_code, stream.json()["type"]) == (409, "/problems/cursor-beyond-head")


async def test_a_cursor_of_the_very_head_is_at_the_end(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())

    assert await hub.public.read("/v1/feed", after=1) == an_empty_page(next=1, head=1, prev=2)
    assert positions((await hub.public.read("/v1/feed", before=2))["entries"]) == [1]


async def test_a_cursor_that_one_process_handed_out_is_good_at_another(database_url: str) -> None:
    async with a_hub(database_url) as one, a_hub(database_url) as another:
        platform = await one.platform()
        for number in range(1, 21):
            await platform.push(a_tender_notice())
            cursor = (await one.public.read("/v1/feed", after=number - 1))["cursor"]
            assert (await another.public.read("/v1/feed", after=cursor))["head"] == number


async def test_a_stream_that_is_beyond_the_head_of_a_ledger_that_lost_its_tail_ends(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_hub(sqlite_database_url) as hub:
        await (await hub.platform()).push(a_tender_notice(), a_tender_notice())
        wait, waits = hub.runtime.bell.wait, asyncio.Event()

        async def waited(after: int, seconds: float) -> bool:
            waits.set()
            return await wait(after, seconds)

        monkeypatch.setattr(hub.runtime.bell, "wait", waited)
        reading = asyncio.create_task(hub.public.get("/v1/feed", format="sse", after=1))
        await asyncio.wait_for(waits.wait(), 10)
        await lose_the_tail(hub.runtime.database, 1)
        hub.runtime.bell.ring(3)

        assert b"id: 1.2" in (await asyncio.wait_for(reading, 10)).content


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "tender_contract"}, [2]),
        ({"kind": ["tender_contract", "blacklist_entry"]}, [2, 4]),
        ({"domain": "tender"}, [1, 2, 5]),
        ({"domain": "tender", "stage": "announcement"}, [1, 5]),
        ({"stage": "credit"}, [4]),
        ({"domain": "credit", "kind": "tender_notice"}, []),
        ({"region": "3501"}, [1, 2, 3, 4]),
        ({"region": "350200"}, [5]),
        ({"region": "11"}, []),
        ({"platform": A}, [1, 2, 3, 4, 5]),
        ({"platform": "0" * 18}, []),
    ],
)
async def test_a_filter_leaves_the_others_out_and_the_cursor_goes_on(
    hub: Hub, platform: Caller, query: dict[str, Any], expected: list[int]
) -> None:
    await platform.push(
        a_tender_notice(),
        a_tender_contract(),
        a_procurement_notice(region_code="350100"),
        a_blacklist_entry(region_code="350100"),
        a_tender_notice(region_code="350200"),
    )

    page = await hub.public.read("/v1/feed", **query)

    assert positions(page["entries"]) == expected
    assert (page["next"], page["head"]) == (5, 5)


async def test_a_filtered_read_looks_at_a_bounded_window_and_says_how_far(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.feed.WINDOW", 2)
    await platform.push(*(a_tender_notice() for _ in range(5)), a_tender_contract())

    page = await hub.public.read("/v1/feed", kind="tender_contract")

    assert page == an_empty_page(next=2, head=6)
    assert positions(await _all(hub.public, kind="tender_contract")) == [6]


@pytest.mark.parametrize(
    "query",
    [
        {"after": -1},
        {"after": 2**63},
        {"after": "x"},
        {"limit": 0},
        {"limit": 1001},
        {"wait": 61},
        {"kind": "unknown"},
        {"domain": "x"},
        {"region": "35010012"},
        {"region": "x5"},
        {"platform": "x"},
    ],
)
async def test_a_parameter_that_is_not_what_it_should_be_is_refused(hub: Hub, query: dict[str, Any]) -> None:
    response = await hub.public.get("/v1/feed", **query)

    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-parameter")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("way", "ground"),
    [
        ({"disclosure": "on_request"}, "on_request"),
        ({"disclosure": "not_disclosed", "withhold_ground": "process"}, "process"),
    ],
)
async def test_what_is_not_public_appears_as_withheld_with_its_ground(
    hub: Hub, platform: Caller, way: dict[str, str], ground: str
) -> None:
    notice = a_tender_notice(**way)
    (receipt,) = await platform.push(notice)

    (entry,) = (await hub.public.read("/v1/feed"))["entries"]

    assert entry["withheld"] == {"ground": ground, "basis": notice["legal_basis"]}
    assert "document" not in entry
    assert (entry["state"], entry["position"], entry["digest"]) == ("withheld", 1, receipt["digest"])


async def test_both_feeds_have_the_same_positions_and_headers(hub: Hub, platform: Caller, consumer: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_tender_notice(disclosure="on_request"), a_later_version(notice))
    await platform.withdraw(notice)

    public = (await hub.public.read("/v1/feed"))["entries"]
    government = (await consumer.read("/v1/feed"))["entries"]

    for left, right in zip(public, government, strict=True):
        shared = left.keys() & right.keys() - {"document"}
        assert {name: left[name] for name in shared} == {name: right[name] for name in shared}
    assert government[0]["document"] == notice
    assert [entry["state"] for entry in public] == ["published", "withheld", "published", "withdrawn"]


async def test_a_platform_reads_the_public_feed(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(disclosure="on_request"))

    assert await platform.read("/v1/feed") == await hub.public.read("/v1/feed")


async def test_a_reader_that_waits_is_woken_by_a_push(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        reading = asyncio.create_task(hub.public.read("/v1/feed", wait=30))
        await asyncio.sleep(0.3)
        assert not reading.done()

        await platform.push(a_tender_notice())
        pushed_at = monotonic()
        page = await reading

        assert monotonic() - pushed_at < 0.3
        assert positions(page["entries"]) == [1]


async def test_a_reader_that_waits_is_woken_by_a_push_in_another_process(database_url: str) -> None:
    async with a_hub(database_url) as here, a_hub(database_url) as there:
        platform = await there.platform()
        reading = asyncio.create_task(here.public.read("/v1/feed", wait=30))
        await asyncio.sleep(1.2)

        await platform.push(a_tender_notice())
        pushed_at = monotonic()
        page = await reading

        assert monotonic() - pushed_at < 0.8
        assert positions(page["entries"]) == [1]


async def test_a_reader_that_waits_for_what_does_not_come_gets_an_empty_page_in_time(
    hub: Hub, platform: Caller
) -> None:
    started = monotonic()
    reading = asyncio.create_task(hub.public.read("/v1/feed", wait=1, kind="tender_contract"))
    await asyncio.sleep(0.2)
    await platform.push(a_tender_notice())

    page = await reading

    assert page == an_empty_page(next=1, head=1, prev=2)
    assert 0.9 < monotonic() - started < 3


async def test_a_reader_does_not_wait_where_there_is_something(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())
    started = monotonic()

    assert positions((await hub.public.read("/v1/feed", wait=30))["entries"]) == [1]
    assert monotonic() - started < 5


async def test_the_withdrawal_of_what_was_never_public_tells_the_public_nothing(
    hub: Hub, platform: Caller, consumer: Caller
) -> None:
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice)
    await platform.withdraw(notice)

    public = (await hub.public.read("/v1/feed"))["entries"][1]
    government = (await consumer.read("/v1/feed"))["entries"][1]

    assert (public["state"], public["withheld"]["ground"]) == ("withdrawn", "record_withheld")
    assert "重复发布" not in str(public)
    assert government["document"]["withdrawal"]["reason"] == "重复发布"
