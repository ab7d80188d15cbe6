"""Pushing many versions in one request."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
from starlette.types import Message

from hub.ledger.append import append
from hub.wire.envelope import Piece
from tests.builders import a_later_version, a_tender_notice
from tests.hub import Caller, Hub, a_hub, positions

pytestmark = pytest.mark.anyio


async def test_each_line_gets_its_answer_in_order(platform: Caller) -> None:
    notices = [a_tender_notice(project=n) for n in range(130)]

    answers = await platform.batch(*notices)

    assert [answer["status"] for answer in answers] == [201] * 130
    assert [a["receipt"]["record"].split("/")[2] for a in answers] == [notice["data_key"] for notice in notices]
    assert positions(a["receipt"] for a in answers) == list(range(1, 131))


async def test_the_receipt_in_a_batch_is_the_one_that_a_push_gets(platform: Caller) -> None:
    notice = a_tender_notice()
    response = await platform.send(orjson.dumps(notice))

    pushed = await platform.put(notice)

    assert response.content == b'{"status":201,"receipt":%b}\n' % pushed.content


async def test_blank_lines_and_a_missing_last_line_end_are_no_matter(platform: Caller) -> None:
    first, second = (orjson.dumps(a_tender_notice()) for _ in range(2))

    response = await platform.send(b"\n\r\n" + first + b"\r\n\n  \n" + second)

    assert [orjson.loads(line)["status"] for line in response.content.splitlines()] == [201, 201]


async def test_an_empty_batch_has_an_empty_answer(platform: Caller) -> None:
    response = await platform.send(b"")

    assert (response.status_code, response.content) == (200, b"")


async def test_a_refused_line_leaves_the_others_alone(hub: Hub, platform: Caller) -> None:
    good = a_tender_notice(), a_tender_notice()

    answers = await platform.batch(good[0], b"{", a_tender_notice(region_code="0"), good[1], good[0], b"[]")

    assert [answer["status"] for answer in answers] == [201, 400, 422, 201, 200, 400]
    assert answers[2]["problem"]["faults"][0]["pointer"] == "/region_code"
    assert (await hub.public.read("/v1/feed"))["head"] == 2


async def test_versions_of_one_record_follow_each_other_within_a_batch(platform: Caller) -> None:
    notice = a_tender_notice()
    second = a_later_version(notice)
    withdrawal = {
        "kind": "tender_notice",
        "data_key": notice["data_key"],
        "withdrawal": {"data_timestamp": "2026-10-01T00:00:00+08:00", "reason": "重复发布"},
    }

    answers = await platform.batch(notice, second, withdrawal, withdrawal)

    assert [answer["status"] for answer in answers] == [201, 201, 201, 200]
    assert [answer["receipt"]["number"] for answer in answers] == [1, 2, 3, 3]


async def test_a_withdrawal_in_a_batch_is_the_one_of_the_route(platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)
    by_route = await platform.withdraw(notice)
    line = {"kind": "tender_notice", "data_key": notice["data_key"], "withdrawal": {}}
    line["withdrawal"] = {"data_timestamp": "2026-10-01T00:00:00+08:00", "reason": "重复发布"}

    (answer,) = await platform.batch(line)

    assert (answer["status"], answer["receipt"]) == (200, by_route.json())


async def test_lines_may_arrive_in_any_pieces(platform: Caller) -> None:
    body = b"\n".join(orjson.dumps(a_tender_notice()) for _ in range(3))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 700):
            yield body[start : start + 700]

    response = await platform.send(pieces())

    assert [orjson.loads(line)["status"] for line in response.content.splitlines()] == [201] * 3


@pytest.mark.parametrize("piece", [100, 1_000_000])
async def test_an_over_long_line_ends_the_batch_after_the_lines_before_it(sqlite_database_url: str, piece: int) -> None:
    before, after = (orjson.dumps(a_tender_notice()) for _ in range(2))
    limit = max(len(before), len(after)) + 10
    body = b"\n".join([before, b" " * (limit + 1), after])

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), piece):
            yield body[start : start + piece]

    async with a_hub(sqlite_database_url, max_line_bytes=limit) as hub:
        platform = await hub.platform()
        answers = [orjson.loads(line) for line in (await platform.send(pieces())).content.splitlines()]

        assert [answer["status"] for answer in answers] == [201, 413]
        assert answers[1]["problem"]["limit"] == limit
        assert (await hub.public.read("/v1/feed"))["head"] == 1


async def test_another_media_type_is_refused(platform: Caller) -> None:
    response = await platform.call("POST", "/v1/records:batch", json=[a_tender_notice()])

    assert (response.status_code, response.headers["content-type"]) == (415, "application/problem+json")


async def test_a_database_that_stays_away_is_told_line_by_line(
    platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.appender.RETRY_FOR", 0.0)

    async def away(*_: object) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr("hub.ledger.appender.append", away)
    notice = a_tender_notice()
    answers = await platform.batch(notice, b"{")
    monkeypatch.setattr("hub.ledger.appender.append", append)
    (again,) = await platform.batch(notice)

    assert [answer["status"] for answer in answers] == [503, 400]
    assert answers[0]["problem"]["type"] == "/problems/overloaded"
    assert again["status"] == 201


async def test_an_answer_ends_also_where_something_unexpected_happens(
    platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> AsyncIterator[list[Piece]]:
        yield [Piece(orjson.dumps(a_tender_notice()))]
        raise ZeroDivisionError

    monkeypatch.setattr("hub.api.batch._lines", broken)
    answers = await asyncio.wait_for(platform.batch(), 5)

    assert [answer["status"] for answer in answers] == [201, 503]


async def test_what_a_sender_had_handed_in_before_it_hung_up_is_appended(hub: Hub, platform: Caller) -> None:
    lines = b"".join(orjson.dumps(a_tender_notice()) + b"\n" for _ in range(3))

    await _hang_up_after(hub, platform, lines + b'{"kind": "tend')

    assert (await hub.public.read("/v1/feed", wait=5))["head"] == 3


async def _hang_up_after(hub: Hub, platform: Caller, sent: bytes) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": sent, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        pass

    headers = {"authorization": f"Bearer {platform.key}", "content-type": "application/x-ndjson"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/records:batch",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await hub.app(scope, receive, send)
