"""Reconciliation: what a target lost, changed, repeated or invented is found, and exactly what is missing is resent."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select, update

from hub.ledger.tables import Audit, Delivery, Version
from hub.sync.client import Client, NoAnswer
from hub.sync.holdings import Holdings, Sum, hash_of
from hub.sync.reconcile import Report, Surplus, ranges, reconcile, resend, whole
from hub.sync.target import Unreadable, targets
from tests.builders import a_later_version, a_tender_notice, an_administrative_penalty
from tests.sync.exchange import Exchange, eventually
from tests.sync.mocked import a_mocked_target

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four positions a bucket and four buckets a group, so that a few versions fill many."""
    for name in ("hub.sync.believed.SIZE", "hub.sync.reconcile.SIZE"):
        monkeypatch.setattr(name, 4)
    monkeypatch.setattr("hub.sync.reconcile.GROUP", 16)
    monkeypatch.setattr("hub.sync.reconcile.RUN", 2)
    monkeypatch.setattr("hub.sync.reconcile.MOST_BUCKETS", 3)
    monkeypatch.setattr("hub.sync.believed.READ_AT_ONCE", 12)
    monkeypatch.setattr("hub.sync.reconcile.RESENT_AT_ONCE", 2)
    monkeypatch.setattr("hub.sync.holdings.FIRST_PAUSE", 0.01)


@asynccontextmanager
async def _holdings(url: str) -> AsyncIterator[Holdings]:
    client = Client(url, token="", seconds=5, requests=1)
    try:
        yield Holdings(client)
    finally:
        await client.close()


async def _reconciled(
    exchange: Exchange, first: int = 1, last: int = 0, *, repair: bool = False, target: str = "national"
) -> Report:
    database = exchange.hub.runtime.database
    url = exchange.settings.targets()[target]
    async with _holdings(url) as holdings:
        last = last or whole(await _head(exchange))[1]
        report = await reconcile(database, targets()[target], holdings, first, last, lambda _done, _all: None)
    if repair:
        report.resent = await resend(database, target, report.repairable, "operator")
    return report


async def _head(exchange: Exchange) -> int:
    return len(await _digests(exchange))


async def _digests(exchange: Exchange) -> dict[int, str]:
    async with exchange.hub.runtime.database.reading() as connection:
        rows = await connection.execute(select(Version.position, Version.digest))
        return {position: digest.hex() for position, digest in rows}


async def _delivered(exchange: Exchange, threads: int, versions: int) -> None:
    """Push and deliver some threads of several versions each."""
    latest = [a_tender_notice(project=f"P{n}") for n in range(threads)]
    async with exchange.working():
        for _ in range(versions):
            await exchange.platform.push(*latest)
            latest = [a_later_version(each) for each in latest]
        await exchange.all_delivered(threads * versions)


async def test_a_target_that_holds_everything_agrees_with_few_questions(either: Exchange) -> None:
    await _delivered(either, 10, 3)

    report = await _reconciled(either)

    assert (report.agreed, report.remaining, report.requests) == (30, 0, 1)


async def test_random_damage_is_found_whole_and_exactly_what_is_missing_is_resent(either: Exchange) -> None:
    await _delivered(either, 15, 3)
    random = Random(20260415)
    for seed in range(5):
        damage = {name: random.randrange(4) for name in ("lose", "change", "repeat", "add")}
        done = await either.national.damage(seed=seed, **damage)

        report = await _reconciled(either, repair=True)

        # The same, found by comparing item by item.
        ours, held = await _digests(either), await either.national.holdings()
        times = Counter(position for position, _ in held)
        assert report.missing == report.resent == sorted(ours.keys() - times.keys()) == done["lost"]
        assert report.different == sorted({p for p, digest in held if p in ours and ours[p] != digest})
        assert report.repeated == sorted(position for position, count in times.items() if count > 1)
        assert report.surplus == [Surplus(p, "not in the ledger") for p in sorted(times.keys() - ours.keys())]
        assert report.unconfirmed == []
        assert report.remaining == len(report.different) + len(report.repeated) + len(report.surplus)
        assert set(done["changed"]) <= set(report.different)
        assert set(done["repeated"]) <= set(report.repeated)

        before = (await either.national.summary())["duplicates"]
        async with either.working():
            await either.all_delivered(45)
        assert (await either.national.summary())["duplicates"] == before, "something else was sent again"
        assert (await _reconciled(either)).missing == []


async def test_a_resent_version_keeps_its_reason_and_is_told_to_its_sender(exchange: Exchange) -> None:
    await _delivered(exchange, 2, 2)
    lost = (await exchange.national.damage(lose=1))["lost"][0]
    receipt = {row.position: row.receipt for row in await exchange.rows()}[lost]

    await _reconciled(exchange, repair=True)

    row = next(row for row in await exchange.rows() if row.position == lost)
    assert (row.state, row.next_try) == ("waiting", row.updated_at)
    assert receipt in row.reason
    async with exchange.hub.runtime.database.reading() as connection:
        noted = (await connection.execute(select(Audit.actor, Audit.subject, Audit.detail))).all()
    assert ("operator", f"national/{lost}", row.reason) in [tuple(each) for each in noted]
    assert [row.state for row in await exchange.rows() if row.position != lost] == ["delivered"] * 3


async def test_nothing_is_resent_that_is_on_its_way_already(exchange: Exchange) -> None:
    await _delivered(exchange, 4, 1)
    lost = (await exchange.national.damage(lose=2))["lost"]
    await _reconciled(exchange, repair=True)

    assert await resend(exchange.hub.runtime.database, "national", lost, "operator") == []


async def test_what_the_hub_holds_as_rejected_is_not_missing(exchange: Exchange) -> None:
    await exchange.national.dial(reject_percent=100)
    async with exchange.working() as worker:
        await exchange.platform.push(a_tender_notice(), a_tender_notice())
        await worker.until_idle()

    report = await _reconciled(exchange)

    assert (report.missing, report.undelivered, report.remaining) == ([], {"rejected": 2}, 0)


@pytest.mark.parametrize("state", ["rejected", "parked"])
async def test_what_the_target_holds_although_the_hub_calls_it_undelivered_is_too_much(
    exchange: Exchange, state: str
) -> None:
    await _delivered(exchange, 1, 1)
    async with exchange.hub.runtime.database.transaction() as connection:
        await connection.execute(update(Delivery).values(state=state))

    report = await _reconciled(exchange)

    assert [(each.position, each.why) for each in report.surplus] == [(1, state)]


async def test_what_the_target_never_decided_is_resent(exchange: Exchange) -> None:
    await _delivered(exchange, 2, 1)
    async with exchange.hub.runtime.database.transaction() as connection:
        await connection.execute(update(Delivery).where(Delivery.position == 2).values(state="unknown"))

    report = await _reconciled(exchange, repair=True)

    assert (report.unknown, report.resent, report.missing, report.remaining) == ([2], [2], [], 0)


async def test_what_was_never_decided_is_not_resent_behind_a_later_version_unless_that_is_missing_too(
    exchange: Exchange,
) -> None:
    await _delivered(exchange, 1, 2)
    async with exchange.hub.runtime.database.transaction() as connection:
        await connection.execute(update(Delivery).where(Delivery.position == 1).values(state="unknown"))

    kept = await _reconciled(exchange, repair=True)
    await exchange.national.damage(lose=2)
    lost = await _reconciled(exchange, repair=True)

    assert (kept.unknown, kept.overtaken, kept.resent, kept.remaining) == ([1], [1], [], 1)
    assert (lost.unknown, lost.overtaken, lost.resent, lost.remaining) == ([1], [], [1, 2], 0)


async def test_what_arrived_before_its_answer_is_no_difference(exchange: Exchange) -> None:
    await exchange.national.dial(error_after_store_percent=100)
    await exchange.platform.push(a_tender_notice())
    async with exchange.working():

        async def stored() -> bool:
            return bool(await exchange.national.items())

        await eventually(stored)

    report = await _reconciled(exchange)

    assert (report.unconfirmed, report.undelivered, report.remaining) == ([1], {"pending": 1}, 0)


async def test_a_target_is_asked_only_about_what_it_wants(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(), an_administrative_penalty(), a_tender_notice())
        await exchange.all_delivered(3)
        await exchange.all_delivered(1, "credit")

    report = await _reconciled(exchange, target="credit")

    assert (report.agreed, report.undelivered, report.remaining) == (1, {}, 0)


async def test_a_range_leaves_out_what_lies_outside(exchange: Exchange) -> None:
    await _delivered(exchange, 10, 2)
    await exchange.national.damage(lose=20)

    assert (await _reconciled(exchange, 3, 18)).missing == list(range(3, 19))
    assert (await _reconciled(exchange, 7, 7)).missing == [7]


def test_sums_of_parts_add_up_and_equal_items_do_not_cancel() -> None:
    one, two = hash_of(1, b"\1" * 32), hash_of(2, b"\1" * 32)

    assert Sum(1, one) + Sum(1, two) == Sum(1, two) + Sum(1, one) == Sum(2, (one + two) % 2**256)
    assert (Sum(1, one) + Sum(1, one)).total != 0
    assert one != two


def test_positions_are_told_as_ranges() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]


HELD = {"items": [{"position": 1, "digest": "0" * 64}], "next": None}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"items": 5, "next": null}',
        b'{"items": [5], "next": null}',
        b'{"items": []}',
        orjson.dumps(HELD | {"items": [{"position": 11, "digest": "0" * 64}]}),
        orjson.dumps(HELD | {"items": [{"position": "1", "digest": "0" * 64}]}),
        orjson.dumps(HELD | {"items": [{"position": True, "digest": "0" * 64}]}),
        orjson.dumps(HELD | {"items": [{"position": 1, "digest": "0" * 63}]}),
        orjson.dumps(HELD | {"items": [{"position": 1, "digest": 5}]}),
        orjson.dumps(HELD | {"items": HELD["items"] * 31}),  # type: ignore[operator]
        orjson.dumps(HELD | {"next": 1}),
        orjson.dumps(HELD | {"next": "2"}),
        orjson.dumps({"items": [], "next": 1}),
    ],
)
async def test_holdings_that_are_none_are_unreadable(body: bytes) -> None:
    with a_mocked_target() as mock:
        mock.get(url__startswith="http://target/holdings").respond(200, content=body)
        async with _holdings("http://target") as holdings:
            with pytest.raises(Unreadable):
                await holdings.items(1, 10)


GOOD: dict[str, Any] = {"first": 1, "count": 1, "sum": "0" * 64}


@pytest.mark.parametrize(
    "buckets",
    [
        None,
        5,
        [5],
        [GOOD, GOOD],
        [GOOD | {"first": 11}],
        [GOOD | {"first": -3}],
        [GOOD | {"first": 1.0}],
        [GOOD | {"count": "1"}],
        [GOOD | {"sum": "x" * 64}],
        [GOOD | {"sum": 0}],
    ],
)
async def test_buckets_that_are_none_are_unreadable(buckets: Any) -> None:
    with a_mocked_target() as mock:
        mock.get(url__startswith="http://target/holdings").respond(200, json={"buckets": buckets})
        async with _holdings("http://target") as holdings:
            with pytest.raises(Unreadable):
                await holdings.sums(1, 10, 4)


async def test_what_fails_for_the_moment_is_asked_again_and_what_is_refused_is_not() -> None:
    failing: list[httpx.Response | Exception] = [
        httpx.Response(503),
        httpx.ConnectError("away"),
        httpx.Response(200, json=HELD),
    ]
    with a_mocked_target() as mock:
        route = mock.get(url__startswith="http://target/holdings").mock(side_effect=failing)
        async with _holdings("http://target") as holdings:
            assert await holdings.items(1, 10) == {1: [b"\0" * 32]}
        assert route.call_count == 3

        route.mock(return_value=httpx.Response(404))
        async with _holdings("http://target") as holdings:
            with pytest.raises(Unreadable, match="404"):
                await holdings.items(1, 10)
            assert holdings.requests == 1


async def test_a_target_that_is_away_for_long_is_given_up_on() -> None:
    with a_mocked_target() as mock:
        mock.get(url__startswith="http://target/holdings").mock(side_effect=httpx.ConnectError("away"))
        async with _holdings("http://target") as holdings:
            with pytest.raises(NoAnswer):
                await holdings.sums(1, 10, 4)
            assert holdings.requests == 5
