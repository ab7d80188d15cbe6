"""Subscribers are targets: they get what they asked for, signed, in order, once, and whatever happens to them."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from hub.keys import disable_platform, issue_key, revoke_key
from hub.ledger.tables import Delivery, LaneCursor
from tests.builders import (
    a_blacklist_entry,
    a_later_version,
    a_procurement_notice,
    a_tender_notice,
    a_tender_project_code,
    an_administrative_penalty,
)
from tests.hub import B, Caller
from tests.sync.exchange import Exchange, eventually
from tests.sync.hooks import Hook, a_hook, verified

pytestmark = pytest.mark.anyio


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_hook() as running:
        yield running


async def _subscribe(caller: Caller, hook: Hook, what: str = "versions", **order: Any) -> dict[str, Any]:
    order = {"what": what, "url": hook.url, "start": 0} | order
    response = await caller.call("POST", "/v1/subscriptions", json=order)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def _told(hook: Hook, count: int) -> None:
    async def told() -> bool:
        return len(hook.entries) >= count

    await eventually(told)


async def test_a_subscriber_gets_versions_from_the_start_and_as_they_come_signed_and_in_order(
    either: Exchange, hook: Hook
) -> None:
    notice = a_tender_notice(project="P")
    await either.platform.push(notice)
    async with either.working():
        subscription = await _subscribe(either.platform, hook)
        await either.platform.push(a_later_version(notice), a_tender_notice(project="Q"))
        await _told(hook, 3)

    assert sorted(hook.positions) == [1, 2, 3]
    assert hook.positions.index(1) < hook.positions.index(2)
    for headers, body in hook.requests:
        assert verified(subscription["secret"], headers, body)
        assert not verified(subscription["secret"], headers, body + b" ")
        assert orjson.loads(body)["type"] == "versions.appended"
    assert len({headers["webhook-id"] for headers, _ in hook.requests}) == len(hook.requests)


async def test_a_platform_sees_its_own_whole_and_of_others_what_the_public_sees(exchange: Exchange, hook: Hook) -> None:
    other = await exchange.hub.platform(B)
    await _subscribe(exchange.platform, hook)
    await exchange.platform.push(a_tender_notice())
    await other.push(a_tender_notice(), a_tender_notice(disclosure="on_request"))
    async with exchange.working():
        await _told(hook, 3)

    feed = (await exchange.hub.public.read("/v1/feed"))["entries"]
    entries = sorted(hook.entries, key=lambda entry: int(entry["position"]))
    own = await exchange.platform.read(f"/v1/records/{entries[0]['record']}")
    assert entries[0]["document"] == own["document"] != feed[0].get("document")
    assert entries[1:] == feed[1:]


async def test_a_consumer_sees_what_the_government_sees(exchange: Exchange, hook: Hook) -> None:
    consumer = await exchange.hub.consumer()
    await _subscribe(consumer, hook)
    await exchange.platform.push(a_tender_notice(disclosure="on_request"))
    async with exchange.working():
        await _told(hook, 1)

    assert hook.entries == (await consumer.read("/v1/feed"))["entries"]


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"kinds": ["tender_notice"]}, [1, 2]),
        ({"domains": ["procurement"]}, [3]),
        ({"regions": ["3502"]}, [2]),
        ({"threads": [f"tender:{a_tender_project_code('P')}"]}, [1]),
        ({"kinds": ["tender_notice", "procurement_notice"], "regions": ["3501", "3502"]}, [1, 2, 3]),
    ],
)
async def test_a_filter_narrows_what_is_told(
    exchange: Exchange, hook: Hook, narrowed: dict[str, Any], expected: list[int]
) -> None:
    await exchange.platform.push(
        a_tender_notice(project="P"),
        a_tender_notice(project="Q", region_code="350200"),
        a_procurement_notice(),
        an_administrative_penalty(region_code="110000"),
    )
    subscription = await _subscribe(exchange.platform, hook, filter=narrowed)
    async with exchange.working():
        await _read_all(exchange, subscription["name"])

    assert sorted(hook.positions) == expected


async def _read_all(exchange: Exchange, name: str, head: int = 4) -> None:
    async def read() -> bool:
        return bool((await exchange.platform.read(f"/v1/subscriptions/{name}"))["cursor"] == head)

    await eventually(read)


async def test_outcomes_are_told_to_the_platform_that_sent_the_versions(either: Exchange, hook: Hook) -> None:
    other = await either.hub.platform(B)
    subscription = await _subscribe(either.platform, hook, "outcomes")
    await either.national.dial(poison=["nothing"])
    async with either.working():
        await other.push(a_tender_notice())
        await either.platform.push(a_blacklist_entry(), a_tender_notice())
        await _told(hook, 3)

    outcomes = (await either.platform.read("/v1/receipts"))["outcomes"]
    assert sorted(hook.entries, key=lambda o: int(o["sequence"])) == outcomes
    headers, body = hook.requests[0]
    assert orjson.loads(body)["type"] == "outcomes.changed"
    assert verified(subscription["secret"], headers, body)


async def test_a_subscription_begins_at_now_unless_it_is_told_otherwise(exchange: Exchange, hook: Hook) -> None:
    await exchange.platform.push(a_tender_notice(), a_tender_notice())
    order = {"what": "versions", "url": hook.url}
    assert (await exchange.platform.call("POST", "/v1/subscriptions", json=order)).json()["cursor"] == 2
    async with exchange.working():
        await exchange.platform.push(a_tender_notice())
        await _told(hook, 1)

    assert hook.positions == [3]


@pytest.mark.parametrize("status", [400, 404, 410, 301, 500, 429])
async def test_what_is_not_taken_is_sent_again_whatever_the_answer(exchange: Exchange, hook: Hook, status: int) -> None:
    hook.statuses = [status] * 8
    subscription = await _subscribe(exchange.platform, hook)
    await exchange.platform.push(*(a_tender_notice(project=n) for n in range(5)))
    async with exchange.working():
        await _told(hook, 5)
        await _read_all(exchange, subscription["name"], 5)

    assert sorted(hook.positions) == [1, 2, 3, 4, 5]
    assert "parked" not in (await exchange.states(subscription["name"])).values()


async def test_a_repetition_of_the_same_content_has_the_same_id(exchange: Exchange, hook: Hook) -> None:
    hook.statuses = [200, 500, 500]
    hook.headers = {"retry-after": "0"}
    seen: list[tuple[str, bytes]] = []
    take = hook.take

    async def noting(request: Any) -> Any:
        seen.append((request.headers["webhook-id"], await request.body()))
        return await take(request)

    hook.take = noting  # type: ignore[method-assign]
    subscription = await _subscribe(exchange.platform, hook)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await _read_all(exchange, subscription["name"], 1)
        await exchange.platform.push(a_tender_notice(project="Q"))
        await _read_all(exchange, subscription["name"], 2)

    ids = {body: identity for identity, body in seen}
    assert all(ids[body] == identity for identity, body in seen)
    assert len(set(ids.values())) == len(ids)


async def test_a_paused_subscriber_hears_nothing_and_everything_when_it_is_resumed(
    exchange: Exchange, hook: Hook
) -> None:
    subscription = await _subscribe(exchange.platform, hook)
    path = f"/v1/subscriptions/{subscription['name']}"
    async with exchange.working() as worker:
        await exchange.platform.push(a_tender_notice())
        await _told(hook, 1)
        assert (await exchange.platform.call("POST", f"{path}:pause")).json()["paused_at"]
        await _gone(worker, subscription["name"])
        await exchange.platform.push(a_tender_notice(), a_tender_notice())
        await exchange.all_delivered(3)
        assert hook.positions == [1]

        assert (await exchange.platform.call("POST", f"{path}:resume")).json()["paused_at"] is None
        await _told(hook, 3)

    assert sorted(hook.positions) == [1, 2, 3]


async def _gone(worker: Any, name: str) -> None:
    async def gone() -> bool:
        return name not in worker.couriers and not worker._ending

    await eventually(gone)


async def test_a_deleted_subscription_leaves_nothing_behind(either: Exchange, hook: Hook) -> None:
    subscription = await _subscribe(either.platform, hook)
    path = f"/v1/subscriptions/{subscription['name']}"
    async with either.working() as worker:
        await either.platform.push(a_tender_notice())
        await _told(hook, 1)
        assert (await either.platform.call("DELETE", path)).status_code == 204
        await _gone(worker, subscription["name"])
        await either.platform.push(a_tender_notice())
        await either.all_delivered(2)

    assert hook.positions == [1]
    assert (await either.platform.get(path)).status_code == 404
    async with either.hub.runtime.database.reading() as connection:
        for table in (Delivery, LaneCursor):
            left = select(func.count()).where(table.target == subscription["name"])
            assert (await connection.execute(left)).scalar_one() == 0


async def test_a_subscription_of_a_key_that_no_longer_works_is_told_nothing(exchange: Exchange, hook: Hook) -> None:
    database = exchange.hub.runtime.database
    consumer = await exchange.hub.consumer()
    kept = await _subscribe(consumer, hook)
    other = await exchange.hub.platform(B)
    also = await _subscribe(other, hook)
    async with exchange.working() as worker:

        async def running() -> bool:
            return {kept["name"], also["name"]} <= worker.couriers.keys()

        await eventually(running)
        await revoke_key(database, consumer.key)
        await disable_platform(database, B)
        await _gone(worker, kept["name"])
        await _gone(worker, also["name"])
        await exchange.platform.push(a_tender_notice())
        await exchange.all_delivered(1)

    assert hook.requests == []


async def test_a_range_is_replayed_to_a_subscriber(either: Exchange, hook: Hook) -> None:
    subscription = await _subscribe(either.platform, hook)
    async with either.working():
        await either.platform.push(*(a_tender_notice(project=n) for n in range(6)))
        await _told(hook, 6)
        path = f"/v1/subscriptions/{subscription['name']}:replay"
        ordered = await either.platform.call("POST", path, json={"from": 2, "to": 4})
        assert ordered.status_code == 202
        await _told(hook, 9)

    assert sorted(hook.positions[6:]) == [2, 3, 4]


async def test_two_workers_tell_a_subscriber_everything_once(either: Exchange, hook: Hook) -> None:
    await _subscribe(either.platform, hook)
    async with either.working(lease_seconds=6), either.working(lease_seconds=6):
        for n in range(20):
            notice = a_tender_notice(project=n)
            await either.platform.push(notice, a_later_version(notice))
        await _told(hook, 40)

    assert sorted(hook.positions) == list(range(1, 41))
    assert all(hook.positions.index(n) < hook.positions.index(n + 1) for n in range(1, 41, 2))


async def test_rows_that_no_cursor_needs_are_forgotten(either: Exchange, hook: Hook) -> None:
    subscription = await _subscribe(either.platform, hook)
    async with either.working(lease_seconds=0.3):
        await either.platform.push(*(a_tender_notice(project=n) for n in range(10)))
        await _told(hook, 10)

        async def forgotten() -> bool:
            return await either.states(subscription["name"]) == {}

        await eventually(forgotten)
        await either.platform.push(a_tender_notice())
        await _told(hook, 11)

    assert sorted(hook.positions) == list(range(1, 12))


async def test_a_ping_is_signed_and_its_answer_told(exchange: Exchange, hook: Hook) -> None:
    subscription = await _subscribe(exchange.platform, hook)
    hook.statuses, hook.answer = [200, 503], b"<b>hello</b>" + b"x" * 100_000

    good = await exchange.platform.call("POST", f"/v1/subscriptions/{subscription['name']}:ping")
    bad = await exchange.platform.call("POST", f"/v1/subscriptions/{subscription['name']}:ping")

    headers, body = hook.requests[0]
    assert verified(subscription["secret"], headers, body)
    assert orjson.loads(body) | {"timestamp": ""} == {"type": "subscription.ping", "timestamp": "", "data": []}
    assert (good.json()["delivered"], good.json()["status"], len(good.json()["answer"])) == (True, 200, 65_536)
    assert (bad.json()["delivered"], bad.json()["status"]) == (False, 503)
    assert good.headers["content-type"] == "application/json"


async def test_a_subscription_is_its_owners_alone(exchange: Exchange, hook: Hook) -> None:
    subscription = await _subscribe(exchange.platform, hook)
    other = await exchange.hub.platform(B)
    consumer = await exchange.hub.consumer()
    path = f"/v1/subscriptions/{subscription['name']}"

    for stranger in (other, consumer):
        for method, rest in (
            ("GET", ""),
            ("DELETE", ""),
            ("POST", ":pause"),
            ("POST", ":resume"),
            ("POST", ":ping"),
        ):
            assert (await stranger.call(method, path + rest)).status_code == 404
        assert (await stranger.call("POST", f"{path}:replay", json={"from": 1, "to": 1})).status_code == 404
        assert (await stranger.read("/v1/subscriptions"))["subscriptions"] == []
    assert (await exchange.hub.public.get("/v1/subscriptions")).status_code == 401
    (shown,) = (await exchange.platform.read("/v1/subscriptions"))["subscriptions"]
    assert "secret" not in shown
    assert shown["name"] == subscription["name"]


async def test_a_consumer_has_no_outcomes_to_be_told_of(exchange: Exchange, hook: Hook) -> None:
    consumer = await exchange.hub.consumer()

    response = await consumer.call("POST", "/v1/subscriptions", json={"what": "outcomes", "url": hook.url})

    assert response.status_code == 400


@pytest.mark.parametrize(
    "order",
    [
        {"what": "versions", "url": "ftp://127.0.0.1/"},
        {"what": "versions", "url": "http://hub.example.cn/hook"},
        {"what": "versions", "url": "https://user:pass@hub.example.cn/"},
        {"what": "versions", "url": "https://"},
        {"what": "versions", "url": "https://[::1/"},
        {"what": "nothing", "url": "https://hub.example.cn/"},
        {"what": "versions", "url": "https://hub.example.cn/", "filter": {"kinds": ["no_such_kind"]}},
        {"what": "versions", "url": "https://hub.example.cn/", "filter": {"regions": ["x"]}},
        {"what": "versions", "url": "https://hub.example.cn/", "filter": {"threads": ["a\0b"]}},
        {"what": "versions", "url": "https://hub.example.cn/", "start": -1},
    ],
)
async def test_an_order_that_cannot_be_is_refused(exchange: Exchange, order: dict[str, Any]) -> None:
    assert (await exchange.platform.call("POST", "/v1/subscriptions", json=order)).status_code == 400


async def test_an_owner_has_at_most_20_subscriptions(exchange: Exchange, hook: Hook) -> None:
    for _ in range(20):
        await _subscribe(exchange.platform, hook)

    order = {"what": "versions", "url": hook.url}
    assert (await exchange.platform.call("POST", "/v1/subscriptions", json=order)).status_code == 400


async def test_a_key_of_a_platform_that_is_changed_keeps_its_subscriptions(exchange: Exchange, hook: Hook) -> None:
    subscription = await _subscribe(exchange.platform, hook)
    fresh = Caller(exchange.platform.http, await issue_key(exchange.hub.runtime.database, exchange.platform.code))

    assert (await fresh.get(f"/v1/subscriptions/{subscription['name']}")).status_code == 200
