"""The page of a thread as a person sees it: a real server, a real browser."""

import pytest

from tests.builders import a_later_version, a_procurement_correction, a_procurement_notice, a_tender_notice
from tests.hub import A, Caller, Hub
from tests.served import a_server
from tests.support.browser import a_page
from tests.web.test_record_page import address, push

pytestmark = pytest.mark.anyio


async def test_a_thread_lists_what_was_disclosed_of_a_project_in_order(sqlite_database_url: str) -> None:
    notice = a_procurement_notice(project="P1")
    correction = a_procurement_correction(
        project="P1", body__original_notice_id=f"{A}/procurement_notice/{notice['data_key']}"
    )
    later = a_later_version(notice, body__bulletin_title="更正后的<b>标题</b>")
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await push(server, notice, a_tender_notice(), correction, later)
        await page.goto(address(server, notice))
        await page.get_by_role("link", name="项目 Thread").click()

        assert f"/threads/procurement:{A}:P1" in page.url
        rows = await page.locator("tbody tr").all_inner_texts()
        assert ["采购" in row for row in rows] == [True, True, True]
        assert [row.split()[0] for row in rows] == ["1", "3", "4"]
        assert "更正后的<b>标题</b>" in rows[2]
        await page.get_by_role("link", name="更正后的<b>标题</b>").click()
        assert page.url == address(server, notice)
        assert complaints == []
        assert all(one.startswith(f"http://127.0.0.1:{server.port}/") for one in asked)


async def test_a_long_thread_is_shown_page_by_page(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice("P1", body__notice_name=f"公告{n:03}号") for n in range(51)))
    thread = (await hub.public.read("/v1/versions/1"))["thread"]

    first = (await hub.public.get(f"/threads/{thread}")).text
    rest = (await hub.public.get(f"/threads/{thread}?after=50")).text

    assert ("公告000号" in first, "公告049号" in first, "公告050号" in first) == (True, True, False)
    assert f'href="/threads/{thread}?after=50"' in first
    assert ("公告049号" in rest, "公告050号" in rest) == (False, True)
    assert "?after=" not in rest


async def test_a_name_that_no_thread_has_has_no_page(hub: Hub) -> None:
    for name in ("none", "x" * 201, "a%00b"):
        assert (await hub.public.get(f"/threads/{name}")).status_code == 404, name
