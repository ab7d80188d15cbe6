"""The pages as a person sees them: a real server, a real browser."""

import asyncio
from datetime import datetime, timedelta

import pytest

from hub.law.clock import BEIJING
from tests.api.test_process import Server, a_server
from tests.builders import a_tender_notice
from tests.hub import A
from tests.support.browser import a_page

pytestmark = pytest.mark.anyio


async def _push(server: Server, title: str, data_key: str) -> None:
    submission = a_tender_notice(data_key=data_key, body__notice_name=title)
    answer = await server.http.put(f"/v1/records/tender_notice/{data_key}", json=submission)
    assert answer.status_code == 201, answer.text


async def test_the_start_page_shows_what_came_last_and_leads_to_its_history(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await _push(server, "榕溪上游排水管网改造工程招标公告", "first")
        await _push(server, "<b>标题里的标记</b>", "second")

        await page.goto(f"http://127.0.0.1:{server.port}/")

        assert await page.title() == "公共资源交易数据交换中心"
        assert await page.locator("header strong").inner_text() == "2"
        titles = await page.locator("section:nth-of-type(2) tbody td:nth-child(3)").all_inner_texts()
        assert titles == ["<b>标题里的标记</b>", "榕溪上游排水管网改造工程招标公告"]
        assert await page.locator("section:nth-of-type(1) tbody tr").count() == 2
        history = await page.locator("section:nth-of-type(2) tbody tr:last-child a", has_text="history").get_attribute(
            "href"
        )
        assert history == f"/v1/records/{A}/tender_notice/first/versions"
        counted = page.locator("section:nth-of-type(3) tbody tr", has_text="tender_notice").locator("td:nth-child(3)")
        assert await counted.inner_text() == "2"
        assert complaints == []
        assert all(address.startswith(f"http://127.0.0.1:{server.port}/") for address in asked)


async def test_the_start_page_tells_late_sharing_from_late_disclosure(sqlite_database_url: str) -> None:
    now = datetime.now(BEIJING)
    ago = {days: (now - timedelta(days=days)).isoformat(timespec="seconds") for days in (0, 1, 90)}
    times = [(ago[0], ago[0]), (ago[1], ago[1]), (ago[90], ago[0])]
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, _):
        for number, (formed, published) in enumerate(times):
            notice = a_tender_notice(
                number, data_key=f"N{number}", formed_at=formed, publication__published_at=published
            )
            answer = await server.http.put(f"/v1/records/tender_notice/N{number}", json=notice)
            assert answer.status_code == 201, answer.text

        await page.goto(f"http://127.0.0.1:{server.port}/")

        limits = await page.locator("section:nth-of-type(2) tbody td:nth-child(6)").all_inner_texts()
    assert [limit.split()[0] for limit in reversed(limits)] == ["按时", "发布后", "逾期"]


async def test_the_docs_page_describes_every_route_without_any_other_network(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await page.goto(f"http://127.0.0.1:{server.port}/docs")
        async with asyncio.timeout(60):
            await page.locator(".opblock").first.wait_for()

        paths = await page.locator(".opblock-summary-path").all_inner_texts()
        assert any("/v1/records/" in path.replace("\u200b", "") for path in paths)
        documented = (await server.http.get("/openapi.json")).json()["paths"]
        assert len(paths) == sum(len(operations) for operations in documented.values())
        assert complaints == []
        assert all(address.startswith((f"http://127.0.0.1:{server.port}/", "data:")) for address in asked)
