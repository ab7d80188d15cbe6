"""The feed's filters by who and when, reading backwards, tags and codings, and epochs."""

import asyncio
import gzip
from typing import Any

import httpx
import orjson
import pytest
import zstandard

from hub.exports.packing import coding_for
from hub.ledger.epochs import begin_epoch
from tests.builders import (
    a_blacklist_entry,
    a_later_version,
    a_tender_contract,
    a_tender_notice,
    a_tender_project_code,
    a_uscc,
    a_win_result_notice,
)
from tests.hub import Caller, Hub, a_hub, positions

pytestmark = pytest.mark.anyio

BIDDER = a_uscc(701)
NDJSON = "application/x-ndjson"


async def found(reader: Caller, **query: Any) -> list[int]:
    """The positions that a filter lets through, read to the end."""
    seen: list[int] = []
    after = 0
    while True:
        page = await reader.read("/v1/feed", after=after, **query)
        seen += positions(page["entries"])
        if page["next"] >= page["head"]:
            return seen
        after = page["next"]


async def found_backwards(reader: Caller, **query: Any) -> list[int]:
    """The same, read from the head backwards."""
    seen: list[int] = []
    before: str | int = "head"
    while True:
        page = await reader.read("/v1/feed", before=before, **query)
        seen += positions(page["entries"])
        if page["prev"] is None:
            return seen
        before = page["prev"]


async def test_a_party_finds_every_record_that_names_it(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.push(
            a_tender_notice(),
            a_win_result_notice(body__win_bidder_code=[BIDDER]),
            a_blacklist_entry(BIDDER),
            a_tender_contract(body__bidder_code=[BIDDER]),
            a_tender_contract(),
        )

        assert await found(hub.public, party=BIDDER) == [2, 3, 4]
        assert await found(hub.public, party=BIDDER, limit=1) == [2, 3, 4]
        assert await found(hub.public, party=BIDDER, kind="tender_contract") == [4]
        assert await found_backwards(hub.public, party=BIDDER, limit=2) == [4, 3, 2]
        assert await found(hub.public, party=a_uscc(702)) == []


async def test_a_party_hears_of_a_record_that_named_it_until_its_end(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        contract = a_tender_contract(body__bidder_code=[BIDDER])
        corrected = a_later_version(contract, body__bidder_code=[a_uscc(703)])
        await platform.push(contract, corrected)
        assert (await platform.withdraw(contract)).status_code == 201

        assert await found(hub.public, party=BIDDER) == [1, 2, 3]
        assert await found(hub.public, party=a_uscc(703)) == [2, 3]


async def test_a_party_is_not_found_by_what_the_public_does_not_see(hub: Hub, platform: Caller) -> None:
    await platform.push(
        a_tender_contract(body__bidder_code=[BIDDER], disclosure="on_request"),
        a_tender_contract(
            body__bidder_code=[BIDDER],
            withheld=[{"field": "/bidder_code", "ground": "commercial_secret", "basis": "招标投标法"}],
        ),
    )

    assert await found(hub.public, party=BIDDER) == []


async def test_a_rare_party_in_a_large_ledger_is_found_within_its_own_versions(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.feed.WINDOW", 2)
    await platform.push(*(a_tender_notice() for _ in range(5)), a_tender_contract(body__bidder_code=[BIDDER]))

    page = await hub.public.read("/v1/feed", party=BIDDER)

    assert (positions(page["entries"]), page["next"]) == ([6], 6)


async def test_a_window_of_a_partys_versions_is_read_to_its_end(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.feed.WINDOW", 2)
    contracts = [a_tender_contract(body__bidder_code=[BIDDER]) for _ in range(5)]
    await platform.push(*contracts, a_tender_notice(), a_win_result_notice(body__win_bidder_code=[BIDDER]))

    assert await found(hub.public, party=BIDDER, kind="win_result_notice") == [7]
    assert await found_backwards(hub.public, party=BIDDER, kind="tender_contract") == [5, 4, 3, 2, 1]


async def test_a_discloser_finds_what_it_discloses_and_its_withdrawals(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        notice = a_tender_notice(discloser__code=BIDDER)
        await platform.push(a_tender_notice(), notice)
        await platform.withdraw(notice)

        assert await found(hub.public, discloser=BIDDER) == [2, 3]


async def test_who_discloses_what_is_withheld_is_the_governments_to_know(
    hub: Hub, platform: Caller, consumer: Caller
) -> None:
    notice = a_tender_notice(discloser__code=BIDDER, disclosure="on_request")
    await platform.push(notice)
    await platform.withdraw(notice)

    assert await found(hub.public, discloser=BIDDER) == []
    assert await found(consumer, discloser=BIDDER) == [1, 2]


async def test_a_thread_is_read_by_itself(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        await (await hub.platform()).push(*(a_tender_notice(project=n % 2) for n in range(6)))
        thread = f"tender:{a_tender_project_code(1)}"

        assert await found(hub.public, thread=thread, limit=2) == [2, 4, 6]
        assert await found_backwards(hub.public, thread=thread, limit=2) == [6, 4, 2]
        assert await found(hub.public, thread="tender:none") == []


async def test_since_begins_at_a_moment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ledger.feed.CLOCKS_APART", 1)
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.push(a_tender_notice(), a_tender_notice())
        (third, *_) = await platform.push(a_tender_notice(), a_tender_contract())

        assert await found(hub.public, since=third["received_at"]) == [3, 4]
        assert await found(hub.public, since=third["received_at"], kind="tender_contract") == [4]
        assert await found_backwards(hub.public, since=third["received_at"]) == [4, 3]
        assert await found(hub.public, since="2999-01-01T00:00:00Z") == []
        page = await hub.public.read("/v1/feed", since="2020-01-01T08:00:00+08:00", after=1)
        assert positions(page["entries"]) == [2, 3, 4]


@pytest.mark.parametrize(
    "query",
    [
        {"party": "x"},
        {"discloser": "9135"},
        {"thread": "x\x00"},
        {"since": "2026-11-20T01:30:00"},
        {"since": "yesterday"},
        {"before": "x"},
        {"before": "-1"},
        {"after": "1.x"},
        {"after": "1.2.3"},
        {"after": "1", "before": "2"},
        {"format": "x"},
    ],
)
async def test_a_parameter_that_is_not_what_it_should_be_is_refused(hub: Hub, query: dict[str, Any]) -> None:
    response = await hub.public.get("/v1/feed", **query)

    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-parameter")


async def test_reading_backwards_gives_the_newest_first_and_everything_once(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.batch(*(a_tender_notice(project=n) for n in range(23)))

        assert await found_backwards(hub.public, limit=5) == list(range(23, 0, -1))
        assert await found_backwards(hub.public, limit=5, domain="tender") == list(range(23, 0, -1))


async def test_an_empty_ledger_has_nothing_before_its_head(hub: Hub) -> None:
    page = await hub.public.read("/v1/feed", before="head")

    assert page == {"entries": [], "next": 0, "prev": None, "cursor": "1.0", "head": 0}


async def test_a_filter_reads_backwards_through_bounded_windows(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.feed.WINDOW", 2)
    await platform.push(a_tender_contract(), *(a_tender_notice() for _ in range(5)))

    page = await hub.public.read("/v1/feed", before="head", kind="tender_contract")

    assert (page["entries"], page["prev"], page["next"]) == ([], 5, 6)
    assert await found_backwards(hub.public, kind="tender_contract") == [1]


async def test_the_two_directions_together_lose_nothing_while_the_ledger_grows(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.batch(*(a_tender_notice(project=n) for n in range(50)))

        async def push() -> None:
            for n in range(20):
                await platform.batch(*(a_tender_notice(project=100 * n + m) for m in range(5)))

        pushing = asyncio.create_task(push())
        first = await hub.public.read("/v1/feed", before="head", limit=7)
        backwards, forwards = positions(first["entries"]), []
        before, after = first["prev"], first["cursor"]
        while before is not None or not pushing.done():
            if before is not None:
                page = await hub.public.read("/v1/feed", before=before, limit=7)
                backwards, before = backwards + positions(page["entries"]), page["prev"]
            page = await hub.public.read("/v1/feed", after=after, limit=7)
            forwards, after = forwards + positions(page["entries"]), page["cursor"]
        await pushing
        page = await hub.public.read("/v1/feed", after=after, limit=1000)

        assert backwards[::-1] + forwards + positions(page["entries"]) == list(range(1, 151))


async def test_links_lead_to_newer_and_to_older_pages(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(5)))

    response = await hub.public.get("/v1/feed", before=5, limit=2, domain="tender")

    assert positions(response.json()["entries"]) == [4, 3]
    links = {relation: link["url"] for relation, link in response.links.items()}
    assert positions((await hub.public.read(links["next"]))["entries"]) == [5]
    assert positions((await hub.public.read(links["prev"]))["entries"]) == [2, 1]
    assert response.headers["hub-prev"] == "3"


async def test_a_cursor_with_its_epoch_is_as_good_as_a_position(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    page = await hub.public.read("/v1/feed", limit=1)

    assert page["cursor"] == "1.1"
    assert positions((await hub.public.read("/v1/feed", after=page["cursor"]))["entries"]) == [2]
    assert positions((await hub.public.read("/v1/feed", before="1.2"))["entries"]) == [1]


async def test_a_cursor_of_another_epoch_is_told_where_the_epochs_part(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    await begin_epoch(hub.runtime.database, "restored from a backup")
    await platform.push(a_tender_notice())
    await begin_epoch(hub.runtime.database, "again")

    response = await hub.public.get("/v1/feed", after="1.2")

    problem = response.json()
    assert (response.status_code, problem["type"]) == (409, "/problems/epoch-changed")
    assert (problem["epoch"], problem["began_after"]) == (3, 2)
    page = await hub.public.read("/v1/feed", after=2)
    assert (positions(page["entries"]), page["cursor"]) == ([3], "3.3")
    assert (await hub.public.get("/v1/feed", after="9.1")).json()["began_after"] == 0
    assert (await hub.public.get("/v1/feed", before="2.1")).json()["began_after"] == 3


async def test_from_the_second_epoch_on_every_cursor_that_is_handed_out_has_it(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(2)))
    await begin_epoch(hub.runtime.database, "restored from a backup")
    await platform.push(*(a_tender_notice() for _ in range(3)))

    response = await hub.public.get("/v1/feed", after="2.2", limit=2)
    page = response.json()

    assert (page["next"], page["prev"], page["cursor"], page["head"]) == ("2.4", "2.3", "2.4", 5)
    assert {name: response.headers[f"hub-{name}"] for name in ("next", "prev", "cursor", "head")} == {
        "next": "2.4",
        "prev": "2.3",
        "cursor": "2.4",
        "head": "5",
    }
    assert positions((await hub.public.read("/v1/feed", after=page["next"]))["entries"]) == [5]
    assert positions((await hub.public.read("/v1/feed", before=page["prev"]))["entries"]) == [2, 1]
    assert (await hub.public.read("/v1/feed", before="head"))["prev"] is None


@pytest.mark.parametrize("query", [{"after": 3}, {"before": 3}])
async def test_a_bare_cursor_is_not_taken_for_one_of_a_later_epoch(
    hub: Hub, platform: Caller, query: dict[str, int]
) -> None:
    await platform.push(*(a_tender_notice() for _ in range(2)))
    await begin_epoch(hub.runtime.database, "restored from a backup")
    await platform.push(*(a_tender_notice() for _ in range(3)))

    response = await hub.public.get("/v1/feed", **query)

    problem = response.json()
    assert (response.status_code, problem["type"]) == (409, "/problems/epoch-changed")
    assert (problem["epoch"], problem["began_after"]) == (2, 2)
    assert "go on from 2.2" in problem["detail"]
    for shared in (0, 2):
        page = await hub.public.read("/v1/feed", after=shared)
        assert positions(page["entries"]) == list(range(shared + 1, 6))
    stream = await hub.public.call("GET", "/v1/feed", headers={"accept": "text/event-stream", "last-event-id": "3"})
    assert stream.status_code == 409


async def test_an_epoch_that_began_since_they_were_looked_up_is_known_by_its_cursor(database_url: str) -> None:
    async with a_hub(database_url, key_cache_seconds=60.0) as hub:
        await (await hub.platform()).push(a_tender_notice())
        assert (await hub.public.read("/v1/feed"))["next"] == 1
        await begin_epoch(hub.runtime.database, "restored from a backup")

        assert (await hub.public.read("/v1/feed", after="2.1"))["next"] == "2.1"


async def asked_again(reader: Caller, first: httpx.Response, **headers: str) -> httpx.Response:
    tag = first.headers["etag"]
    return await reader.call("GET", str(first.url), headers={"if-none-match": tag} | headers)


@pytest.mark.parametrize("accept", ["application/json", NDJSON, "application/atom+xml"])
@pytest.mark.parametrize("query", [{"limit": 2}, {"limit": 1, "kind": "tender_contract"}, {"before": 3, "limit": 2}])
async def test_a_page_that_is_whole_has_a_tag_that_stands_while_the_ledger_grows(
    hub: Hub, platform: Caller, accept: str, query: dict[str, Any]
) -> None:
    await platform.push(a_tender_notice(), a_tender_contract(), a_tender_notice())
    if accept == "application/atom+xml" and "before" not in query:
        query = {"after": 0} | query
    headers = {"accept": accept}
    first = await hub.public.call("GET", "/v1/feed", params=query, headers=headers)
    await platform.push(a_tender_notice())

    again = await asked_again(hub.public, first, **headers)

    assert first.headers["etag"].startswith("W/") == (accept != NDJSON)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await hub.public.call("GET", "/v1/feed", headers=headers | {"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


async def test_a_page_that_may_grow_has_no_tag(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())

    for query in ({}, {"limit": 2}, {"kind": "tender_notice"}, {"before": "head", "limit": 1}):
        assert "etag" not in (await hub.public.get("/v1/feed", **query)).headers


async def test_views_and_filters_and_dialects_have_tags_of_their_own(
    hub: Hub, platform: Caller, consumer: Caller
) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    asked = [
        (hub.public, "application/json", {}),
        (hub.public, NDJSON, {}),
        (consumer, "application/json", {}),
        (hub.public, "application/json", {"domain": "tender"}),
        (hub.public, "application/json", {"region": "35"}),
        (hub.public, "application/json", {"before": 2}),
    ]

    tags = [
        (await reader.call("GET", "/v1/feed", params={"limit": 1} | query, headers={"accept": media})).headers["etag"]
        for reader, media, query in asked
    ]

    assert len(set(tags)) == len(asked)


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip;q=0.8", "gzip"),
        ("gzip;q=0", None),
        ("*", "zstd"),
        ("*;q=0.1, identity", None),
        ("gzip;q=x", None),
        ("gzip;q=\xb2", None),
        ("gzip;q=nan, zstd;q=inf", None),
        ("gzip;q=.5", "gzip"),
        ("br", None),
    ],
)
def test_the_coding_is_the_one_that_is_wanted_most(accept_encoding: str | None, coding: str | None) -> None:
    assert coding_for(accept_encoding) == coding


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_a_packed_page_unpacks_to_the_same_bytes(hub: Hub, platform: Caller, coding: str) -> None:
    await platform.batch(*(a_tender_notice(project=n) for n in range(30)))
    plain = await hub.public.call("GET", "/v1/feed?limit=30", headers={"accept": NDJSON, "accept-encoding": "identity"})

    headers = {"accept": NDJSON, "accept-encoding": coding}
    async with hub.public.http.stream("GET", "/v1/feed?limit=30", headers=headers) as response:
        raw = b"".join([piece async for piece in response.aiter_raw()])

    assert response.headers["content-encoding"] == coding
    assert len(raw) == int(response.headers["content-length"]) < len(plain.content) / 3
    assert (gzip.decompress(raw) if coding == "gzip" else zstandard.decompress(raw)) == plain.content
    assert response.headers["etag"] != plain.headers["etag"]
    assert (await asked_again(hub.public, plain, accept=NDJSON)).status_code == 304
    assert "Accept-Encoding" in response.headers["vary"]


async def test_a_small_answer_is_not_packed(hub: Hub) -> None:
    response = await hub.public.call("GET", "/v1/feed", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in response.headers
    assert orjson.loads(response.content)["entries"] == []
