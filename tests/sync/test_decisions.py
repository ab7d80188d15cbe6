"""Targets that decide later: nothing waits for them, every decision is found, and what is never said becomes unknown."""

from typing import Any

import orjson
import pytest
from sqlalchemy import update

from hub.ledger.tables import Delivery
from hub.sync import replays
from hub.sync.client import Answer, Client
from hub.sync.overtaken import overtaken
from hub.sync.target import Outcome, Reply, Unreadable
from hub.sync.wire import decisions_of
from tests.builders import a_later_version, a_tender_contract, a_tender_notice
from tests.sync.exchange import Exchange, eventually

pytestmark = pytest.mark.anyio


async def _states_are(exchange: Exchange, *states: str) -> None:
    async def they_are() -> bool:
        return list((await exchange.states()).values()) == list(states)

    await eventually(they_are)


async def test_what_is_decided_later_is_asked_for_and_told(either: Exchange) -> None:
    await either.national.dial(pending_s=1)
    notice = a_tender_notice(project="P")
    async with either.working():
        await either.platform.push(notice, a_later_version(notice))
        await _states_are(either, "pending_receipt", "pending_receipt")
        tickets = [row.receipt for row in await either.rows()]
        assert {lane.position for lane in await _settled(either)} == {2}
        await _states_are(either, "delivered", "delivered")

    receipts = {item["position"]: item["receipt"] for item in await either.national.items()}
    assert {row.position: row.receipt for row in await either.rows()} == receipts
    assert not {*tickets} & {*receipts.values()}
    assert sorted(row.sequence for row in await either.rows()) == [3, 4]


async def _settled(exchange: Exchange) -> list[Any]:
    async def settled() -> list[Any]:
        lanes = await exchange.lanes()
        return lanes if {lane.position for lane in lanes} == {2} else []

    return await eventually(settled)


async def test_a_later_rejection_is_explained_to_the_sender(exchange: Exchange) -> None:
    await exchange.national.dial(pending_s=0.5, reject_percent=100)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await _states_are(exchange, "rejected")

    shown = (await exchange.platform.read("/v1/deliveries/national/1"))["delivery"]
    assert shown["reason"][0]["rule"] == "dial"
    assert [o["state"] for o in (await exchange.platform.read("/v1/receipts"))["outcomes"]] == ["rejected"]


async def test_what_is_never_decided_becomes_unknown_and_can_be_resent(either: Exchange) -> None:
    await either.national.dial(pending_s=1000)
    async with either.working(receipt_timeout=1.0):
        await either.platform.push(a_tender_notice(project="P"))
        await _states_are(either, "unknown")
        shown = (await either.platform.read("/v1/deliveries/national/1"))["delivery"]
        assert (shown["state"], shown["reason"]) == ("unknown", "the target did not say in time what it decided")

        await either.national.dial()
        response = await either.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})
        assert response.status_code == 200
        await _states_are(either, "delivered")

    assert (await either.national.summary())["applied"] == 1


async def test_what_the_target_never_decided_does_not_undo_a_later_version(either: Exchange) -> None:
    await either.national.dial(pending_s=1000)
    database = either.hub.runtime.database
    async with either.working(receipt_timeout=1.0):
        notice = a_tender_notice(project="P")
        await either.platform.push(notice)
        await _states_are(either, "unknown")
        async with database.reading() as connection:
            before = await overtaken(connection, "national", [1])
        await either.national.dial()
        await either.platform.push(a_later_version(notice))
        await _states_are(either, "unknown", "delivered")
        response = await either.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})

    async with database.reading() as connection:
        after = await overtaken(connection, "national", [1])
        lost_too = await overtaken(connection, "national", [1], but={2})
    assert (response.status_code, response.json()["current_position"]) == (409, 2)
    assert (before, after, lost_too) == ([], [1], [])


async def test_an_outage_of_the_target_decides_nothing(exchange: Exchange) -> None:
    await exchange.national.dial(pending_s=0.5)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await _states_are(exchange, "pending_receipt")
        await exchange.national.dial(down_for_s=1, down_as="closed")
        await _states_are(exchange, "delivered")


async def test_a_pending_receipt_is_found_by_the_next_worker(exchange: Exchange) -> None:
    await exchange.national.dial(pending_s=1)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await _states_are(exchange, "pending_receipt")
    async with exchange.working():
        await _states_are(exchange, "delivered")


async def test_a_version_that_is_pending_cannot_be_resent(exchange: Exchange) -> None:
    await exchange.national.dial(pending_s=1000)
    async with exchange.working():
        await exchange.platform.push(a_tender_notice(project="P"))
        await _states_are(exchange, "pending_receipt")

    assert (
        await exchange.platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})
    ).status_code == 409


async def test_what_waits_for_its_parent_goes_when_the_parent_is_in(exchange: Exchange) -> None:
    async with exchange.working():
        await exchange.platform.push(a_tender_contract(project="P"))
        await _states_are(exchange, "waiting")
        await exchange.national.dial(pending_s=0.5)
        await exchange.platform.push(a_tender_notice(project="P"))
        await _states_are(exchange, "delivered", "delivered")


def _answer(*results: object) -> Reply:
    return Reply(200, orjson.dumps({"receipts": list(results)}))


def test_decisions_come_in_the_order_of_the_question() -> None:
    answer = _answer(
        {"id": "T2", "result": {"status": "rejected", "errors": [{"rule": "r"}], "quality": [{"field": "f"}]}},
        {"id": "T1", "result": {"status": "accepted", "receipt": "N1", "quality": "预算缺失"}},
        {"id": "T3", "result": None},
    )

    assert decisions_of(answer, ["T1", "T2", "T3", "T4"]) == [
        Outcome("delivered", receipt="N1", quality="预算缺失"),
        Outcome("rejected", reason='[{"rule":"r"}]', quality='[{"field":"f"}]'),
        Outcome("pending_receipt", receipt="T3"),
        Outcome("pending_receipt", receipt="T4"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"receipts": 5}',
        b'{"receipts": [5]}',
        b'{"receipts": [{"id": ' + b"[" * 990 + b"]" * 990 + b', "result": null}]}',
    ],
)
def test_decisions_that_cannot_be_read_are_none(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decisions_of(Reply(200, body), ["T1"])


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"result": 5},
        {"result": {"status": "perhaps"}},
        {"result": {"status": "accepted"}},
        {"result": {"status": "rejected", "errors": 5}},
    ],
)
def test_a_decision_that_cannot_be_read_stays_pending_and_keeps_no_other_back(said: dict[str, Any]) -> None:
    answer = _answer({"id": "T1", **said}, {"id": "T2", "result": {"status": "accepted", "receipt": "N2"}})

    assert decisions_of(answer, ["T1", "T2"]) == [
        Outcome("pending_receipt", receipt="T1"),
        Outcome("delivered", receipt="N2"),
    ]


async def test_what_is_asked_for_at_once_fits_in_an_address(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    get = Client.get

    async def noted(client: Client, path: str, **query: int | str) -> Answer:
        asked.append(path)
        return await get(client, path, **query)

    monkeypatch.setattr(Client, "get", noted)
    monkeypatch.setattr("hub.sync.decisions.QUESTION_BYTES", 60)
    await exchange.national.dial(pending_s=0.5)
    async with exchange.working():
        await exchange.platform.push(*(a_tender_notice(project=n) for n in range(20)))
        await exchange.all_delivered(20)

    assert 1 < max(len(path) for path in asked) <= 60


async def test_a_replay_asks_for_what_is_decided_later_and_renews_the_receipts(either: Exchange) -> None:
    database = either.hub.runtime.database
    async with either.working():
        await either.platform.push(a_tender_notice(project="P"))
        await either.all_delivered(1)
        await either.national.damage(lose=1)
        async with database.transaction() as connection:
            await connection.execute(update(Delivery).values(receipt="lost"))
        await either.national.dial(pending_s=0.5)
        replay = await replays.order(database, "national", 1, 1, reason="r", actor="operator")

        async def finished() -> bool:
            async with database.reading() as connection:
                return not await replays.unfinished(connection)

        await eventually(finished)

    assert await either.states(replay.name) == {1: "delivered"}
    (item,) = await either.national.items()
    assert [row.receipt for row in await either.rows()] == [item["receipt"]]
