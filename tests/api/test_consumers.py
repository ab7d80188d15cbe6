"""Named consumers: the hub keeps their cursors, which move only when they say so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.epochs import begin_epoch
from tests.builders import a_bid_opening_record, a_tender_notice
from tests.hub import B, Caller, Hub, a_hub, positions

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(anyio_backend: str, database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(database_url) as running:
        yield running


async def create(reader: Caller, name: str = "archive", start: str = "0") -> dict[str, Any]:
    response = await reader.call("PUT", f"/v1/consumers/{name}", json={"start": start})
    assert response.status_code in (200, 201), response.text
    found: dict[str, Any] = response.json()
    return found


async def test_a_consumer_reads_from_its_cursor_and_moves_it_by_committing(hub: Hub, platform: Caller) -> None:
    consumer = await hub.consumer()
    await platform.push(*(a_tender_notice() for _ in range(5)))
    await create(consumer)

    first = await consumer.read("/v1/consumers/archive/feed", limit=2)
    again = await consumer.read("/v1/consumers/archive/feed", limit=2)
    committed = await consumer.call("POST", "/v1/consumers/archive:commit", json={"cursor": first["cursor"]})
    following = await consumer.read("/v1/consumers/archive/feed", limit=2)

    assert positions(first["entries"]) == positions(again["entries"]) == [1, 2]
    assert (committed.status_code, committed.json()["position"], committed.json()["lag"]) == (200, 2, 3)
    assert positions(following["entries"]) == [3, 4]
    assert following["entries"][0]["document"]["secrecy_review"] == "cleared"


async def test_creating_again_leaves_the_consumer_where_it_is(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())

    first = await platform.call("PUT", "/v1/consumers/a", json={"start": "1"})
    second = await platform.call("PUT", "/v1/consumers/a", json={"start": "now"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["position"] == second.json()["position"] == 1


async def test_a_consumer_begins_at_a_cursor_a_moment_or_the_present(hub: Hub, platform: Caller) -> None:
    (_, second) = await platform.push(a_tender_notice(), a_tender_notice())

    starts = {"zero": "0", "cursor": "1.1", "moment": second["received_at"], "now": "now"}
    begun = {name: (await create(platform, name, start))["position"] for name, start in starts.items()}

    assert begun == {"zero": 0, "cursor": 1, "moment": 1, "now": 2}


@pytest.mark.parametrize("start", ["3", "yesterday", "-1", "2026-01-01T00:00:00", "1.9999"])
async def test_a_consumer_cannot_begin_where_nothing_is(hub: Hub, platform: Caller, start: str) -> None:
    await platform.push(a_tender_notice())

    refused = await platform.call("PUT", "/v1/consumers/a", json={"start": start})

    assert refused.status_code == (409 if start in ("3", "1.9999") else 400)


async def test_the_list_names_those_that_are_most_behind_first(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    for name, start in (("near", "2"), ("far", "0"), ("there", "3")):
        await create(platform, name, start)
    await asyncio.sleep(0.01)

    found = await platform.read("/v1/consumers")

    assert [(one["name"], one["lag"]) for one in found["consumers"]] == [("far", 3), ("near", 1), ("there", 0)]
    assert [one["lag_seconds"] > 0 for one in found["consumers"]] == [True, True, False]
    assert (found["head"], found["view"], found["owner"]) == (3, "public", platform.code)


async def test_consumers_belong_to_their_key_and_the_public_has_none(hub: Hub, platform: Caller) -> None:
    other, consumer = await hub.platform(B), await hub.consumer()
    await create(platform)

    for path in ("/v1/consumers/archive/feed",):
        assert (await other.get(path)).status_code == 404
        assert (await consumer.get(path)).status_code == 404
        assert (await hub.public.get(path)).status_code == 401
    assert (await other.read("/v1/consumers"))["consumers"] == []
    assert (await hub.public.get("/v1/consumers")).status_code == 401
    assert (await hub.public.call("PUT", "/v1/consumers/x", json={})).status_code == 401


async def test_a_second_key_of_the_same_consumer_goes_on_with_its_cursors(hub: Hub, platform: Caller) -> None:
    first, second = await hub.consumer(), await hub.consumer()
    await create(first)

    assert [one["name"] for one in (await second.read("/v1/consumers"))["consumers"]] == ["archive"]


async def test_a_commit_goes_forward_only_and_not_beyond_the_head(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    await create(platform)

    async def commit(cursor: str) -> tuple[int, str]:
        answer = await platform.call("POST", "/v1/consumers/archive:commit", json={"cursor": cursor})
        return answer.status_code, answer.json().get("type", "")

    assert await commit("2") == (200, "")
    assert await commit("1.2") == (200, "")
    assert await commit("1") == (409, "/problems/cursor-behind")
    assert await commit("4") == (409, "/problems/cursor-beyond-head")
    assert (await platform.read("/v1/consumers"))["consumers"][0]["position"] == 2


async def test_a_rewound_consumer_reads_again(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    await create(platform, start="now")

    rewound = await platform.call("POST", "/v1/consumers/archive:rewind", json={"to": "1"})

    assert rewound.json()["cursor"] == "1.1"
    assert positions((await platform.read("/v1/consumers/archive/feed"))["entries"]) == [2, 3]


async def test_a_consumer_of_an_ended_epoch_is_told_and_goes_on_after_rewinding(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice() for _ in range(2)))
    await create(platform, start="now")
    await begin_epoch(hub.runtime.database, "restored")
    await platform.push(a_tender_notice())

    read = await platform.get("/v1/consumers/archive/feed")
    committed = await platform.call("POST", "/v1/consumers/archive:commit", json={"cursor": "2.3"})
    bare = await platform.call("POST", "/v1/consumers/archive:rewind", json={"to": "3"})
    rewound = await platform.call("POST", "/v1/consumers/archive:rewind", json={"to": "2.2"})

    assert (bare.status_code, bare.json()["type"]) == (409, "/problems/epoch-changed")
    assert (read.status_code, read.json()["type"]) == (409, "/problems/epoch-changed")
    assert committed.status_code == 409
    assert rewound.json()["cursor"] == "2.2"
    assert positions((await platform.read("/v1/consumers/archive/feed"))["entries"]) == [3]


async def test_its_feed_takes_the_filters_and_dialects_of_the_feed_but_no_other_place(
    hub: Hub, platform: Caller
) -> None:
    await platform.push(a_tender_notice(), a_bid_opening_record())
    await create(platform)

    narrowed = await platform.read("/v1/consumers/archive/feed", kind="bid_opening_record")
    lines = await platform.call("GET", "/v1/consumers/archive/feed", headers={"accept": "application/x-ndjson"})

    assert positions(narrowed["entries"]) == [2]
    assert len(lines.content.splitlines()) == 2
    assert (await platform.get("/v1/consumers/archive/feed", after="0")).status_code == 400


async def test_a_consumer_that_waits_is_answered_when_something_comes(hub: Hub, platform: Caller) -> None:
    await create(platform)

    waiting = asyncio.create_task(platform.read("/v1/consumers/archive/feed", wait=10))
    await asyncio.sleep(0.2)
    await platform.push(a_tender_notice())

    assert positions((await asyncio.wait_for(waiting, 5))["entries"]) == [1]


async def test_committing_takes_one_connection_however_long_ago_the_epochs_were_looked_up(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.push(a_tender_notice())
    await create(platform)
    held: ContextVar[int] = ContextVar("held", default=0)
    most = 0

    def counted(opened: Callable[[Database], AbstractAsyncContextManager[AsyncConnection]]) -> Any:
        @asynccontextmanager
        async def counting(database: Database) -> AsyncIterator[AsyncConnection]:
            nonlocal most
            before = held.set(held.get() + 1)
            most = max(most, held.get())
            async with opened(database) as connection:
                yield connection
            held.reset(before)

        return counting

    monkeypatch.setattr(Database, "reading", counted(Database.reading))
    monkeypatch.setattr(Database, "transaction", counted(Database.transaction))

    committed = await platform.call("POST", "/v1/consumers/archive:commit", json={"cursor": "1.1"})
    created = await platform.call("PUT", "/v1/consumers/another", json={"start": "1.1"})
    rewound = await platform.call("POST", "/v1/consumers/archive:rewind", json={"to": "1.0"})

    assert [answer.status_code for answer in (committed, created, rewound)] == [200, 201, 200]
    assert most == 1


async def test_of_those_who_create_one_consumer_at_once_one_does_and_all_are_told_where_it_is(
    hub: Hub, platform: Caller
) -> None:
    await platform.push(*(a_tender_notice() for _ in range(2)))

    answers = await asyncio.gather(
        *(platform.call("PUT", "/v1/consumers/a", json={"start": str(number % 3)}) for number in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["position"] for answer in answers}) == 1


async def test_a_removed_consumer_is_gone(hub: Hub, platform: Caller) -> None:
    await create(platform)

    removed = await platform.call("DELETE", "/v1/consumers/archive")

    assert (removed.status_code, removed.content) == (204, b"")
    assert (await platform.call("DELETE", "/v1/consumers/archive")).status_code == 404
    assert (await platform.call("POST", "/v1/consumers/archive:rewind", json={"to": "0"})).status_code == 404


async def test_an_owner_has_no_more_consumers_than_are_useful(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.consumers.MOST", 1)
    await create(platform, "one")

    refused = await platform.call("PUT", "/v1/consumers/two", json={})

    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/invalid-parameter")
    assert (await create(platform, "one"))["name"] == "one"
