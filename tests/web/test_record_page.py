"""The page of a record as a person sees it: a real server, a real browser."""

import re

import orjson
import pytest

from hub.ledger.due import NewDue, set_due
from hub.ledger.read import find_record
from tests.builders import a_later_version, a_procurement_correction, a_procurement_notice, a_tender_notice
from tests.hub import A, Caller, Hub
from tests.served import Server, a_server
from tests.support.browser import a_page
from tests.web.test_kinds import PHONE

pytestmark = pytest.mark.anyio


async def push(server: Server, *submissions: dict[str, object]) -> None:
    for submission in submissions:
        answer = await server.http.put(f"/v1/records/{submission['kind']}/{submission['data_key']}", json=submission)
        assert answer.status_code == 201, answer.text


def address(server: Server, submission: dict[str, object]) -> str:
    return f"http://127.0.0.1:{server.port}/records/{A}/{submission['kind']}/{submission['data_key']}"


async def test_a_record_is_shown_with_titles_labels_versions_and_what_they_changed(sqlite_database_url: str) -> None:
    notice = a_tender_notice()
    later = a_later_version(
        notice,
        body__notice_name="更正后的<b>标题</b>",
        change={"reason": "标题有误", "of": "公告标题"},
    )
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await push(server, notice, later)
        await page.goto(f"http://127.0.0.1:{server.port}/")
        await page.get_by_role("link", name="更正后的<b>标题</b>").first.click()

        assert page.url == address(server, notice)
        assert await page.locator("h1").inner_text() == "更正后的<b>标题</b>"
        content = await page.locator("section:nth-of-type(2)").inner_text()
        assert "公告标题" in content
        region = await page.locator(".facts tr", has_text="行政区划").first.inner_text()
        assert "福建省福州市" in region
        versions = page.locator("article")
        assert await versions.count() == 2
        newest = await versions.first.inner_text()
        assert "标题有误（公告标题）" in newest
        assert notice["body"]["notice_name"] in await versions.first.locator("del").first.inner_text()
        assert await versions.first.locator("ins").first.inner_text() == "更正后的<b>标题</b>"
        assert "首次报送" in await versions.last.inner_text()
        assert complaints == []
        assert all(one.startswith(f"http://127.0.0.1:{server.port}/") for one in asked)


async def test_corrections_that_name_the_record_lead_to_it_and_back(sqlite_database_url: str) -> None:
    notice = a_procurement_notice(project="P1")
    name = f"{A}/procurement_notice/{notice['data_key']}"
    correction = a_procurement_correction(project="P1", body__original_notice_id=name)
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, complaints):
        await push(server, notice, correction)
        await page.goto(address(server, notice))

        related = page.locator("section", has_text="关联记录")
        assert correction["body"]["items"][0]["after"] in await related.inner_text()
        await related.get_by_role("link").first.click()
        assert page.url == address(server, correction)
        await page.locator("section", has_text="关联记录").get_by_role("link", name=name).click()
        assert page.url == address(server, notice)
        assert complaints == []


async def test_a_record_that_is_named_is_led_to_where_there_is_one(hub: Hub, platform: Caller) -> None:
    notice = a_procurement_notice(project="P1")
    named, missing = (f"{A}/procurement_notice/{key}" for key in (notice["data_key"], "none"))
    corrections = [a_procurement_correction(project="P1", body__original_notice_id=name) for name in (named, missing)]
    await platform.push(notice, *corrections)

    pages = [
        (await hub.public.get(f"/records/{A}/procurement_correction/{one['data_key']}")).text for one in corrections
    ]

    assert [f'href="/records/{name}"' in page for name, page in zip((named, missing), pages, strict=True)] == [
        True,
        False,
    ]
    assert [missing in page and "本账本中没有该记录" in page for page in pages] == [False, True]


async def test_the_limit_that_a_later_calendar_has_broken_is_told_from_the_one_that_counted_before(
    hub: Hub, platform: Caller
) -> None:
    (receipt,) = await platform.push(notice := a_tender_notice())
    missed = {"on": "2026-03-13", "days_late": 3, "clock": "D-PUB20", "basis": "政府信息公开条例", "provisional": False}
    async with hub.runtime.database.transaction() as connection:
        record = await find_record(connection, A, "tender_notice", notice["data_key"])
        assert record is not None
        told = NewDue(record.id, record.position, "2026-03-13", 3, provisional=False, due_now=orjson.dumps(missed))
        await set_due(connection, [told])

    shown = (await hub.public.get(f"/records/{A}/tender_notice/{notice['data_key']}")).text

    assert receipt["due"]["clock"] == "D-RT"
    assert "逾期 3 日公开 disclosed late" in shown
    assert "shared late" not in shown


async def test_a_text_that_reads_like_a_word_of_the_envelope_is_shown_as_it_is(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice(body__notice_content="proactive", body__tender_conditions="producer")
    await platform.push(notice)

    shown = (await hub.public.get(f"/records/{A}/tender_notice/{notice['data_key']}")).text

    assert re.findall(r'<td class="text">(proactive|producer)</td>', shown) == ["proactive", "producer"]
    assert '<td class="text">主动公开 <small>proactive</small></td>' in shown


async def test_what_is_withheld_or_withdrawn_is_shown_as_such(sqlite_database_url: str) -> None:
    withheld, gone = a_tender_notice(disclosure="on_request"), a_tender_notice()
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, complaints):
        await push(server, withheld, gone)
        await server.http.post(
            f"/v1/records/tender_notice/{gone['data_key']}:withdraw",
            json={"data_timestamp": "2026-10-01T00:00:00+08:00", "reason": "重复发布"},
        )

        await page.goto(address(server, withheld))
        shown = await page.locator("body").inner_text()
        assert "依申请公开" in shown
        assert withheld["body"]["notice_name"] not in shown

        await page.goto(address(server, gone))
        assert "已撤回" in await page.locator("header").inner_text()
        assert "重复发布" in await page.locator(".facts").first.inner_text()
        assert gone["body"]["notice_name"] in await page.locator("h1").inner_text()
        assert complaints == []


async def test_a_record_fits_a_phone(sqlite_database_url: str) -> None:
    notice = a_procurement_notice(project="P1")
    name = f"{A}/procurement_notice/{notice['data_key']}"
    correction = a_procurement_correction(project="P1", body__original_notice_id=name)
    later = a_later_version(notice, body__bulletin_content="很长的内容" * 300)
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, complaints):
        await push(server, notice, correction, later)
        await page.set_viewport_size(PHONE)
        await page.goto(address(server, notice))

        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        widest = "Math.max(...[...document.querySelectorAll('section table')].map(t => t.scrollWidth))"
        assert await page.evaluate(widest) <= PHONE["width"]
        assert complaints == []


async def test_a_record_that_there_is_not_has_no_page(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        assert (await server.http.get(f"/records/{A}/tender_notice/none")).status_code == 404
