"""The pages of the catalogue as a person sees them: a real server, a real browser."""

from pathlib import Path

import orjson
import pytest
from playwright.async_api import ViewportSize

from hub.schemas.kind import Domain, kinds
from tests.served import a_server
from tests.support.browser import a_page

pytestmark = pytest.mark.anyio

PHONE: ViewportSize = {"width": 390, "height": 844}


async def test_the_start_page_leads_to_the_catalogue_and_that_to_each_kind(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await page.goto(f"http://127.0.0.1:{server.port}/")
        await page.get_by_role("link", name="目录清单").click()
        await page.wait_for_url("**/kinds")

        assert await page.locator("h1").inner_text() == "公共资源配置领域主动公开目录清单"
        headings = await page.locator("section h2").all_inner_texts()
        assert [heading.split()[0] for heading in headings] == [
            domain.zh for domain in Domain if any(kind.domain is domain for kind in kinds().values())
        ]
        assert await page.locator("tbody tr").count() == len(kinds())

        row = page.locator("tbody tr", has_text="procurement_contract")
        assert "自“合同签订日期”起2个工作日内" in await row.inner_text()
        await row.get_by_role("link").click()
        await page.wait_for_url("**/kinds/procurement_contract")

        assert await page.title() == "采购合同 · 主动公开目录清单"
        facts = await page.locator(".facts").inner_text()
        assert "谁实施、谁公开" in facts
        assert "财政部门" in facts
        fields = await page.locator("section:nth-of-type(2) tbody tr td:nth-child(2) .name").all_inner_texts()
        assert set(kinds()["procurement_contract"].model_fields) <= set(fields)
        assert complaints == []
        assert all(address.startswith(f"http://127.0.0.1:{server.port}/") for address in asked)


async def test_the_catalogue_fits_a_phone(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server, a_page() as (page, _, complaints):
        await page.set_viewport_size(PHONE)
        for path in ("/kinds", "/kinds/winning_candidate_publicity"):
            await page.goto(f"http://127.0.0.1:{server.port}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path
            widest = "Math.max(...[...document.querySelectorAll('section table')].map(t => t.scrollWidth))"
            assert await page.evaluate(widest) <= PHONE["width"], path
        assert complaints == []


async def test_a_region_shows_its_local_rules_on_the_pages(sqlite_database_url: str, tmp_path: Path) -> None:
    rule = {
        "id": "fz",
        "basis": "榕政办〔2026〕1号",
        "region": "3501",
        "domain": "tender",
        "since": "2020-01-01",
        "limits": {"D-PUB20": 10},
    }
    file = tmp_path / "rules.json"
    file.write_bytes(orjson.dumps({"rules": [rule]}))
    async with (
        a_server(sqlite_database_url, HUB_LOCAL_RULES=str(file)) as server,
        a_page() as (page, _, complaints),
    ):
        await page.goto(f"http://127.0.0.1:{server.port}/kinds?region=350100")
        assert await page.locator("header strong").inner_text() == "福建省福州市"
        await page.locator("tbody tr", has_text="tender_contract").get_by_role("link").click()
        await page.wait_for_url("**/kinds/tender_contract?*")

        limits = await page.locator(".facts tr", has_text="公开时限").inner_text()
        assert "起10个工作日内" in limits
        assert "国家：" in limits
        assert "榕政办〔2026〕1号" in limits
        assert complaints == []


async def test_the_catalogue_can_be_kept_as_a_workbook(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        answer = await server.http.get("/kinds.xlsx")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="catalogue.xlsx"'
    assert answer.content.startswith(b"PK")


async def test_a_page_of_a_kind_that_there_is_not_is_not_found(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        assert (await server.http.get("/kinds/no_such_kind")).status_code == 404
