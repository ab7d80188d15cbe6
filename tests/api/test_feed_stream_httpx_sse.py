"""The feed as server-sent events, read by a library that knows nothing of the hub: `httpx-sse`."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx_sse import ServerSentEvent, aconnect_sse

from tests.builders import a_tender_contract, a_tender_notice
from tests.hub import Caller, Hub
from tests.served import a_served_hub

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_served_hub(sqlite_database_url) as running:
        yield running


async def events(
    reader: Caller, count: int, *, last_id: str = "", path: str = "/v1/feed"
) -> tuple[list[ServerSentEvent], str]:
    """The next events of a stream behind the one with the id `last_id`, and the last id; then the connection is given up.

    The library also tells events without data, which a browser takes the id and the reconnection time of and nothing
    else.
    """
    headers = {"Last-Event-ID": last_id} if last_id else {}
    found: list[ServerSentEvent] = []
    async with asyncio.timeout(20), aconnect_sse(reader.http, "GET", path, headers=headers) as source:
        stream = source.aiter_sse()
        async for event in stream:
            last_id = event.id or last_id
            assert event.event == "message"
            if event.data:
                found.append(event)
            if len(found) >= count:
                await stream.aclose()
                break
    return found, last_id


async def test_another_s_reader_has_the_entries_of_the_feed_with_their_cursors(hub: Hub) -> None:
    platform = await hub.platform()
    notice = a_tender_notice(body__notice_content="第一行\n第二行\r\n第三行  \u2028 第四行")
    await platform.push(notice, a_tender_notice(disclosure="on_request"))
    await platform.withdraw(notice)

    found, last_id = await events(hub.public, 3)

    assert [event.json() for event in found] == (await hub.public.read("/v1/feed"))["entries"]
    assert [event.id for event in found] == ["1.1", "1.2", "1.3"]
    assert last_id == "1.3"


async def test_another_s_reader_that_loses_its_connection_again_and_again_misses_nothing(hub: Hub) -> None:
    platform = await hub.platform()

    async def push() -> None:
        for n in range(10):
            await platform.batch(*(a_tender_notice(project=n) for _ in range(4)))

    pushing = asyncio.create_task(push())
    seen: list[int] = []
    last_id = ""
    while len(seen) < 40:
        found, last_id = await events(hub.public, 3 if len(seen) < 38 else 1, last_id=last_id)
        seen += [event.json()["position"] for event in found]
    await pushing

    assert seen == list(range(1, 41))


async def test_another_s_reader_is_moved_past_what_a_filter_leaves_out(hub: Hub) -> None:
    platform = await hub.platform()
    await platform.push(a_tender_contract(), *(a_tender_notice() for _ in range(4)), a_tender_contract())
    path = "/v1/feed?kind=tender_contract"

    (first,), last_id = await events(hub.public, 1, path=path)
    (second,), _ = await events(hub.public, 1, path=path, last_id=last_id)

    assert (first.json()["position"], second.json()["position"]) == (1, 6)
