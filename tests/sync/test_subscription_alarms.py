"""A subscriber that gets nothing raises the alarms that a target does, in its state and once each in the log."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.moments import now
from hub.sync import subscriptions
from hub.sync.alarming import raise_alarms
from hub.sync.tables import Subscription
from tests.builders import a_procurement_notice, a_tender_notice
from tests.sync.exchange import Exchange, eventually
from tests.sync.hooks import Hook, a_hook

pytestmark = pytest.mark.anyio

HOUR = 3600
MADE = ("hub.sync.subscriptions.now", "hub.ledger.append.now", "hub.sync.book.now", "hub.sync.atonce.now")


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_hook() as running:
        yield running


@pytest.fixture
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.alarming.LOOK_EVERY", 0.05)


def _ago(patched: pytest.MonkeyPatch, seconds: float) -> None:
    """Let what is made now have been made so many seconds ago."""
    for name in MADE:
        patched.setattr(name, lambda: now() - int(seconds * 1_000_000))


async def _subscribed(exchange: Exchange, hook: Hook, **order: Any) -> str:
    order = {"what": "versions", "url": hook.url, "start": 0} | order
    response = await exchange.platform.call("POST", "/v1/subscriptions", json=order)
    assert response.status_code == 201, response.text
    return str(response.json()["name"])


async def _alarm(exchange: Exchange, name: str) -> tuple[str | None, float]:
    shown = await exchange.platform.read(f"/v1/subscriptions/{name}")
    return shown["alarm"], shown["lag_seconds"]


@pytest.mark.parametrize(("seconds", "alarm"), [(0, None), (400, "5 min"), (2 * HOUR, "1 h"), (25 * HOUR, "24 h")])
async def test_what_a_subscriber_does_not_have_raises_an_alarm_by_its_age(
    either: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch, seconds: float, alarm: str | None
) -> None:
    with monkeypatch.context() as patched:
        _ago(patched, seconds)
        name = await _subscribed(either, hook)
        await either.platform.push(a_tender_notice())

    found, lag = await _alarm(either, name)

    assert found == alarm
    assert seconds <= lag < seconds + 60


async def test_what_was_there_before_counts_from_the_subscription(
    exchange: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _ago(patched, 25 * HOUR)
        await exchange.platform.push(a_tender_notice())
    name = await _subscribed(exchange, hook)

    found, lag = await _alarm(exchange, name)

    assert found is None
    assert lag < 60


async def test_a_pause_is_no_delay(exchange: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        _ago(patched, 25 * HOUR)
        name = await _subscribed(exchange, hook)
        await exchange.platform.push(a_tender_notice())

    await exchange.platform.call("POST", f"/v1/subscriptions/{name}:pause")
    paused = await _alarm(exchange, name)
    await exchange.platform.call("POST", f"/v1/subscriptions/{name}:resume")
    resumed = await _alarm(exchange, name)

    assert paused == (None, 0.0)
    assert resumed[0] is None
    assert resumed[1] < 60


async def test_what_a_subscriber_does_not_want_raises_no_alarm(
    exchange: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _ago(patched, 2 * HOUR)
        name = await _subscribed(exchange, hook, filter={"kinds": ["procurement_notice"]})
        await exchange.platform.push(a_tender_notice())
        unwanted = await _alarm(exchange, name)
        await exchange.platform.push(a_procurement_notice())

    assert unwanted == (None, 0.0)
    assert (await _alarm(exchange, name))[0] == "1 h"


async def test_outcomes_that_are_not_told_raise_an_alarm(
    either: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.statuses = [503] * 10_000
    with monkeypatch.context() as patched:
        _ago(patched, 2 * HOUR)
        name = await _subscribed(either, hook, what="outcomes")
        await either.platform.push(a_tender_notice())
        async with either.working():
            await either.all_delivered(1)

    assert (await _alarm(either, name))[0] == "1 h"


@pytest.mark.usefixtures("looking_often")
async def test_a_subscriber_that_is_down_is_logged_once_and_again_when_it_has_caught_up(
    exchange: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "hub.sync.alarming")
    hook.statuses = [503] * 10_000
    with monkeypatch.context() as patched:
        _ago(patched, 25 * HOUR)
        name = await _subscribed(exchange, hook)
        await exchange.platform.push(a_tender_notice())

    def said() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.getMessage().startswith(name)]

    async with exchange.working():

        async def raised() -> bool:
            return bool(said())

        await eventually(raised)
        await asyncio.sleep(0.3)
        (alarm,) = said()
        hook.statuses = []

        async def over() -> bool:
            return len(said()) > 1

        await eventually(over)

    assert "not delivered for more than 24 h" in alarm
    assert "newest request" in alarm
    assert hook.url not in alarm
    assert said()[1:] == [f"{name}: nothing is overdue any more"]


@pytest.mark.usefixtures("looking_often")
async def test_a_subscription_that_cannot_be_looked_at_hides_no_other(
    either: Exchange, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "hub.sync.alarming")
    with monkeypatch.context() as patched:
        _ago(patched, 25 * HOUR)
        broken, name = await _subscribed(either, hook), await _subscribed(either, hook)
        await either.platform.push(a_tender_notice())

    async def standing(connection: AsyncConnection, told: Subscription) -> Any:
        if told.name == broken:
            await connection.execute(text("SELECT nothing FROM nowhere"))
        return await look(connection, told)

    look = subscriptions.standing
    monkeypatch.setattr("hub.sync.subscriptions.standing", standing)
    looking = asyncio.create_task(raise_alarms(either.hub.runtime.database, ("national",)))

    async def raised() -> bool:
        return all(f"{late}: something is not delivered" in caplog.text for late in ("national", name))

    await eventually(raised)
    looking.cancel()
    assert f"{broken}: its lag could not be looked at" in caplog.text
