"""Deliveries as their sender sees them, before any worker has run and after rows were written."""

from typing import Any

import pytest
from sqlalchemy import insert

from hub.ledger.tables import Attempt, AttemptItem, Delivery
from tests.builders import a_blacklist_entry, a_later_version, a_tender_notice
from tests.hub import Caller, Hub, a_hub

pytestmark = pytest.mark.anyio


async def _a_row(hub: Hub, position: int, state: str, **changes: Any) -> None:
    row = {"target": "national", "position": position, "thread": "t", "lane": 0, "state": state, "holds": False}
    row |= {"tries": 3, "attempt": None, "updated_at": 1_000_000}
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(insert(Delivery).values(row | changes))


async def test_what_was_not_tried_yet_is_pending_at_each_of_its_targets(platform: Caller, other: Caller) -> None:
    await platform.push(a_tender_notice())
    await other.push(a_tender_notice())
    await platform.push(a_blacklist_entry())

    page = await platform.read("/v1/deliveries")

    shown = [(d["position"], d["target"], d["state"], d["tries"]) for d in page["deliveries"]]
    assert sorted(shown) == [(1, "national", "pending", 0), (3, "credit", "pending", 0), (3, "national", "pending", 0)]
    assert page["next"] == 3


async def test_deliveries_come_in_pages_and_by_target_and_state(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_blacklist_entry() for _ in range(3)))
    await _a_row(hub, 2, "rejected", reason="[]")

    first = await platform.read("/v1/deliveries", limit=2)
    rejected = await platform.read("/v1/deliveries", state="rejected")
    credit = await platform.read("/v1/deliveries", target="credit")

    assert (first["next"], {d["position"] for d in first["deliveries"]}) == (2, {1, 2})
    assert [d["position"] for d in rejected["deliveries"]] == [2]
    assert [d["position"] for d in credit["deliveries"]] == [1, 2, 3]


async def test_a_delivery_shows_every_attempt_with_the_targets_whole_answer(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())
    await _a_row(hub, 1, "rejected", reason='[{"rule": "required"}]', attempt=8)
    call = {"target": "national", "worker": "w", "started_at": 1, "finished_at": 2, "versions": 1, "error": None}
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(
            insert(Attempt).values(call | {"id": 7, "status": None, "answer": b"", "error": "away"})
        )
        await connection.execute(insert(Attempt).values(call | {"id": 8, "status": 200, "answer": "退回".encode()}))
        await connection.execute(insert(Attempt).values(call | {"id": 9, "status": 200, "answer": b"another's"}))
        await connection.execute(insert(AttemptItem).values({"attempt": 7, "position": 1}))

    found = await platform.read("/v1/deliveries/national/1")

    assert found["delivery"]["reason"] == [{"rule": "required"}]
    assert [(a["status"], a["error"], a["answer"]) for a in found["attempts"]] == [
        (None, "away", ""),
        (200, None, "退回"),
    ]


async def _an_attempt(hub: Hub, *positions: int, answer: bytes, **changes: Any) -> None:
    """An attempt that carried these and finished none of them."""
    call: dict[str, Any] = {"id": 7, "target": "national", "worker": "w", "started_at": 1, "finished_at": 2}
    call |= {"versions": len(positions), "status": 200, "error": None, "answer": answer}
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(insert(Attempt).values(call | changes))
        await connection.execute(insert(AttemptItem), [{"attempt": 7, "position": position} for position in positions])


async def _answer(caller: Caller, position: int) -> tuple[str, int | None, bool]:
    (attempt,) = (await caller.read(f"/v1/deliveries/national/{position}"))["attempts"]
    return attempt["answer"], attempt["answer_bytes"], attempt["answer_withheld"]


async def test_what_a_target_said_of_others_is_not_shown(hub: Hub, platform: Caller, other: Caller) -> None:
    await platform.push(a_tender_notice())
    await other.push(a_tender_notice())
    own = '{"position":1,"status":"rejected","errors":[{"rule":"own"}]}'
    others = '{"position":2,"status":"rejected","errors":[{"message":"联系人 13800000000"}]}'
    await _an_attempt(hub, 1, 2, answer=f'{{"results":[{others},{own}],"note":"2"}}'.encode(), answer_bytes=None)

    assert await _answer(platform, 1) == (f'{{"results":[{own}]}}', None, True)
    assert await _answer(other, 2) == (f'{{"results":[{others}]}}', None, True)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>13800000000</html>",
        b'{"results":[{"position":true,"message":"13800000000"}]}',
        b'{"results":[{"position":2,"message":"13800000000"},{"posi',
        b'{"results":{"position":1}}',
        b"[" * 1000,
    ],
)
@pytest.mark.parametrize("error", [None, "HTTP 502"])
async def test_an_answer_to_several_platforms_that_does_not_say_what_is_whose_is_shown_to_nobody(
    hub: Hub, platform: Caller, other: Caller, answer: bytes, error: str | None
) -> None:
    await platform.push(a_tender_notice())
    await other.push(a_tender_notice())
    await _an_attempt(hub, 1, 2, answer=answer, error=error, answer_bytes=70_000)

    assert await _answer(platform, 1) == ("", None, True)


async def test_an_answer_to_a_platforms_own_versions_alone_is_shown_whole(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    await _an_attempt(hub, 1, 2, answer=b"<html>502</html>", status=502, error="HTTP 502")

    assert await _answer(platform, 1) == ("<html>502</html>", None, False)


async def test_a_delivery_of_a_target_that_does_not_want_it_does_not_exist(platform: Caller) -> None:
    await platform.push(a_tender_notice())

    assert (await platform.get("/v1/deliveries/credit/1")).status_code == 404
    assert (await platform.get("/v1/deliveries/unknown/1")).status_code == 404


@pytest.mark.parametrize("state", ["parked", "rejected", "waiting"])
async def test_what_was_not_delivered_can_be_resent_at_once(hub: Hub, platform: Caller, state: str) -> None:
    await platform.push(a_tender_notice())
    await _a_row(hub, 1, state, next_try=None)

    response = await platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})

    assert (response.status_code, response.json()["state"], response.json()["tries"]) == (200, "waiting", 0)
    assert response.json()["next_try"] is not None


@pytest.mark.parametrize("order", ["resend", "skip"])
async def test_a_reason_may_have_lines_but_no_other_control_characters(database_url: str, order: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.push(a_tender_notice())
        await _a_row(hub, 1, "parked")
        path = f"/v1/deliveries/national/1:{order}"

        refused = [
            (await platform.call("POST", path, json={"reason": reason})).json()["type"]
            for reason in ("目标平台\x00已修复", "\x1b[31m", " \n ")
        ]
        taken = await platform.call("POST", path, json={"reason": "目标平台\n\t已修复"})

    assert refused == ["/problems/invalid-parameter"] * 3
    assert taken.status_code == 200


async def test_what_was_delivered_or_is_on_its_way_is_not_resent(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice(), a_tender_notice())
    await _a_row(hub, 1, "delivered", receipt="N1")

    for position in (1, 2):
        response = await platform.call(
            "POST", f"/v1/deliveries/national/{position}:resend", json={"reason": "再试一次"}
        )
        assert (response.status_code, response.json()["type"]) == (409, "/problems/delivery-not-held")


async def test_a_rejected_version_that_was_corrected_is_not_resent(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice))
    await _a_row(hub, 1, "rejected")

    response = await platform.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})

    assert (response.status_code, response.json()["current_position"]) == (409, 2)


async def test_deliveries_are_for_platforms_only(hub: Hub, consumer: Caller) -> None:
    assert (await hub.public.get("/v1/deliveries")).status_code == 401
    assert (await consumer.get("/v1/deliveries")).status_code == 403
    assert (
        await consumer.call("POST", "/v1/deliveries/national/1:resend", json={"reason": "再试一次"})
    ).status_code == 403
