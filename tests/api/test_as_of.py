"""`as_of`: records, lists and threads as they were at an earlier position or moment."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.moments import iso
from tests.builders import a_later_version, a_tender_contract, a_tender_notice
from tests.hub import B, Caller, Hub, a_hub, positions

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(anyio_backend: str, database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(database_url) as running:
        yield running


async def test_a_record_is_shown_as_it_was_at_a_position(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_tender_notice(), a_later_version(notice))

    async def number(as_of: Any) -> int:
        found: int = (await hub.public.read(platform.record(notice), as_of=as_of))["number"]
        return found

    assert [await number(position) for position in (1, 2, 3)] == [1, 1, 2]
    assert (await hub.public.get(platform.record(notice), as_of=0)).status_code == 404
    assert (await hub.public.get(platform.record(notice), as_of=4)).status_code == 400


async def test_a_moment_stands_for_the_last_position_that_was_received_by_then(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    receipts = await platform.push(notice, a_tender_notice(), a_later_version(notice))
    path = platform.record(notice)

    for receipt in receipts:
        answer = await hub.public.get(path, as_of=receipt["received_at"])
        assert answer.headers["hub-as-of"] == str(receipt["position"])
        assert answer.json()["number"] == (2 if receipt["position"] == 3 else 1)
    assert (await hub.public.get(path, as_of=iso(1_000_000))).status_code == 404


@pytest.mark.parametrize("as_of", ["2999-01-01T00:00:00Z", "2026-11-20T09:30:00", "yesterday", "-1", "9" * 19])
async def test_what_is_no_moment_of_the_past_is_refused(hub: Hub, platform: Caller, as_of: str) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    for path in (platform.record(notice), "/v1/records", "/v1/threads/tender:x"):
        answer = await hub.public.get(path, as_of=as_of)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-parameter"), path


async def test_a_platform_sees_its_own_record_as_it_was(platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice))

    found = await platform.read(f"/v1/records/tender_notice/{notice['data_key']}", as_of=1)

    assert found["document"] == notice


async def test_a_thread_ends_where_it_ended_then(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice(project="P")
    (receipt, *_) = await platform.push(notice, a_tender_contract(project="P"), a_later_version(notice))
    path = f"/v1/threads/{receipt['thread']}"

    assert positions((await hub.public.read(path, as_of=2))["versions"]) == [1, 2]
    assert (await hub.public.get(path, as_of=0)).status_code == 404


async def test_the_list_has_every_record_once_in_its_current_version(hub: Hub, platform: Caller) -> None:
    first, second = a_tender_notice(), a_tender_contract()
    await platform.push(first, second, a_later_version(first), a_tender_notice())
    await platform.withdraw(second)

    now = await hub.public.read("/v1/records")
    then = await hub.public.read("/v1/records", as_of=2)

    assert positions(now["records"]) == [4, 5, 3]
    assert positions(then["records"]) == [2, 1]
    assert (now["next"], then["next"]) == (None, None)


async def test_the_list_comes_in_pages_that_miss_nothing(hub: Hub, platform: Caller) -> None:
    notices = [a_tender_notice() for _ in range(5)]
    await platform.push(*notices, *(a_later_version(notice) for notice in notices))

    seen: list[int] = []
    query: dict[str, Any] = {"limit": 2, "as_of": 7}
    while True:
        page = await hub.public.read("/v1/records", **query)
        seen += positions(page["records"])
        if page["next"] is None:
            break
        query["after"] = page["next"]

    assert seen == [5, 4, 3, 7, 6]


async def test_the_list_is_narrowed_by_kind_region_platform_and_state(hub: Hub, platform: Caller) -> None:
    other = await hub.platform(B)
    gone = a_tender_notice()
    await platform.push(gone, a_tender_contract(), a_tender_notice(region_code="350200"))
    await other.push(a_tender_notice())
    await platform.withdraw(gone)

    async def found(**query: str) -> list[int]:
        return positions((await hub.public.read("/v1/records", **query))["records"])

    assert await found(kind="tender_contract") == [2]
    assert await found(region="3502") == [3]
    assert await found(platform=other.code) == [4]
    assert await found(state="withdrawn") == [5]
    assert await found(state="withdrawn", as_of="4") == []


@pytest.mark.parametrize("kind", ["\x00", "tender_notices"])
async def test_a_kind_that_there_is_not_is_refused(hub: Hub, kind: str) -> None:
    for more in ({}, {"overdue": "true"}):
        refused = await hub.public.call("GET", "/v1/records", params={"kind": ["tender_notice", kind], **more})

        assert (refused.status_code, refused.json().get("kind")) == (400, [kind])
