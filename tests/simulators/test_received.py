"""What a platform tells about what it received."""

from datetime import UTC, datetime
from re import fullmatch

import pytest

from tests.simulators.builders import Client, a_tender_notice, an_item

pytestmark = pytest.mark.anyio


async def test_a_received_item_is_told_in_full(national: Client) -> None:
    item = a_tender_notice(7)
    await national.send(item)
    await national.send(item)

    (received,) = (await national.get("/received"))["items"]

    received_at = received.pop("received_at")
    assert fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", received_at)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(received_at)).total_seconds()) < 60
    assert received == {
        "seq": 1,
        "position": 7,
        "number": 1,
        "record": item["record"],
        "thread": "thread:P",
        "kind": "tender_notice",
        "status": "accepted",
        "receipt": "N0000000001",
        "digest": item["digest"],
        "duplicates": 1,
    }


async def test_pages_follow_the_cursor_to_the_end(national: Client) -> None:
    await national.send(*(a_tender_notice(position) for position in range(1, 6)))

    first = await national.get("/received", limit=3)
    second = await national.get("/received", limit=3, after=first["next"])
    third = await national.get("/received", limit=3, after=second["next"])

    assert [[i["position"] for i in page["items"]] for page in (first, second, third)] == [[1, 2, 3], [4, 5], []]
    assert third["next"] == second["next"] == 5


async def test_items_can_be_read_by_thread_and_status(national: Client) -> None:
    await national.send(a_tender_notice(1), a_tender_notice(2, of="Q"), a_tender_notice(3, of="Q", URL=None))

    async def positions(**query: str) -> list[int]:
        return [item["position"] for item in (await national.get("/received", **query))["items"]]

    assert await positions(thread="thread:Q") == [2, 3]
    assert await positions(status="rejected") == [3]
    assert await positions(thread="thread:Q", status="accepted") == [2]


async def test_a_rejected_item_is_told_with_its_errors(national: Client) -> None:
    await national.send(a_tender_notice(3, URL=None))

    received = await national.get("/received/3")

    assert (received["item"]["status"], received["item"]["receipt"]) == ("rejected", None)
    assert [(error["element"], error["rule"]) for error in received["errors"]] == [("URL", "required")]


async def test_a_reader_meets_an_item_that_is_accepted_after_it_was_rejected(national: Client) -> None:
    await national.dial(reject_percent=100)
    await national.send(a_tender_notice(1))
    await national.dial()
    after = (await national.get("/received"))["next"]
    await national.send(a_tender_notice(1))

    (item,) = (await national.get("/received", after=after))["items"]

    assert (item["position"], item["status"]) == (1, "accepted")


async def test_a_waiting_item_is_not_received(national: Client) -> None:
    await national.send(an_item(1, 506))

    assert (await national.get("/received"))["items"] == []
    assert (await national.http.get("/received/1")).status_code == 404


async def test_the_summary_counts_what_was_answered(national: Client) -> None:
    await national.send(
        a_tender_notice(1),
        a_tender_notice(1),
        a_tender_notice(2, URL=None),
        a_tender_notice(1, digest="f" * 64, idempotency_key="x"),
    )
    await national.send(an_item(9, 506, of="Q"))

    assert await national.get("/received/summary") == {
        "accepted": 1,
        "rejected": 1,
        "duplicates": 1,
        "waiting": 1,
        "conflicts": 1,
        "taken_back": 0,
        "applied": 1,
        "withdrawn": 0,
        "last_position": 1,
        "last_seq": 2,
    }


async def test_holdings_are_the_applied_positions_of_a_range(national: Client) -> None:
    items = [a_tender_notice(position, of=f"P{position}") for position in (1, 2, 5, 9)]
    await national.send(*items, a_tender_notice(3, of="X", URL=None))

    holdings = await national.get("/holdings", **{"from": 2, "to": 5})

    assert holdings == {"items": [{"position": i["position"], "digest": i["digest"]} for i in items[1:3]], "next": None}


@pytest.mark.parametrize(
    "query", [{"from": 1, "to": 5, "limit": 10_001}, {"from": 0, "to": 1}, {"from": "x", "to": 1}, {}]
)
async def test_a_range_that_is_no_range_is_refused(national: Client, query: dict[str, str]) -> None:
    response = await national.http.get("/holdings", params=query)

    assert (response.status_code, bool(response.json()["errors"])) == (422, True)


@pytest.mark.parametrize("query", [{"limit": 5_001}, {"limit": 0}, {"after": -1}, {"after": 2**63}, {"status": "lost"}])
async def test_a_page_that_is_not_offered_is_refused(national: Client, query: dict[str, str]) -> None:
    assert (await national.http.get("/received", params=query)).status_code == 422
