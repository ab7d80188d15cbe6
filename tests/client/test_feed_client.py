"""FeedClient: it reads everything once, through outages, and finds what is not as it should be."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import orjson
import pytest

import hub.client.feed
from hub.client import Broken, Entry, EpochEnded, FeedClient, Refused, Unreachable
from hub.ledger.epochs import begin_epoch
from tests.builders import a_bid_opening_record, a_later_version, a_tender_notice
from tests.hub import Caller, Hub

pytestmark = pytest.mark.anyio

Answer = Callable[[httpx.Request], httpx.Response]


def a_client(hub: Hub, **options: Any) -> FeedClient:
    return FeedClient("http://hub", http=hub.public.http, **options)


def a_client_of(answer: Answer, **options: Any) -> FeedClient:
    """A client of a hub that answers like this."""
    return FeedClient("http://hub", http=httpx.AsyncClient(transport=httpx.MockTransport(answer)), **options)


async def read(client: FeedClient, cursor: str = "0") -> list[Entry]:
    return [entry async for entry in client.entries(cursor)]


def positions(entries: list[Entry]) -> list[int]:
    return [entry.position for entry in entries]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after failures are short."""
    monkeypatch.setattr(hub.client.feed, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(hub.client.feed, "LONGEST_PAUSE", 0.01)


async def test_everything_is_read_once_in_order_from_any_cursor(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(7)))

    assert positions(await read(a_client(hub, limit=3))) == [1, 2, 3, 4, 5, 6, 7]
    assert positions(await read(a_client(hub, limit=3), "1.5")) == [6, 7]
    assert await read(a_client(hub), "7") == []


async def test_a_page_gives_the_cursor_to_go_on_from(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))

    pages = [page async for page in a_client(hub, limit=2).pages()]

    assert [(page.cursor, page.position, page.head) for page in pages] == [("1.2", 2, 3), ("1.3", 3, 3)]


async def test_the_government_view_is_proved_by_digests_and_the_public_one_where_it_is_whole(
    hub: Hub, platform: Caller
) -> None:
    await platform.push(a_tender_notice(), a_tender_notice(disclosure="on_request"))
    consumer = await hub.consumer()

    public = await read(a_client(hub))
    government = await read(a_client(hub, key=consumer.key, full=True))

    assert [entry.proof for entry in public] == ["projected", "withheld"]
    assert [entry.proof for entry in government] == ["verified", "verified"]


async def test_a_filter_narrows_what_is_read(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_bid_opening_record(), a_tender_notice(region_code="350200"))

    assert positions(await read(a_client(hub, filters={"kind": "tender_notice"}))) == [1, 3]
    assert positions(await read(a_client(hub, filters={"region": ["3502"]}))) == [3]


async def test_whoever_follows_gets_what_comes_later(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())
    seen: list[int] = []

    async def follow() -> None:
        async for entry in a_client(hub, wait=5.0).entries(follow=True):
            seen.append(entry.position)
            if entry.position == 3:
                return

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.2)
    await platform.push(a_tender_notice(), a_tender_notice())
    await asyncio.wait_for(following, 10)

    assert seen == [1, 2, 3]


async def test_an_outage_is_waited_through(hub: Hub, platform: Caller, hasty: None) -> None:
    await platform.push(*(a_tender_notice() for _ in range(5)))
    troubles = [httpx.ConnectError("away"), httpx.Response(503), httpx.Response(429), httpx.ReadError("cut off")]
    asked = 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked % 2 and troubles:
            trouble = troubles.pop()
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        answered = await hub.public.http.get(request.url, headers={"accept": request.headers["accept"]})
        return httpx.Response(answered.status_code, headers=_plain(answered.headers), content=answered.content)

    client = FeedClient("http://hub", http=httpx.AsyncClient(transport=httpx.MockTransport(answer)), limit=1)

    assert positions(await read(client)) == [1, 2, 3, 4, 5]
    assert not troubles


async def test_patience_ends(hasty: None) -> None:
    client = a_client_of(lambda _: httpx.Response(503), patience=0.05)

    with pytest.raises(Unreachable, match="503"):
        await read(client)


async def test_a_refusal_is_not_tried_again() -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(401, json={"type": "/problems/unauthenticated", "title": "A valid key is needed"})

    with pytest.raises(Refused, match="401: A valid key is needed"):
        await read(a_client_of(refuse))
    assert len(asked) == 1


async def test_a_cursor_of_another_epoch_says_where_the_new_one_begins(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    await begin_epoch(hub.runtime.database, "restored")

    with pytest.raises(EpochEnded) as ended:
        await read(a_client(hub), "1.2")

    assert (ended.value.epoch, ended.value.shared) == (2, 2)


def _entry(position: int, **changes: Any) -> bytes:
    document = orjson.dumps({"n": position})
    known = {"position": position, "previous": None, "record": "P/tender_notice/k", "state": "published"}
    head = known | {"digest": sha256(document).hexdigest()} | changes
    return orjson.dumps(head)[:-1] + b',"document":' + document + b"}"


def _page_of(*entries: bytes, following: int, head: int = 9) -> Answer:
    return lambda _: httpx.Response(
        200, headers={"hub-next": str(following), "hub-head": str(head)}, content=b"\n".join(entries)
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (_page_of(_entry(1), _entry(3), following=3), "there should be all up to 3"),
        (_page_of(_entry(1), _entry(1), following=2), "there should be all up to 2"),
        (_page_of(_entry(2), _entry(1), following=2), "there should be all up to 2"),
        (_page_of(_entry(1), following=2), "there should be all up to 2"),
        (_page_of(_entry(1, previous=1), following=1), "its previous one"),
        (_page_of(_entry(1, digest="0" * 64), following=1), "the digest is not that of the document"),
        (_page_of(b'{"position":1', following=1), "no entry of a feed"),
        (lambda _: httpx.Response(200, content=b""), "no Hub-Next"),
    ],
)
async def test_an_answer_that_contradicts_itself_is_found(answer: Answer, why: str) -> None:
    with pytest.raises(Broken, match=why):
        await read(a_client_of(answer, full=True))


async def test_a_ledger_that_has_lost_versions_is_found() -> None:
    with pytest.raises(Broken, match="it has lost versions"):
        await read(a_client_of(_page_of(following=3, head=3)), "5")


async def test_what_was_sealed_is_read_again_at_its_opening() -> None:
    opening = datetime.now(UTC) + timedelta(seconds=1)
    seen: list[Entry] = []
    sealed, opened = _sealed_and_opened(opening)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/versions/1":
            return httpx.Response(200, content=opened)
        after = int(request.url.params["after"])
        entries = [] if after else [sealed]
        return httpx.Response(200, headers={"hub-next": "1", "hub-head": "1"}, content=b"\n".join(entries))

    async for entry in a_client_of(answer, wait=0.1).entries(follow=True):
        seen.append(entry)
        if entry.again:
            break

    assert [(entry.position, entry.again) for entry in seen] == [(1, False), (1, True)]
    assert datetime.now(UTC) >= opening
    assert "opens_at" not in seen[1].data


async def test_a_page_is_waited_for_until_the_next_opening_and_not_asked_for_again_and_again() -> None:
    sealed, opened = _sealed_and_opened(datetime.now(UTC) + timedelta(seconds=0.8))
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/v1/versions/1":
            return httpx.Response(200, content=opened)
        new = request.url.params["after"] == "0"
        await asyncio.sleep(0 if new else float(request.url.params["wait"]))
        return httpx.Response(200, headers={"hub-next": "1", "hub-head": "1"}, content=sealed if new else b"")

    client = FeedClient("http://hub", http=httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    async for entry in client.entries(follow=True):
        if entry.again:
            break

    assert asked == ["/v1/feed", "/v1/feed", "/v1/versions/1", "/v1/feed"]


@pytest.mark.parametrize("anew", [0, 2])
async def test_an_opening_of_what_was_lost_comes_after_the_end_of_its_epoch(
    hub: Hub, platform: Caller, anew: int
) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    await begin_epoch(hub.runtime.database, "restored")
    await platform.push(*(a_tender_notice() for _ in range(anew)))
    pages = a_client(hub).pages("1.5", openings=[(0, 5)])

    with pytest.raises(EpochEnded):
        await anext(pages)


async def test_a_version_that_does_not_open_is_looked_for_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0
    looks: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal clock
        if request.url.path == "/v1/versions/7":
            looks.append(clock // 1_000_000)
            return httpx.Response(404, json={"title": "Not found"})
        clock += 1_000_000
        return httpx.Response(200 if clock < 60_000_000 else 410, headers={"hub-next": "9", "hub-head": "9"})

    monkeypatch.setattr(hub.client.feed, "now", lambda: clock)
    with pytest.raises(Refused, match="410"):
        await anext(a_client_of(answer).pages("9", follow=True, openings=[(0, 7)]))

    assert looks == [0, 1, 3, 7, 15, 31]


def _sealed_and_opened(opening: datetime) -> tuple[bytes, bytes]:
    opened = _entry(1)
    return opened[:-1] + b',"opens_at":"%b"}' % opening.isoformat().encode(), opened


def _plain(headers: httpx.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("content-encoding", "content-length")}


async def test_a_later_version_names_the_one_before_it(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice))

    (_, second) = await read(a_client(hub))

    assert (second.data["previous"], second.kind) == (1, "tender_notice")
