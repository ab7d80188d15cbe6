"""Reading records: the current version, the history, the difference of two versions, and the thread."""

import pytest

from tests.builders import a_later_version, a_tender_contract, a_tender_notice
from tests.hub import Caller, Hub, a_hub, positions

pytestmark = pytest.mark.anyio


async def test_the_current_version_is_shown_to_everybody_with_its_etag(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    (_, second) = await platform.push(notice, a_later_version(notice))

    response = await hub.public.get(platform.record(notice))

    assert (response.status_code, response.headers["etag"]) == (200, f'"{second["digest"]}"')
    assert response.json()["number"] == 2
    assert response.json()["document"]["change"] == {"reason": "更正笔误"}


async def test_a_platform_finds_its_own_record_by_its_own_key(
    platform: Caller, other: Caller, consumer: Caller
) -> None:
    notice = a_tender_notice()
    await platform.push(notice)
    path = f"/v1/records/tender_notice/{notice['data_key']}"

    assert (await platform.read(path))["document"] == notice
    assert (await other.get(path)).status_code == 404
    assert (await consumer.get(path)).status_code == 403
    assert (await Caller(platform.http).get(path)).status_code == 401


async def test_the_history_has_every_version_oldest_first(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_tender_notice(), a_later_version(notice))
    await platform.withdraw(notice)

    page = await hub.public.read(platform.record(notice, "/versions"))

    assert [(v["number"], v["position"], v["state"]) for v in page["versions"]] == [
        (1, 1, "published"),
        (2, 3, "published"),
        (3, 4, "withdrawn"),
    ]
    assert page["next"] == 3


async def test_the_history_comes_in_pages(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice), a_later_version(a_later_version(notice)))
    path = platform.record(notice, "/versions")

    first = await hub.public.read(path, limit=2)
    rest = await hub.public.read(path, limit=2, after=first["next"])

    assert [v["number"] for v in first["versions"] + rest["versions"]] == [1, 2, 3]
    assert (first["next"], rest["next"]) == (2, 3)


async def test_one_version_is_shown_by_number_and_by_position(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice))

    by_number = await hub.public.get(platform.record(notice, "/versions/1"))
    by_position = await hub.public.get("/v1/versions/1")

    assert by_number.json()["number"] == 1
    assert by_number.content == by_position.content
    assert by_number.headers["etag"] == by_position.headers["etag"]


async def test_what_is_not_there_is_not_found(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)

    for path in (
        platform.record(a_tender_notice()),
        platform.record(notice, "/versions/2"),
        platform.record(a_tender_notice(), "/versions"),
        "/v1/versions/2",
        "/v1/threads/tender:unknown",
        "/v1/nothing",
        "/problems/nothing",
    ):
        response = await hub.public.get(path)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json"), path
        assert response.json()["type"] == "/problems/not-found"


async def test_a_method_that_is_not_offered_is_refused_with_those_that_are(hub: Hub) -> None:
    response = await hub.public.call("DELETE", "/v1/feed")

    assert (response.status_code, response.json()["type"]) == (405, "/problems/method-not-allowed")
    assert response.headers["allow"] == "GET"


async def test_the_receipt_is_the_same_bytes_for_the_sender_and_hidden_from_others(
    hub: Hub, platform: Caller, other: Caller, consumer: Caller
) -> None:
    notice = a_tender_notice()
    first = await platform.put(notice)
    await platform.push(a_later_version(notice))
    path = platform.record(notice, "/versions/1/receipt")

    mine = await platform.get(path)

    assert (mine.content, mine.headers["etag"]) == (first.content, first.headers["etag"])
    assert (await consumer.get(path)).content == first.content
    assert (await other.get(path)).status_code == 403
    assert (await hub.public.get(path)).status_code == 401


async def test_the_difference_of_two_versions_has_chinese_titles(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    later = a_later_version(
        notice,
        body__notice_name="更正后的标题",
        body__bid_open_time="2026-04-16T09:30:00+08:00",
        body__is_postpone="1",
        attachments__0__name="更正后的附件.pdf",
    )
    await platform.push(notice, later)

    found = await hub.public.read(platform.record(notice, "/diff"), before=1, after=2)

    changes = {d["pointer"]: (d["title"], d["before"], d["after"]) for d in found["differences"]}
    assert (found["before"], found["after"], found["reason"]) == (1, 2, "更正笔误")
    assert changes["/body/notice_name"] == ("公告标题", notice["body"]["notice_name"], "更正后的标题")
    assert changes["/body/bid_open_time"][0] == "开标时间/开启时间"
    assert changes["/data_timestamp"][0] == "数据时间戳"
    assert changes["/attachments/0/name"][2] == "更正后的附件.pdf"
    assert [d["pointer"] for d in found["differences"]] == sorted(changes)


async def test_a_difference_shows_the_public_only_public_fields(
    hub: Hub, platform: Caller, other: Caller, consumer: Caller
) -> None:
    notice = a_tender_notice()
    codes = notice["body"]["unified_deal_codes"]
    await platform.push(notice, a_later_version(notice, body__unified_deal_codes=codes[::-1]))
    path = platform.record(notice, "/diff")

    async def pointers(reader: Caller) -> set[str]:
        found = await reader.read(path, before=1, after=2)
        return {d["pointer"] for d in found["differences"] if "unified" in d["pointer"]}

    assert await pointers(hub.public) == await pointers(other) == set()
    assert await pointers(platform) == await pointers(consumer) != set()


async def test_the_difference_to_a_withdrawal_gives_its_reason(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)
    await platform.withdraw(notice)

    found = await hub.public.read(platform.record(notice, "/diff"), before=1, after=2)

    assert found["reason"] == "重复发布"


async def test_a_thread_has_everything_of_a_project_whoever_pushed_it(
    hub: Hub, platform: Caller, other: Caller
) -> None:
    notice = a_tender_notice(project="P")
    await platform.push(notice, a_tender_notice(project="Q"))
    await other.push(a_tender_contract(project="P"))
    await platform.push(a_later_version(notice))
    (thread,) = {e["thread"] for e in (await hub.public.read("/v1/feed", limit=1))["entries"]}

    whole = await hub.public.read(f"/v1/threads/{thread}")
    rest = await hub.public.read(f"/v1/threads/{thread}", after=1, limit=1)

    assert (positions(whole["versions"]), whole["next"]) == ([1, 3, 4], 4)
    assert (positions(rest["versions"]), rest["next"]) == ([3], 3)


async def test_a_withdrawn_record_stays_visible_as_withdrawn(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice)
    await platform.withdraw(notice)

    current = await hub.public.read(platform.record(notice))

    assert (current["state"], current["document"]["withdrawal"]["reason"]) == ("withdrawn", "重复发布")


async def test_status_counts_what_is_stored(database_url: str) -> None:
    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        await platform.push(a_tender_notice(), a_tender_notice(), a_tender_contract())

        status = await hub.public.read("/v1/status")
        ready = await hub.public.read("/readyz")

    assert (status["head"], status["counts"]) == (3, {"tender_notice": 2, "tender_contract": 1})
    assert {t["name"]: (t["state"], t["cursor"]) for t in status["targets"]} == {
        "national": ("no worker", 0),
        "credit": ("no worker", 3),
    }
    assert ready["status"] == "ready"


async def test_every_problem_type_has_an_address_that_explains_it(hub: Hub) -> None:
    explained = await hub.public.read("/problems/stale-version")

    assert (explained["status"], explained["title_zh"]) == (409, "data_timestamp 早于当前版本，未存储")
