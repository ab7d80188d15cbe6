"""What a platform does when its dial is turned."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from hub.simulators.dealer import Dealer
from hub.simulators.dial import Dial
from tests.simulators.builders import Client, a_platform, a_tender_notice

pytestmark = pytest.mark.anyio


async def stored(platform: Client) -> int:
    applied: int = (await platform.get("/received/summary"))["applied"]
    return applied


async def test_a_dial_is_read_as_it_was_set_and_reset_by_delete(national: Client) -> None:
    await national.dial(latency_ms=5, poison=["x"])

    assert (await national.get("/dial"))["poison"] == ["x"]
    assert (await national.http.delete("/dial")).json() == Dial().model_dump()
    assert await national.get("/dial") == Dial().model_dump()


@pytest.mark.parametrize("dial", ['{"error_percent": 101}', '{"error_percent": NaN}', '{"eror_percent": 1}'])
async def test_a_dial_that_makes_no_sense_is_refused(national: Client, dial: str) -> None:
    response = await national.http.put("/dial", content=dial, headers={"Content-Type": "application/json"})

    assert response.status_code == 422


async def test_a_dial_that_is_not_text_is_refused_like_one_that_is_not_json(national: Client) -> None:
    response = await national.http.put("/dial", content=b"\x13\xff", headers={"content-type": "application/json"})

    assert (response.status_code, response.json()["errors"][0]["rule"]) == (422, "json")


async def test_a_platform_starts_with_the_dial_that_it_is_given(tmp_path: Path) -> None:
    async with a_platform(tmp_path / "store", dial=Dial(rate_limit_percent=100)) as platform:
        assert (await platform.post(a_tender_notice(1))).status_code == 429


async def test_a_server_error_comes_before_storing(national: Client) -> None:
    await national.dial(error_percent=100)

    statuses = {(await national.post(a_tender_notice(1))).status_code for _ in range(30)}

    assert statuses == {500, 502, 503}
    assert await stored(national) == 0


async def test_a_rate_limit_says_when_to_try_again(national: Client) -> None:
    await national.dial(rate_limit_percent=100, retry_after=7)

    response = await national.post(a_tender_notice(1))

    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert await stored(national) == 0


async def test_a_gateway_page_is_html_with_either_status(national: Client) -> None:
    await national.dial(html_error_percent=100)

    responses = [await national.post(a_tender_notice(1)) for _ in range(20)]

    assert {response.status_code for response in responses} == {200, 502}
    assert {response.headers["Content-Type"] for response in responses} == {"text/html; charset=utf-8"}
    assert await stored(national) == 0


async def test_an_error_after_storing_has_stored(national: Client) -> None:
    await national.dial(error_after_store_percent=100)

    assert (await national.post(a_tender_notice(1))).status_code == 500
    assert await stored(national) == 1


async def test_a_truncated_answer_is_no_json_but_has_stored(national: Client) -> None:
    await national.dial(truncate_percent=100)

    response = await national.post(a_tender_notice(1))

    assert response.status_code == 200
    with pytest.raises(ValueError):
        response.json()
    assert await stored(national) == 1


async def test_a_hanging_answer_has_stored_and_leaves_others_alone(national: Client) -> None:
    await national.dial(hang_after_store_percent=100, hang_seconds=60)
    hanging = asyncio.create_task(national.post(a_tender_notice(1)))

    done, _ = await asyncio.wait({hanging}, timeout=0.5)

    assert not done
    assert await stored(national) == 1
    hanging.cancel()


async def test_latency_delays_the_answer(national: Client) -> None:
    await national.dial(latency_ms=80)
    began = time.monotonic()

    await national.send(a_tender_notice(1))

    assert time.monotonic() - began >= 0.08


def test_jitter_adds_up_to_its_measure() -> None:
    dealer = Dealer(Dial(latency_ms=10, latency_jitter_ms=20))

    latencies = [dealer.deal().latency_s for _ in range(200)]

    assert 0.010 <= min(latencies) < 0.015 < 0.025 < max(latencies) <= 0.030


async def test_some_items_are_rejected_and_others_are_not(national: Client) -> None:
    await national.dial(reject_percent=50)

    statuses = await national.statuses(*(a_tender_notice(n, of=f"P{n}") for n in range(1, 101)))

    assert 25 < statuses.count("rejected") < 75
    assert statuses.count("rejected") + statuses.count("accepted") == 100


async def test_a_poisoned_batch_fails_each_time_and_is_not_stored(national: Client) -> None:
    await national.dial(poison=["/tender_notice/2"])

    assert (await national.post(a_tender_notice(1), a_tender_notice(2))).status_code == 500
    assert (await national.post(a_tender_notice(1), a_tender_notice(2))).status_code == 500
    assert await stored(national) == 0
    assert await national.statuses(a_tender_notice(1)) == ["accepted"]


async def test_an_outage_ends_by_itself_and_leaves_inspection_alone(national: Client) -> None:
    await national.dial(down_for_s=0.3)

    assert (await national.post(a_tender_notice(1))).status_code == 503
    assert (await national.http.get("/holdings?from=1&to=1")).status_code == 503
    assert await stored(national) == 0
    await asyncio.sleep(0.35)
    assert await national.statuses(a_tender_notice(1)) == ["accepted"]


def fates(**dial: Any) -> list[object]:
    dealer = Dealer(Dial(**dial))
    return [dealer.deal() for _ in range(200)]


def test_the_same_seed_deals_the_same_faults() -> None:
    faulty = {"error_percent": 20, "truncate_percent": 20, "latency_jitter_ms": 9}

    assert fates(seed=5, **faulty) == fates(seed=5, **faulty) != fates(seed=6, **faulty)


def test_a_fault_happens_about_as_often_as_dialled() -> None:
    dealer = Dealer(Dial(error_percent=20))

    assert 150 < sum(dealer.deal().refusal == "error" for _ in range(1_000)) < 250
