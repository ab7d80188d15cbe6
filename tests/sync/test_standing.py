"""What a sender sees of a version that is not delivered yet: how often, why not, when next, and behind what."""

from typing import Any

import pytest

from tests.builders import a_later_version, a_tender_contract, a_tender_notice
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio


async def _shown(exchange: Exchange) -> dict[int, dict[str, Any]]:
    deliveries = (await exchange.platform.read("/v1/deliveries", target="national"))["deliveries"]
    return {delivery["position"]: delivery for delivery in deliveries}


async def test_an_outage_is_seen_in_every_delivery_that_it_keeps(either: Exchange) -> None:
    notice = a_tender_notice(project="P")
    await either.platform.push(notice, a_later_version(notice), a_tender_notice(project="Q"))
    await either.national.dial(down_for_s=60)
    async with either.working():

        async def retrying() -> bool:
            return bool((await _shown(either))[1]["tries"] >= 2)

        await eventually(retrying)
        shown = await _shown(either)

    first, second = shown[1], shown[2]
    assert (first["state"], first["last_error"], first["behind"]) == ("retrying", "HTTP 503", None)
    assert first["next_try"] >= first["updated_at"]
    assert second["behind"]["position"] == 1
    assert (second["behind"]["record"], second["behind"]["state"]) == (first["record"], "retrying")
    assert shown[3]["behind"] is None
    assert all(0 <= delivery["age_seconds"] < 120 and delivery["alarm"] is None for delivery in shown.values())
    assert await either.states() == {}


async def test_what_waits_behind_a_parked_version_names_it(exchange: Exchange) -> None:
    poison = a_tender_notice(project="P")
    await exchange.national.dial(poison=[poison["data_key"]])
    async with exchange.working():
        await exchange.platform.push(poison)

        async def parked() -> bool:
            await exchange.platform.push(a_tender_notice(project="other"))
            return (await exchange.states()).get(1) == "parked"

        await eventually(parked)
        (receipt,) = await exchange.platform.push(a_tender_contract(project="P"))

        async def aside() -> bool:
            return (await exchange.states()).get(receipt["position"]) == "waiting"

        await eventually(aside)

    shown = (await exchange.platform.read(f"/v1/deliveries/national/{receipt['position']}"))["delivery"]
    assert shown["behind"] == {"position": 1, "record": _record(exchange, poison), "state": "parked"}
    assert (shown["reason"], shown["next_try"]) == ("behind an earlier version", None)


def _record(exchange: Exchange, submission: dict[str, Any]) -> str:
    return f"{exchange.platform.code}/{submission['kind']}/{submission['data_key']}"


async def test_a_later_version_of_a_record_that_waits_names_the_one_that_it_waits_for(exchange: Exchange) -> None:
    contract = a_tender_contract(project="P")
    async with exchange.working():
        await exchange.platform.push(contract, a_later_version(contract))

        async def both_wait() -> bool:
            return await exchange.states() == {1: "waiting", 2: "waiting"}

        await eventually(both_wait)
        shown = await _shown(exchange)

    assert shown[1]["behind"] is None
    assert shown[1]["next_try"] is not None
    assert shown[2]["behind"]["position"] == 1


async def test_what_is_delivered_has_no_age_and_waits_for_nothing(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_notice())
        await exchange.all_delivered(1)

    (shown,) = (await _shown(exchange)).values()
    assert (shown["age_seconds"], shown["alarm"], shown["behind"], shown["last_error"]) == (None, None, None, None)


async def test_what_a_target_began_behind_is_no_delivery_of_it(exchange: Exchange) -> None:
    await exchange.platform.push(a_tender_notice(), a_tender_notice())
    async with exchange.working(target_starts={"national": "now"}):

        async def begun() -> bool:
            return len(await exchange.lanes()) > 0

        await eventually(begun)
        await exchange.platform.push(a_tender_notice())
        await exchange.all_delivered(1)
        listed = await exchange.platform.read("/v1/deliveries", target="national")
        shown = await exchange.platform.call("GET", "/v1/deliveries/national/1")
        resent = await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "r"})

    assert [(delivery["position"], delivery["state"]) for delivery in listed["deliveries"]] == [(3, "delivered")]
    assert (shown.status_code, resent.status_code) == (404, 404)
