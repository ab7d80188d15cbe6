"""What its sender leaves out at a target: everything behind it goes on, in order, and nothing overtakes what is held."""

import asyncio
from typing import Any

import pytest

from hub.sync.reconcile import resend
from tests.builders import a_later_version, a_tender_contract, a_tender_notice, a_tender_project_code
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio

P = a_tender_project_code("P")
WHY = {"reason": "目标平台无法受理，已线下报送"}


async def _parked(exchange: Exchange) -> dict[str, Any]:
    """Let the first version be parked; what was pushed."""
    poison = a_tender_notice(project="P")
    await exchange.national.dial(poison=[poison["data_key"]])
    await exchange.platform.push(poison)

    async def parked() -> bool:
        # It is parked only while others get through, so others are pushed.
        await exchange.platform.push(a_tender_notice(project="other"))
        return (await exchange.states()).get(1) == "parked"

    await eventually(parked)
    return poison


async def _behind(exchange: Exchange, poison: dict[str, Any]) -> list[int]:
    """Push a correction and another record of the thread; their positions once they wait."""
    pushed = await exchange.platform.push(a_later_version(poison), a_tender_contract(project="P"))
    positions = [receipt["position"] for receipt in pushed]

    async def waiting() -> bool:
        states = await exchange.states()
        return all(states.get(position) == "waiting" for position in positions)

    await eventually(waiting)
    return positions


async def _is(exchange: Exchange, position: int, state: str) -> None:
    async def it_is() -> bool:
        return (await exchange.states()).get(position) == state

    await eventually(it_is)


async def _finished(exchange: Exchange) -> None:
    head = exchange.hub.runtime.bell.heard

    async def finished() -> bool:
        states = await exchange.states()
        return len(states) >= head and set(states.values()) <= {"delivered", "skipped"}

    await eventually(finished)


async def test_a_skipped_version_lets_its_correction_and_its_thread_go_on(either: Exchange) -> None:
    async with either.working():
        behind = await _behind(either, await _parked(either))
        await either.national.dial()

        answer = await either.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
        await _finished(either)

    assert answer.status_code == 200
    assert await either.national.positions(P) == behind
    assert (await either.states())[1] == "skipped"
    shown = await either.platform.read("/v1/deliveries/national/1")
    assert (shown["delivery"]["state"], shown["skipped"]["reason"]) == ("skipped", WHY["reason"])
    told = (await either.platform.read("/v1/receipts", limit=1000))["outcomes"]
    assert [receipt["state"] for receipt in told if receipt["position"] == 1] == ["skipped"]


async def test_a_correction_that_comes_after_the_skip_follows_what_the_target_has(exchange: Exchange) -> None:
    async with exchange.working():
        poison = await _parked(exchange)
        await exchange.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
        await _finished(exchange)
        await exchange.national.dial()
        second = a_later_version(poison)
        await exchange.platform.push(second, a_later_version(second))
        await _finished(exchange)

    assert await exchange.national.told(P) == ["tender_notice 2", "tender_notice 3"]
    # The target was never asked to take a version behind one that it will not get.
    assert not any(b"gap" in attempt.answer for attempt in await exchange.attempts())


async def test_what_is_skipped_while_nobody_works_ends_with_the_next_worker(exchange: Exchange) -> None:
    async with exchange.working():
        behind = await _behind(exchange, await _parked(exchange))
    await exchange.national.dial()
    await exchange.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)

    async with exchange.working():
        await _finished(exchange)

    assert await exchange.national.positions(P) == behind


async def test_what_waits_behind_a_held_version_cannot_be_sent_before_it(exchange: Exchange) -> None:
    async with exchange.working():
        correction, contract = await _behind(exchange, await _parked(exchange))
        for position in (correction, contract):
            answer = await exchange.platform.call("POST", f"/v1/deliveries/national/{position}:resend", json=WHY)
            assert (answer.status_code, answer.json()["behind"]) == (409, 1)
        await exchange.national.dial()
        await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json=WHY)
        await _finished(exchange)

    assert await exchange.national.positions(P) == [1, correction, contract]


async def test_a_version_behind_a_held_one_can_be_skipped_and_stays_out(exchange: Exchange) -> None:
    async with exchange.working():
        correction, contract = await _behind(exchange, await _parked(exchange))
        await exchange.platform.call("POST", f"/v1/deliveries/national/{correction}:skip", json=WHY)

        async def skipped() -> bool:
            return (await exchange.states())[correction] == "skipped"

        await eventually(skipped)
        await exchange.national.dial()
        await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json=WHY)
        await _finished(exchange)

    assert await exchange.national.positions(P) == [1, contract]


async def test_what_is_to_be_skipped_is_skipped_although_a_courier_has_it_in_memory(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_contract(project="P"))
        await _is(exchange, 1, "waiting")
        await exchange.national.dial(down_for_s=600)

        async def failed() -> bool:
            return any(attempt.status == 503 for attempt in await exchange.attempts())

        await eventually(failed)
        await exchange.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
        await _is(exchange, 1, "skipped")
        await exchange.national.dial()
        await exchange.platform.push(a_tender_notice(project="P"))
        await _is(exchange, 2, "delivered")

    assert await exchange.national.positions(P) == [2]


async def test_of_a_skip_that_comes_too_late_nothing_is_left(either: Exchange) -> None:
    async with either.working():
        await either.platform.push(a_tender_contract(project="P"))
        await _is(either, 1, "waiting")
        await either.national.dial(require_parents=False, answer_latency_ms=1500)

        async def there() -> bool:
            return await either.national.positions(P) == [1]

        await eventually(there)
        answer = await either.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
        await _is(either, 1, "delivered")
        shown = await either.platform.read("/v1/deliveries/national/1")
        left = [row.skip for row in await either.rows()]
        await either.national.dial()
        await resend(either.hub.runtime.database, "national", [1], "reconciliation")
        await _is(either, 1, "delivered")

    assert answer.status_code == 200
    assert shown["skipped"] is None
    assert left == [None]


async def _failing_alone(exchange: Exchange) -> dict[str, Any]:
    """Let the first version fail alone where nothing else is sent, so that it is not parked; what was pushed."""
    poison = a_tender_notice(project="P")
    await exchange.national.dial(poison=[poison["data_key"]])
    await exchange.platform.push(poison)

    async def retrying() -> bool:
        return len(await exchange.attempts()) > 2

    await eventually(retrying)
    assert (await exchange.platform.read("/v1/deliveries/national/1"))["delivery"]["state"] == "retrying"
    return poison


async def test_what_fails_alone_without_end_can_be_skipped_and_its_thread_goes_on(either: Exchange) -> None:
    async with either.working():
        poison = await _failing_alone(either)
        await either.platform.push(a_later_version(poison), a_tender_contract(project="P"))
        await asyncio.sleep(0.3)  # They are read, and wait in memory.
        answer = await either.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
        await _is(either, 1, "skipped")
        await either.national.dial()
        await _finished(either)

    assert answer.status_code == 200
    assert await either.national.positions(P) == [2, 3]
    assert not any(b"gap" in attempt.answer for attempt in await either.attempts())


async def test_what_failed_alone_is_not_sent_by_the_next_worker_when_it_is_skipped_before(exchange: Exchange) -> None:
    async with exchange.working():
        poison = await _failing_alone(exchange)
    await exchange.platform.push(a_later_version(poison))
    await exchange.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
    await exchange.national.dial()

    async with exchange.working():
        await _finished(exchange)

    assert await exchange.national.positions(P) == [2]


async def test_what_cannot_be_skipped_or_resent_is_told_with_the_state_and_what_it_waits_behind(
    exchange: Exchange,
) -> None:
    async with exchange.working():
        await _failing_alone(exchange)
        await exchange.platform.push(a_tender_contract(project="P"))
        behind = await exchange.platform.call("POST", "/v1/deliveries/national/2:skip", json=WHY)
        again = await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json=WHY)

    assert (behind.status_code, behind.json()["state"], behind.json()["behind"]) == (409, "pending", 1)
    assert "position 1" in behind.json()["detail"]
    assert (again.status_code, again.json()["state"]) == (409, "retrying")


async def test_what_is_finished_is_not_skipped_and_what_is_skipped_is_not_resent(exchange: Exchange) -> None:
    async with exchange.working():
        await _parked(exchange)
        await exchange.all_delivered(1)
        delivered = next(p for p, state in (await exchange.states()).items() if state == "delivered")
        assert (
            await exchange.platform.call("POST", f"/v1/deliveries/national/{delivered}:skip", json=WHY)
        ).status_code == 409
        await exchange.platform.call("POST", "/v1/deliveries/national/1:skip", json=WHY)
        await _finished(exchange)

    for done in ("resend", "skip"):
        assert (await exchange.platform.call("POST", f"/v1/deliveries/national/1:{done}", json=WHY)).status_code == 409


@pytest.mark.parametrize("order", [None, {}, {"reason": ""}, {"reason": "  "}, {"reason": "a\0b"}])
async def test_nothing_is_skipped_or_resent_without_a_reason(exchange: Exchange, order: dict[str, str] | None) -> None:
    await exchange.platform.push(a_tender_notice())
    for done in ("resend", "skip"):
        answer = await exchange.platform.call("POST", f"/v1/deliveries/national/1:{done}", json=order)
        assert answer.status_code in (400, 422), answer.text
