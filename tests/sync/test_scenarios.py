"""The real worker against a real target under each scenario: nothing lost, nothing twice, every thread in order."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.simulators.scenarios import SCENARIOS
from tests.builders import a_later_version, a_tender_notice
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio

THREADS, VERSIONS = 6, 4

SHORT: dict[str, dict[str, Any]] = {
    "accept-then-time-out": {"hang_seconds": 1},
    "slow-acknowledgements": {"answer_latency_ms": 20, "answer_jitter_ms": 300},
    "hang-beyond-lease": {"hang_seconds": 1},
    "too-many-requests": {"requests_per_s": 10, "retry_after": 1},
    "pending-receipts": {"pending_s": 0.5},
}
"""What is dialled otherwise, so that a scenario takes seconds."""

WORKER: dict[str, dict[str, Any]] = {
    "slow-acknowledgements": {"target_timeout": 5.0},
    "hang-beyond-lease": {"lease_seconds": 0.5, "target_timeout": 0.8},
}


def _threads() -> list[list[dict[str, Any]]]:
    """Versions of one notice for each of several projects."""
    threads = []
    for number in range(THREADS):
        versions = [a_tender_notice(project=f"P{number}")]
        while len(versions) < VERSIONS:
            versions.append(a_later_version(versions[-1]))
        threads.append(versions)
    return threads


async def _run(exchange: Exchange, name: str, seed: int, *, pause: float = 0) -> None:
    """Push all threads side by side while the worker delivers under the scenario, until everything is decided."""
    await exchange.national.dial(scenario=name, seed=seed, **SHORT.get(name, {}))
    worker = {"target_timeout": 0.3, "delivery_batch": 3} | WORKER.get(name, {})
    async with exchange.working(**worker):
        for versions in zip(*_threads(), strict=True):
            await exchange.platform.push(*versions)
            await asyncio.sleep(pause)

        async def decided() -> bool:
            rows = await exchange.rows()
            held = {row.thread for row in rows if row.state == "parked"}
            open_ones = [row for row in rows if row.state not in ("delivered", "rejected") and row.thread not in held]
            return len(rows) == THREADS * VERSIONS and not open_ones

        await eventually(decided, within=40)
        await _unpark(exchange)


async def _unpark(exchange: Exchange) -> None:
    """What failed alone time and again is parked, for all to see; when the target is well it is resent by hand."""
    parked = [position for position, state in (await exchange.states()).items() if state == "parked"]
    if parked:
        await exchange.national.dial()
        for position in parked:
            await exchange.platform.call(
                "POST", f"/v1/deliveries/national/{position}:resend", json={"reason": "再试一次"}
            )
        await exchange.all_delivered(THREADS * VERSIONS)


async def _held(exchange: Exchange) -> dict[int, str]:
    """The receipts of what the target has applied, once each, with every thread in order."""
    await exchange.national.dial()
    items = await exchange.national.items()
    by_thread: dict[str, list[int]] = {}
    for item in items:
        by_thread.setdefault(item["thread"], []).append(item["position"])
    assert all(positions == sorted(positions) for positions in by_thread.values())
    assert max(Counter(item["position"] for item in items).values(), default=1) == 1
    summary = await exchange.national.summary()
    assert (summary["applied"], summary["conflicts"]) == (len(items), 0)
    return {item["position"]: item["receipt"] for item in items}


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {"nightly-outage", "stale-issue-dates"}))
async def test_everything_is_delivered_once_and_in_order_under(exchange: Exchange, name: str) -> None:
    await _run(exchange, name, seed=1 if exchange.hub.runtime.database.is_postgresql else 2)

    rows = {row.position: row for row in await exchange.rows()}
    held = await _held(exchange)
    assert {row.state for row in rows.values()} == {"delivered"}
    assert held.keys() == rows.keys()
    # A target that refuses duplicates does not say under which receipt it has them.
    named = {position: row.receipt for position, row in rows.items() if row.receipt is not None}
    assert named.items() <= held.items()
    assert name == "duplicate-refusals" or len(named) == len(held)


async def test_nights_without_the_target_pass_and_nothing_is_lost(either: Exchange) -> None:
    # A day takes three seconds, a night one: the versions arrive in the course of two days.
    await either.national.clock("2026-11-20T21:00:00+08:00", speed=28_800)

    await _run(either, "nightly-outage", 0, pause=1.5)

    held = await _held(either)
    assert held == {row.position: row.receipt for row in await either.rows()}
    assert len(held) == THREADS * VERSIONS


async def test_what_comes_in_the_night_waits_for_the_morning(exchange: Exchange) -> None:
    await exchange.national.clock("2026-11-20T23:00:00+08:00", speed=14_400)

    await _run(exchange, "nightly-outage", 0)

    assert (await exchange.national.items())[0]["received_at"] >= "2026-11-20T22:00:00"
    assert any(attempt.error for attempt in await exchange.attempts())
    assert len(await _held(exchange)) == THREADS * VERSIONS


async def test_what_is_too_old_for_the_target_is_rejected_in_its_own_words_and_the_rest_goes_on(
    exchange: Exchange,
) -> None:
    versions = [a_tender_notice(project="P")]
    while len(versions) < 4:
        versions.append(a_later_version(versions[-1]))
    first = datetime.fromisoformat(versions[0]["data_timestamp"])
    # Each version is an hour younger than the one before: the first two are too old by then.
    await exchange.national.clock((first + timedelta(days=7, hours=1, minutes=30)).isoformat())
    await exchange.national.dial(scenario="stale-issue-dates")

    async with exchange.working():
        await exchange.platform.push(*versions)
        await exchange.all_delivered(2)

    assert await exchange.states() == {1: "rejected", 2: "rejected", 3: "delivered", 4: "delivered"}
    assert all("stale-issue-date" in row.reason for row in (await exchange.rows())[:2])
    assert list(await _held(exchange)) == [3, 4]
