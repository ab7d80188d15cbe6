"""The daily reconciliation: when it runs, in which worker, and what it does by itself."""

import asyncio
import logging
from datetime import datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from hub.ledger.tables import Audit
from hub.settings import Settings
from hub.sync.client import Client
from hub.sync.daily import reconcile_daily, reconcile_now, seconds_until
from hub.sync.holdings import Holdings, NotOffered
from hub.sync.target import Unreadable, targets
from tests.builders import a_tender_notice
from tests.sync.exchange import Exchange, eventually
from tests.sync.mocked import a_mocked_target

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("2026-11-20T03:29:00+08:00", 60),
        ("2026-11-20T03:30:00+08:00", 86_400),
        ("2026-11-19T19:00:00Z", 1_800),
        ("2026-11-19T20:00:00Z", 84_600),
    ],
)
def test_the_next_run_is_at_its_time_in_beijing(moment: str, seconds: int) -> None:
    assert seconds_until("03:30", datetime.fromisoformat(moment)) == seconds


def test_it_runs_every_night_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_RECONCILE_AT", raising=False)

    assert Settings().reconcile_at == "03:30"


@pytest.mark.parametrize("at", ["3:30", "24:00", "night"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(ValueError, match="reconcile_at"):
        Settings(reconcile_at=at)


async def _audit(exchange: Exchange) -> list[Any]:
    statement = (
        select(Audit.__table__)
        .where(Audit.action == "target.reconcile", Audit.subject == "national")
        .order_by(Audit.id)
    )
    async with exchange.hub.runtime.database.reading() as connection:
        return list((await connection.execute(statement)).all())


async def _with_a_loss(exchange: Exchange) -> int:
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice(project=f"P{n}") for n in range(5)))
        await exchange.all_delivered(5)
    return (await exchange.national.damage(lose=1))["lost"][0]


def _a_client(exchange: Exchange) -> Client:
    return Client(exchange.settings.target_national_url, token="", seconds=5, requests=1)


async def test_a_daily_run_in_the_worker_resends_what_is_missing(
    either: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = await _with_a_loss(either)
    monkeypatch.setattr("hub.sync.daily.seconds_until", lambda _at, _moment: 0.2)

    async with either.working(reconcile_at="03:30"):

        async def refilled() -> bool:
            return lost in await either.national.positions()

        await eventually(refilled)
        await either.all_delivered(5)

    first = orjson.loads((await _audit(either))[0].detail)
    assert (first["missing"], first["resent"], first["agreed"]) == (1, 1, 4)


async def test_without_a_time_nothing_runs(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    await _with_a_loss(exchange)
    monkeypatch.setattr("hub.sync.daily.seconds_until", lambda _at, _moment: 0.01)

    async with exchange.working() as worker:
        await worker.until_idle()
        await asyncio.sleep(0.2)

    assert await _audit(exchange) == []


async def test_only_the_worker_with_the_first_lane_asks(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    await _with_a_loss(exchange)
    monkeypatch.setattr("hub.sync.daily.seconds_until", lambda _at, _moment: 0.01)
    client = _a_client(exchange)
    database = exchange.hub.runtime.database
    asking = asyncio.create_task(reconcile_daily(database, "another", {targets()["national"]: client}, "03:30"))

    await asyncio.sleep(0.3)
    asking.cancel()
    await client.close()

    assert await _audit(exchange) == []


async def test_more_than_a_person_should_be_asked_about_is_not_resent(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _with_a_loss(exchange)
    await exchange.national.damage(lose=2)
    monkeypatch.setattr("hub.sync.daily.MOST_RESENT", 2)
    client = _a_client(exchange)

    report = await reconcile_now(exchange.hub.runtime.database, targets()["national"], client)
    await client.close()

    assert (len(report.missing), report.resent, report.remaining) == (3, [], 3)


async def test_a_target_that_does_not_tell_is_asked_again_the_next_day(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("hub.sync.holdings.FIRST_PAUSE", 0.001)
    lost = await _with_a_loss(exchange)
    await exchange.national.dial(down_for_s=60)
    monkeypatch.setattr("hub.sync.daily.seconds_until", lambda _at, _moment: 0.1)

    async with exchange.working(reconcile_at="03:30"):

        async def told() -> bool:
            return "not reconciled" in caplog.text

        await eventually(told)
        await exchange.national.dial()

        async def refilled() -> bool:
            return lost in await exchange.national.positions()

        await eventually(refilled)


@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_a_target_that_offers_no_holdings_is_mentioned_once_and_asked_once_a_day(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.INFO, "hub.sync.daily")
    monkeypatch.setattr("hub.sync.daily.seconds_until", lambda _at, _moment: 0.01)
    async with exchange.working() as worker:
        await worker.until_idle()
        client = Client("http://target", token="", seconds=5, requests=1)
        with a_mocked_target() as mock:
            asked = mock.get(url__startswith="http://target/holdings").respond(status)
            database = exchange.hub.runtime.database
            asking = asyncio.create_task(
                reconcile_daily(database, worker.name, {targets()["national"]: client}, "03:30")
            )

            async def three_days_on() -> bool:
                return asked.call_count >= 3

            await eventually(three_days_on)
            asking.cancel()
        await client.close()

    (said,) = [record for record in caplog.records if record.name == "hub.sync.daily"]
    assert said.levelno == logging.INFO
    assert "offers no holdings" in said.getMessage()


async def test_a_target_that_told_and_then_has_no_such_address_is_no_target_without_holdings() -> None:
    client = Client("http://target", token="", seconds=5, requests=1)
    holdings = Holdings(client)
    with a_mocked_target() as mock:
        mock.get("http://target/holdings/buckets").respond(200, json={"buckets": []})
        mock.get("http://target/holdings").respond(404)
        await holdings.sums(1, 10, 10)
        with pytest.raises(Unreadable) as caught:
            await holdings.items(1, 10)
    await client.close()

    assert not isinstance(caught.value, NotOffered)
