"""Clients that push to a hub behind the fault dial: what each fault leaves stored, and what repeating does."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from hub import sender
from hub.simulators.reach import OF_ITEMS, reaching
from hub.simulators.scenarios import SCENARIOS
from tests.builders import a_tender_notice, without
from tests.simulators.rehearsals import Client, a_rehearsal, answered

BEFORE: dict[str, dict[str, Any]] = {
    "error": {"error_percent": 100},
    "reset": {"reset_percent": 100},
    "rate limit": {"rate_limit_percent": 100, "retry_after": 7},
    "html": {"html_error_percent": 100},
    "outage": {"down_for_s": 600},
    "closed": {"down_for_s": 600, "down_as": "closed"},
    "poison": {"poison": ["tender_notice"]},
}
"""Faults that leave nothing stored."""

AFTER: dict[str, dict[str, Any]] = {
    "error": {"error_after_store_percent": 100},
    "reset": {"reset_after_store_percent": 100},
    "hang": {"hang_after_store_percent": 100, "hang_seconds": 600},
    "truncated": {"truncate_percent": 100},
}
"""Faults that have stored."""


@pytest.fixture(scope="module")
def running() -> Iterator[Client]:
    with a_rehearsal() as (client, _, _):
        yield client


@pytest.fixture
def client(running: Client) -> Iterator[Client]:
    """A client of a hub without faults."""
    running.dial()
    yield running
    running.dial()


@pytest.mark.parametrize("fault", BEFORE)
def test_a_fault_before_storing_stores_nothing(client: Client, fault: str) -> None:
    notice = a_tender_notice()
    client.dial(**BEFORE[fault])

    assert answered(lambda: client.put(notice)) is None
    assert client.numbers(notice) == []

    client.dial()
    assert client.put(notice).status_code == 201
    assert client.numbers(notice) == [1]


@pytest.mark.parametrize("fault", AFTER)
def test_a_fault_after_storing_has_stored_and_who_repeats_gets_the_first_receipt(client: Client, fault: str) -> None:
    notice = a_tender_notice()
    client.dial(**AFTER[fault])

    assert answered(lambda: client.put(notice, timeout=1)) is None
    (entry,) = client.http.get("/v1/feed", params={"after": client.http.get("/v1/status").json()["head"] - 1}).json()[
        "entries"
    ]

    client.dial()
    repeated = client.put(notice)
    assert repeated.status_code == 200
    assert {name: entry[name] for name in ("position", "digest", "received_at")}.items() <= repeated.json().items()
    assert client.numbers(notice) == [1]


@pytest.mark.parametrize("fault", BEFORE)
def test_a_fault_before_storing_stores_nothing_of_a_batch(client: Client, fault: str) -> None:
    notices = [a_tender_notice() for _ in range(3)]
    client.dial(**BEFORE[fault])

    assert answered(lambda: client.batch(*notices)) is None
    assert [client.numbers(notice) for notice in notices] == [[], [], []]


@pytest.mark.parametrize("fault", AFTER)
def test_a_fault_after_storing_has_stored_all_of_a_batch(client: Client, fault: str) -> None:
    notices = [a_tender_notice() for _ in range(3)]
    client.dial(**AFTER[fault])

    assert answered(lambda: client.batch(*notices, timeout=1)) is None
    assert [client.numbers(notice) for notice in notices] == [[1], [1], [1]]

    client.dial()
    assert [orjson.loads(line)["status"] for line in client.batch(*notices).text.splitlines()] == [200, 200, 200]


def test_a_truncated_batch_is_answered_half_and_drips_are_whole_in_the_end(client: Client) -> None:
    notices = [a_tender_notice() for _ in range(4)]
    client.dial(truncate_percent=100)
    half = client.batch(*notices)
    client.dial(drip_percent=100, drip_bytes_per_s=10_000)
    dripped = client.batch(*notices)

    assert half.headers["content-type"] == dripped.headers["content-type"] == "application/x-ndjson"
    assert len(half.content) == len(dripped.content) // 2
    assert len(dripped.text.splitlines()) == 4


@pytest.mark.parametrize("path", ["/v1/records/tender_notice/{data_key}", "/v1/records:batch"])
def test_an_answer_drips_and_whoever_hangs_up_has_stored(client: Client, path: str) -> None:
    notice = a_tender_notice()
    client.dial(drip_percent=100, drip_bytes_per_s=50)
    how = ("POST", "application/x-ndjson") if path.endswith("batch") else ("PUT", "application/json")

    headers = {"content-type": how[1]}
    with client.http.stream(how[0], path.format(**notice), content=orjson.dumps(notice), headers=headers) as answer:
        pieces = answer.iter_raw()
        assert [len(next(pieces)), len(next(pieces))] == [5, 5]
    assert client.numbers(notice) == [1]


@pytest.mark.parametrize("send", ["put", "batch"])
def test_what_hangs_before_storing_is_stored_although_its_client_has_gone(client: Client, send: str) -> None:
    notice = a_tender_notice()
    client.dial(hang_before_store_percent=100, hang_seconds=1)

    with pytest.raises(httpx.ReadTimeout):
        getattr(client, send)(notice, timeout=0.3)
    assert client.numbers(notice) == []

    time.sleep(1.2)
    assert client.numbers(notice) == [1]


@pytest.mark.parametrize("dial", [{"latency_ms": 200}, {"answer_latency_ms": 200}, {"scenario": "hang-beyond-lease"}])
def test_an_answer_that_is_late_is_the_hubs_own(client: Client, dial: dict[str, Any]) -> None:
    client.dial(**({"hang_before_store_percent": 100, "hang_seconds": 0.2} if "scenario" in dial else {}) | dial)
    began = time.monotonic()

    answer = client.put(a_tender_notice())

    assert answer.status_code == 201
    assert answer.headers["etag"] == f'"{answer.json()["digest"]}"'
    assert time.monotonic() - began >= 0.2


def test_more_requests_a_second_than_allowed_are_too_many(client: Client) -> None:
    client.dial(scenario="too-many-requests")

    answers = [client.put(a_tender_notice()) for _ in range(7)]

    assert [answer.status_code for answer in answers].count(429) == 2
    assert answers[-1].headers["retry-after"] == "2"


def test_a_poisoned_document_spoils_its_batch_and_no_other(client: Client) -> None:
    bad, good = a_tender_notice(), a_tender_notice()
    client.dial(poison=[bad["data_key"]])

    assert client.put(bad).status_code == client.batch(good, bad).status_code == 500
    assert client.put(good).status_code == 201
    assert client.numbers(bad) == []


def test_a_nightly_outage_goes_by_the_clock_and_spares_what_shows_the_hub(client: Client) -> None:
    client.dial(scenario="nightly-outage")
    client.http.post("/clock", json={"now": "2026-11-20T22:00:00+08:00"}).raise_for_status()

    for ask in (lambda: client.put(a_tender_notice()), lambda: client.http.get("/v1/receipts")):
        with pytest.raises(httpx.TransportError):
            ask()
    for path in ("/healthz", "/docs", "/openapi.json", "/dial", "/dial/docs", "/scenarios", "/v1/feed", "/kinds"):
        assert client.http.get(path).status_code == 200, path
    client.http.post("/clock", json={"now": "2026-11-21T06:00:00+08:00"}).raise_for_status()
    assert client.put(a_tender_notice()).status_code == 201


def test_withdrawals_and_receipts_meet_the_dial_too(client: Client) -> None:
    notice = a_tender_notice()
    client.receipt(notice)
    path = f"/v1/records/{notice['kind']}/{notice['data_key']}:withdraw"
    reason = {"data_timestamp": "2026-11-01T00:00:00+08:00", "reason": "重复发布"}
    client.dial(error_after_store_percent=100)

    assert client.http.get("/v1/receipts").status_code == 500
    assert client.http.post(path, json=reason).status_code == 500
    assert client.numbers(notice) == [1, 2]
    client.dial()
    assert client.http.post(path, json=reason).status_code == 200
    assert client.http.get("/v1/receipts").json()["outcomes"] == []


def test_an_answer_that_is_a_refusal_may_be_spoilt_too(client: Client) -> None:
    client.dial(drip_percent=100, drip_bytes_per_s=10_000)

    refused = client.put(without(a_tender_notice(), "body", "notice_name"))
    unknown = client.http.put("/v1/records/x/y", json={}, headers={"authorization": "Bearer hub_0"})

    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["faults"]
    assert unknown.status_code == 401


def test_a_batch_that_meets_no_fault_is_answered_while_it_arrives(client: Client) -> None:
    first, second = a_tender_notice(), a_tender_notice()
    stored_before_the_second: list[list[int]] = []

    def lines() -> Iterator[bytes]:
        yield orjson.dumps(first) + b"\n"
        until = time.monotonic() + 5
        while not client.numbers(first) and time.monotonic() < until:
            time.sleep(0.02)
        stored_before_the_second.append(client.numbers(first))
        yield orjson.dumps(second) + b"\n"

    headers = {"content-type": "application/x-ndjson"}
    answer = client.http.post("/v1/records:batch", content=lines(), headers=headers)

    assert stored_before_the_second == [[1]]
    assert len(answer.text.splitlines()) == 2


@pytest.mark.parametrize("scenario", [each.name for each in reaching(OF_ITEMS) if each.name != "nightly-outage"])
def test_a_naive_client_loses_and_doubles_nothing_under_any_scenario(client: Client, scenario: str) -> None:
    notices = [a_tender_notice() for _ in range(12)]
    quick = {"hang_seconds": 0.6, "answer_jitter_ms": 400, "requests_per_s": 60, "drip_bytes_per_s": 5_000}
    faults = SCENARIOS[scenario].faults
    client.dial(scenario=scenario, seed=4, **{name: value for name, value in quick.items() if name in faults})

    receipts = [client.receipt(notice) for notice in notices[:8]] + client.receipts(*notices[8:])

    client.dial()
    assert receipts == [client.put(notice).json() for notice in notices]
    assert [client.numbers(notice) for notice in notices] == [[1]] * 12


@pytest.mark.anyio
@pytest.mark.parametrize(
    "dial",
    [
        {"error_after_store_percent": 40},
        {"reset_after_store_percent": 40},
        {"reset_percent": 40},
        {"truncate_percent": 40},
        {"html_error_percent": 40},
        {"down_for_s": 1.5},
        {"down_for_s": 1.5, "down_as": "closed"},
    ],
    ids=lambda dial: " ".join(dial),
)
async def test_hub_push_finishes_with_everything_stored_once(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dial: dict[str, Any]
) -> None:
    notices = [a_tender_notice() for _ in range(40)]
    file, answers = tmp_path / "notices.ndjson", tmp_path / "answers.ndjson"
    file.write_bytes(b"\n".join(map(orjson.dumps, notices)))
    monkeypatch.setattr(sender, "MAX_LINES", 8)
    monkeypatch.setattr(sender, "FIRST_PATIENCE", 60)
    client.dial(seed=2, **dial)

    code = await sender.push_file(file, url=client.url, key=client.key, answers=answers)

    assert code == sender.ALL_ACCEPTED
    client.dial()
    told = [orjson.loads(line)["receipt"] for line in answers.read_bytes().splitlines()]
    assert told == [client.put(notice).json() for notice in notices]
    assert [client.numbers(notice) for notice in notices] == [[1]] * 40


@pytest.mark.parametrize(
    "dial",
    [{name: value} for name, value in {"reject_percent": 5, "pending_s": 5, "shuffle_results": True}.items()]
    + [{"scenario": "wrong-receipts"}, {"scenario": "pending-receipts"}, {"error_percent": 101}],
)
def test_a_dial_without_effect_on_a_hub_is_refused(client: Client, dial: dict[str, Any]) -> None:
    response = client.http.put("/dial", json=dial)

    assert response.status_code == 422
    assert client.http.get("/dial").json()["scenario"] is None


def test_scenarios_are_listed_with_what_they_do_to_a_hub(client: Client) -> None:
    listed = {each["name"]: each["faults"] for each in client.http.get("/scenarios").json()}

    assert SCENARIOS.keys() - listed.keys() == {"stale-issue-dates", "wrong-receipts", "pending-receipts"}
    assert "shuffle_results" not in listed["slow-acknowledgements"]
    client.dial(scenario="slow-acknowledgements")
    dial = client.http.get("/dial").json()
    assert (dial["answer_jitter_ms"], dial["shuffle_results"]) == (3_000, False)
    assert client.http.put("/dial", json=dial).json() == dial
