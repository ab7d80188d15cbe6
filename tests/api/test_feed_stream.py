"""The feed as server-sent events, read by a client that is written from the WHATWG's words on event streams."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from hub.keys import revoke_key
from hub.ledger import feed as ledger_feed
from hub.ledger.epochs import begin_epoch
from tests.builders import a_tender_contract, a_tender_notice
from tests.hub import Caller, Hub, positions
from tests.served import a_served_hub

pytestmark = pytest.mark.anyio

STREAM = {"accept": "text/event-stream"}


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_served_hub(sqlite_database_url) as running:
        yield running


@pytest.fixture
async def platform(hub: Hub) -> Caller:
    return await hub.platform()


@dataclass
class EventSource:
    """What a browser makes of a stream: events in order, the last event id, the reconnection time, comments."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    last_event_id: str = ""
    retry: int | None = None
    comments: int = 0
    _id_buffer: str = ""
    _data: list[str] = field(default_factory=list)

    @property
    def positions(self) -> list[int]:
        return positions(data for _, data in self.events)

    def line(self, line: str) -> None:
        if line == "":
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "":
            self.comments += 1
        elif name == "id" and "\0" not in value:
            self._id_buffer = value
        elif name == "data":
            self._data.append(value)
        elif name == "retry" and value.isdigit():
            self.retry = int(value)
        return None

    def _dispatch(self) -> None:
        self.last_event_id = self._id_buffer
        if self._data:
            self.events.append((self.last_event_id, orjson.loads("\n".join(self._data))))
            self._data = []


async def read_until(
    reader: Caller, enough: Callable[[EventSource], bool], path: str = "/v1/feed", **headers: str
) -> EventSource:
    """Read a stream until there is enough of it, then hang up."""
    source = EventSource()
    shown = {"authorization": f"Bearer {reader.key}"} if reader.key else {}
    async with asyncio.timeout(20), reader.http.stream("GET", path, headers=STREAM | shown | headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            source.line(line)
            if enough(source):
                return source
    return source


def after_events(count: int) -> Callable[[EventSource], bool]:
    return lambda source: len(source.events) >= count


async def test_a_stream_has_the_entries_of_the_feed_with_their_cursors(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice(body__notice_content="第一行\n第二行\r\n第三行")
    await platform.push(notice, a_tender_notice(disclosure="on_request"))
    await platform.withdraw(notice)

    source = await read_until(hub.public, after_events(3))

    assert [data for _, data in source.events] == (await hub.public.read("/v1/feed"))["entries"]
    assert [event_id for event_id, _ in source.events] == ["1.1", "1.2", "1.3"]
    assert source.retry is not None


async def test_what_is_pushed_arrives_while_the_stream_is_open(database_url: str) -> None:
    async with a_served_hub(database_url) as hub:
        platform = await hub.platform()
        reading = asyncio.create_task(read_until(hub.public, after_events(3)))
        for _ in range(3):
            await asyncio.sleep(0.05)
            await platform.push(a_tender_notice())

        assert (await reading).positions == [1, 2, 3]


async def test_a_reader_that_comes_back_goes_on_behind_its_last_event(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(5)))
    first = await read_until(hub.public, after_events(2))

    second = await read_until(hub.public, after_events(3), "/v1/feed?after=0", **{"last-event-id": first.events[1][0]})

    assert second.positions == [3, 4, 5]


async def test_reconnecting_again_and_again_loses_nothing(hub: Hub, platform: Caller) -> None:
    async def push() -> None:
        for n in range(15):
            await platform.batch(*(a_tender_notice(project=n) for _ in range(4)))

    pushing = asyncio.create_task(push())
    seen: list[int] = []
    last = "1.0"
    while len(seen) < 60:
        source = await read_until(hub.public, after_events(1), **{"last-event-id": last})
        seen += source.positions
        last = source.last_event_id
    await pushing

    assert seen == list(range(1, 61))


async def test_a_stream_of_another_epoch_is_refused_and_one_that_is_open_ends(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())
    reading = asyncio.create_task(read_until(hub.public, after_events(3)))
    await asyncio.sleep(0.2)
    await begin_epoch(hub.runtime.database, "restored from a backup")
    await platform.push(a_tender_notice())

    response = await hub.public.call("GET", "/v1/feed", headers=STREAM | {"last-event-id": "1.1"})

    assert (response.status_code, response.json()["type"]) == (409, "/problems/epoch-changed")
    assert {event_id.split(".")[0] for event_id, _ in (await reading).events} == {"1"}


async def test_a_stream_that_begins_at_the_head_has_only_what_comes(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    reading = asyncio.create_task(read_until(hub.public, after_events(1), "/v1/feed?before=head"))
    await asyncio.sleep(0.2)
    await platform.push(a_tender_notice())

    assert (await reading).positions == [3]


async def test_a_silent_stream_says_that_it_is_alive(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.streaming.HEARTBEAT", 0.05)

    source = await read_until(hub.public, lambda source: source.comments >= 3)

    assert source.events == []


async def test_a_filtered_stream_moves_the_last_event_id_past_what_it_leaves_out(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_contract(), *(a_tender_notice() for _ in range(4)))

    source = await read_until(hub.public, lambda source: source.last_event_id == "1.5", "/v1/feed?kind=tender_contract")

    assert source.positions == [1]


async def test_readers_at_the_same_place_share_one_reading(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []

    async def counted(*args: Any, **options: Any) -> Any:
        reads.append(options["after"])
        return await ledger_feed.feed_page(*args, **options)

    monkeypatch.setattr("hub.api.waves.feed_page", counted)
    readers = [asyncio.create_task(read_until(hub.public, after_events(5))) for _ in range(30)]
    await asyncio.sleep(0.5)
    for _ in range(5):
        await platform.push(a_tender_notice())
        await asyncio.sleep(0.05)

    for source in await asyncio.gather(*readers):
        assert source.positions == [1, 2, 3, 4, 5]
    # Five pages of news, and a few looks that found nothing; not one of each per reader.
    assert len([after for after in reads if after > 0]) < 15


async def test_a_slow_reader_holds_no_more_than_a_few_pages_up(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []

    async def counted(*args: Any, **options: Any) -> Any:
        reads.append(options["after"])
        return await ledger_feed.feed_page(*args, **options)

    monkeypatch.setattr("hub.api.waves.feed_page", counted)
    text = "文" * 3000
    for _ in range(15):
        await platform.batch(*(a_tender_notice(body__notice_content=text) for _ in range(100)))
    port = hub.public.http.base_url.port
    assert port is not None
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(slow, ("127.0.0.1", port))
        slow.send(b"GET /v1/feed HTTP/1.1\r\nhost: hub\r\naccept: text/event-stream\r\n\r\n")
        await asyncio.sleep(1)
        while_slow = len(reads)
        source = await read_until(hub.public, after_events(1500))

    assert source.positions == list(range(1, 1501))
    assert while_slow < 8  # Of the eight pages that there are.


async def test_a_key_that_is_revoked_ends_its_stream(hub: Hub, platform: Caller) -> None:
    consumer = await hub.consumer()
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice)
    reading = asyncio.create_task(read_until(consumer, after_events(2)))
    await asyncio.sleep(0.2)
    await revoke_key(hub.runtime.database, consumer.key)
    await platform.push(a_tender_notice())

    (event,) = (await reading).events

    assert event[1]["document"] == notice


async def test_streams_end_when_the_server_stops(hub: Hub) -> None:
    reading = asyncio.create_task(read_until(hub.public, after_events(1)))
    await asyncio.sleep(0.2)

    hub.runtime.stop()

    assert (await reading).events == []
