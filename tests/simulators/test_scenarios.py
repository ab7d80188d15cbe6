"""Scenarios, the clock they go by, and each fault that they are made of."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from hub.simulators.clock import Clock
from hub.simulators.dealer import BEIJING, Dealer
from hub.simulators.dial import Dial
from hub.simulators.scenarios import SCENARIOS
from tests.simulators.builders import Client, a_platform, a_tender_notice
from tests.simulators.test_dial import stored
from tests.simulators.test_server import a_process

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_scenario_is_a_dial_that_shows_some_fault(name: str) -> None:
    dial = Dial.model_validate({"scenario": name})

    assert dial.model_dump(exclude={"scenario"}) != Dial().model_dump(exclude={"scenario"})
    assert SCENARIOS[name].en.endswith(".")


async def test_what_is_set_beside_a_scenario_holds_instead(national: Client) -> None:
    await national.dial(scenario="accept-then-time-out", hang_seconds=2)

    dial = await national.get("/dial")

    assert (dial["scenario"], dial["hang_after_store_percent"], dial["hang_seconds"]) == ("accept-then-time-out", 30, 2)
    assert (await national.http.put("/dial", json=dial)).json() == dial


async def test_a_scenario_that_is_none_is_refused_with_the_names_of_those_that_are(national: Client) -> None:
    response = await national.http.put("/dial", json={"scenario": "nightly"})

    assert response.status_code == 422
    assert "nightly-outage" in response.json()["errors"][0]["message"]


async def test_the_scenarios_are_listed_with_what_they_do(national: Client) -> None:
    listed = await national.get("/scenarios")

    assert [scenario["name"] for scenario in listed] == [*SCENARIOS]
    assert all(scenario["zh"] and scenario["en"] and scenario["faults"] for scenario in listed)


def test_a_clock_runs_from_where_it_was_set_as_fast_as_it_was_told() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    ticks = iter([100.0, 101.0, 10**12])
    clock = Clock(start, 3600, ticks=lambda: next(ticks))

    assert clock.now() == start + timedelta(hours=1)
    assert clock.now().year == 2126


@pytest.mark.parametrize("now", ["2026-11-20T21:00:00", "9999-12-31T23:59:59Z", "soon"])
async def test_a_moment_without_offset_or_out_of_bounds_is_refused(national: Client, now: str) -> None:
    assert (await national.http.post("/clock", json={"now": now})).status_code == 422


@pytest.mark.parametrize(
    ("at", "down"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("00:00", True), ("05:59", True), ("06:00", False)],
)
async def test_a_nightly_outage_goes_by_the_clock_in_beijing(national: Client, at: str, down: bool) -> None:
    await national.dial(scenario="nightly-outage")
    await national.http.post("/clock", json={"now": f"2026-11-20T{at}:00+08:00"})

    assert (await national.post(a_tender_notice(1))).status_code == (503 if down else 200)


async def test_a_night_passes_in_a_second_on_a_clock_that_is_fast_enough(national: Client) -> None:
    await national.dial(scenario="nightly-outage")
    await national.http.post("/clock", json={"now": "2026-11-20T22:00:00+08:00", "speed": 28_800})
    assert (await national.post(a_tender_notice(1))).status_code == 503

    await asyncio.sleep(1.01)

    assert (await national.post(a_tender_notice(1))).status_code == 200


@pytest.mark.parametrize(("days", "status"), [(6, "accepted"), (8, "rejected")])
async def test_what_is_too_old_is_rejected_by_its_timestamp(national: Client, days: int, status: str) -> None:
    await national.dial(scenario="stale-issue-dates")
    await national.http.post("/clock", json={"now": "2026-11-20T12:00:00+08:00"})
    issued = f"{datetime(2026, 11, 20, 12, tzinfo=BEIJING) - timedelta(days=days):%Y%m%d%H%M%S}"

    (result,) = await national.send(a_tender_notice(1, DATA_TIMESTAMP=issued))

    assert result["status"] == status
    if status == "rejected":
        assert [(e["element"], e["rule"]) for e in result["errors"]] == [("DATA_TIMESTAMP", "stale-issue-date")]


async def test_what_it_has_already_is_refused_where_duplicates_are_errors(national: Client) -> None:
    await national.dial(duplicates_as="rejected")
    assert await national.statuses(a_tender_notice(1)) == ["accepted"]

    assert await national.errors(a_tender_notice(1)) == [("", "already-received")]
    assert await stored(national) == 1


async def test_shuffled_results_are_the_same_in_another_order(national: Client) -> None:
    await national.dial(shuffle_results=True)

    results = await national.send(*(a_tender_notice(n, of=f"P{n}") for n in range(1, 30)))

    positions = [result["position"] for result in results]
    assert positions != sorted(positions) == list(range(1, 30))


async def test_more_requests_a_second_than_allowed_are_too_many(national: Client) -> None:
    await national.dial(scenario="too-many-requests")

    responses = [await national.post(a_tender_notice(1)) for _ in range(7)]

    assert [response.status_code for response in responses] == [200] * 5 + [429] * 2
    assert responses[-1].headers["Retry-After"] == "2"


async def test_a_pending_item_is_decided_when_its_time_has_come(national: Client) -> None:
    await national.dial(scenario="pending-receipts")
    await national.http.post("/clock", json={"now": "2026-11-20T12:00:00+08:00", "speed": 0.001})
    good, bad = a_tender_notice(1), a_tender_notice(2, of="Q", URL=None)
    results = await national.send(good, bad)
    assert [result["status"] for result in results] == ["pending", "pending"]
    tickets = ",".join([result["receipt"] for result in results] + ["T9", "x"])

    before = [later["result"] for later in (await national.get("/receipts", ids=tickets))["receipts"]]
    await national.http.post("/clock", json={"now": "2026-11-20T12:01:01+08:00"})
    after = [later["result"] for later in (await national.get("/receipts", ids=tickets))["receipts"]]

    assert before == [*results, None, None]
    assert after[0] == {"position": 1, "receipt": "N0000000001", "status": "accepted"}
    assert (after[1]["status"], after[1]["errors"][0]["rule"]) == ("rejected", "required")
    assert await national.statuses(good) == ["duplicate"]


def test_wrong_receipts_are_wrong_in_many_ways_and_always_so() -> None:
    dealer = Dealer(Dial())
    right = [{"position": n, "receipt": f"N{n}", "status": "accepted"} for n in (1, 2)]

    said = {orjson.dumps(dealer.wrong(right)) for _ in range(200)}

    assert len(said) == 8
    assert orjson.dumps(right) not in said


async def test_an_answer_with_wrong_receipts_has_stored(national: Client) -> None:
    await national.dial(wrong_receipt_percent=100)

    assert (await national.post(a_tender_notice(1))).status_code == 200
    assert await stored(national) == 1


async def test_an_answer_may_wait_after_storing(national: Client) -> None:
    await national.dial(answer_latency_ms=80)
    began = time.monotonic()

    await national.send(a_tender_notice(1))

    assert time.monotonic() - began >= 0.08


@pytest.fixture
def http(tmp_path: Path) -> Any:
    with a_process(tmp_path / "store") as (http, _):
        yield http


@pytest.mark.parametrize(("fault", "kept"), [("reset_percent", 0), ("reset_after_store_percent", 1)])
def test_a_connection_is_reset_before_or_after_storing(http: httpx.Client, fault: str, kept: int) -> None:
    http.put("/dial", json={fault: 100})

    with pytest.raises(httpx.TransportError):
        http.post("/batches", json={"items": [a_tender_notice(1)]})
    assert http.get("/received/summary").json()["applied"] == kept


def test_an_answer_drips_until_one_hangs_up(http: httpx.Client) -> None:
    http.put("/dial", json={"drip_percent": 100, "drip_bytes_per_s": 50})
    with http.stream("POST", "/batches", json={"items": [a_tender_notice(1)]}) as response:
        pieces = response.iter_raw()
        assert [len(next(pieces)), len(next(pieces))] == [5, 5]

    http.put("/dial", json={"drip_percent": 100, "drip_bytes_per_s": 2_000})
    assert http.post("/batches", json={"items": [a_tender_notice(1)]}).json()["results"][0]["status"] == "duplicate"


def test_a_batch_that_hangs_before_storing_is_stored_although_its_sender_has_gone(http: httpx.Client) -> None:
    http.put("/dial", json={"hang_before_store_percent": 100, "hang_seconds": 0.5})
    with pytest.raises(httpx.ReadTimeout):
        http.post("/batches", json={"items": [a_tender_notice(1)]}, timeout=0.2)
    assert http.get("/received/summary").json()["applied"] == 0

    time.sleep(0.6)

    assert http.get("/received/summary").json()["applied"] == 1


async def test_a_scenario_and_a_clock_can_be_given_at_the_start(tmp_path: Path) -> None:
    dial = Dial.model_validate({"scenario": "nightly-outage"})
    async with a_platform(tmp_path / "store", dial=dial) as platform:
        assert (await platform.get("/dial"))["down_from"] == "22:00"


def test_every_scenario_is_explained_to_those_who_try_their_sender() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text()

    assert [name for name in SCENARIOS if f"| `{name}` " not in guide] == []
