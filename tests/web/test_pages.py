"""The pages as a person sees them: a real server, a real browser."""

from datetime import datetime, timedelta

import pytest

from hub.law.clock import BEIJING
from tests.builders import a_tender_notice
from tests.hub import A, Caller, Hub
from tests.served import Server, a_server
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


async def test_a_list_stays_on_its_page_and_says_when_in_beijing_whatever_the_titles_are(
    sqlite_database_url: str,
) -> None:
    titles = {"long": "A" * 400, "marks": "中标人：\u202e司公乙\u202c", "blank": "\u200b\u3164"}
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, complaints):
        for data_key, title in titles.items():
            await _push(server, title, data_key)
        received = (await server.http.get(f"/v1/records/{A}/tender_notice/long")).json()["received_at"]
        await page.set_viewport_size({"width": 1100, "height": 800})
        for path in ("/records", f"/records/{A}/tender_notice/long"):
            await page.goto(f"http://127.0.0.1:{server.port}{path}")
            widest = "Math.max(...[...document.querySelectorAll('html, section')].map(part => part.scrollWidth))"
            assert await page.evaluate(widest) <= 1100
            in_beijing = f"{datetime.fromisoformat(received).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
            assert in_beijing in await page.locator("main").inner_text()

        await page.goto(f"http://127.0.0.1:{server.port}/records")
        shown = await page.locator("tbody td:nth-child(3)").all_inner_texts()
    assert shown == ["\\u{200b}\\u{3164}", "中标人：\\u{202e}司公乙\\u{202c}", "A" * 400]
    assert complaints == []


async def test_who_asks_for_the_head_of_a_page_alone_gets_it(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        await _push(server, "榕溪上游排水管网改造工程招标公告", "first")
        for path in ("/", "/records", f"/records/{A}/tender_notice/first", "/kinds/tender_notice", "/readyz"):
            whole, head = await server.http.get(path), await server.http.head(path)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-type"] == whole.headers["content-type"]
        assert (await server.http.head("/nothing")).status_code == 404


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


async def test_what_came_before_the_newest_is_reached_page_by_page(hub: Hub, platform: Caller) -> None:
    await platform.push(*(a_tender_notice(body__notice_name=f"公告{n:03}号") for n in range(1, 73)))

    start = (await hub.public.get("/")).text
    older = (await hub.public.get("/records?before=53")).text
    oldest = (await hub.public.get("/records?before=3")).text

    assert ("公告053号" in start, "公告052号" in start) == (True, False)
    assert 'href="/records?before=53"' in start
    assert ("公告053号" in older, "公告052号" in older, "公告003号" in older, "公告002号" in older) == (
        False,
        True,
        True,
        False,
    )
    assert 'href="/records?before=3"' in older
    assert ("公告002号" in oldest, "公告001号" in oldest) == (True, True)
    assert "before=" not in oldest


async def test_a_withdrawn_record_is_listed_with_the_title_that_it_had(hub: Hub, platform: Caller) -> None:
    gone, hidden = a_tender_notice(body__notice_name="撤回的公告"), a_tender_notice(disclosure="on_request")
    await platform.push(gone, hidden)
    for one in (gone, hidden):
        assert (await platform.withdraw(one)).status_code == 201

    rows = (await hub.public.get("/")).text.split("<tr>")

    of_the_withdrawn = [row for row in rows if "已撤回" in row]
    assert ["撤回的公告" in row for row in of_the_withdrawn] == [False, True]
    assert hidden["body"]["notice_name"] not in of_the_withdrawn[0]


async def test_the_lists_of_versions_fit_a_phone(sqlite_database_url: str) -> None:
    notice = a_tender_notice(body__notice_name="榕溪上游排水管网改造工程施工第一标段招标公告" * 3)
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, complaints):
        await server.http.put(f"/v1/records/tender_notice/{notice['data_key']}", json=notice)
        thread = (await server.http.get("/v1/versions/1")).json()["thread"]
        await page.set_viewport_size({"width": 375, "height": 812})
        for path in ("/", "/records", f"/threads/{thread}", "/no/such/page"):
            await page.goto(f"http://127.0.0.1:{server.port}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") == 375, path
            widest = "Math.max(0, ...[...document.querySelectorAll('section table')].map(t => t.scrollWidth))"
            assert await page.evaluate(widest) <= 375, path
        assert [one for one in complaints if "404" not in one] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/records/{A}/tender_notice/none", 404),
        ("/kinds/none", 404),
        ("/rules/none", 404),
        ("/threads/none", 404),
        ("/foo", 404),
        ("/static/none", 404),
        ("/records?before=x", 400),
    ],
)
async def test_a_browser_that_asks_for_what_there_is_not_gets_a_page_with_the_way_back(
    hub: Hub, path: str, status: int
) -> None:
    seen = await hub.public.call("GET", path, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    read = await hub.public.get(path)

    assert seen.status_code == read.status_code == status
    assert seen.headers["content-type"] == "text/html; charset=utf-8"
    assert '<a href="/">首页 Start</a>' in seen.text
    assert read.json()["title_zh"] in seen.text
    assert read.json()["title"] in seen.text
    assert all(fault["zh"] in seen.text for fault in read.json().get("faults", []))
    assert read.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/none", "/v1/versions/1", "/v1", "/v1/feed?limit=x"])
async def test_the_api_answers_a_browser_with_problem_documents_too(hub: Hub, path: str) -> None:
    answer = await hub.public.call("GET", path, headers={"accept": "text/html"})

    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_docs_page_describes_every_route_without_any_other_network(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await page.goto(f"http://127.0.0.1:{server.port}/docs")
        await page.locator(".opblock").first.wait_for(timeout=90_000)

        paths = await page.locator(".opblock-summary-path").all_inner_texts()
        assert any("/v1/records/" in path.replace("\u200b", "") for path in paths)
        documented = (await server.http.get("/openapi.json")).json()["paths"]
        assert len(paths) == sum(len(operations) for operations in documented.values())
        assert complaints == []
        assert all(address.startswith((f"http://127.0.0.1:{server.port}/", "data:")) for address in asked)
