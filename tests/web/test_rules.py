"""The pages of the rules, as an answer leads to them."""

from collections.abc import AsyncIterator

import pytest

from tests.builders import a_tender_notice
from tests.hub import Hub, a_hub

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(sqlite_database_url) as running:
        yield running


async def test_a_fault_leads_to_the_page_of_its_rule(hub: Hub) -> None:
    platform = await hub.platform()
    (fault,) = (await platform.put(a_tender_notice(discloser__code="91350100M000100Y44"))).json()["faults"]

    page = await hub.public.get(fault["doc"])

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "统一社会信用代码的校验码应为 3，不是 4" in page.text
    assert "91350100M000100Y43" in page.text


async def test_the_rules_are_listed_by_what_they_are_about(hub: Hub) -> None:
    page = (await hub.public.get("/rules")).text

    listed = [
        page.index(f'href="/rules/{name}"') for name in ("uscc-check", "form-key", "local-rule-id", "calendar-year")
    ]
    assert listed == sorted(listed)
    assert "{" not in page


async def test_a_rule_between_versions_shows_what_came_before(hub: Hub) -> None:
    page = (await hub.public.get("/rules/property-price-later-day")).text

    assert "after the example a second version" in page
    assert "调整后的转让价格的生效日期须晚于原价格的生效日期" in page
    assert 'id="versions"' in (await hub.public.get("/rules")).text
    assert "版本间 between versions" in (await hub.public.get("/kinds/property_transfer_price")).text


async def test_what_an_example_says_is_escaped(hub: Hub) -> None:
    page = (await hub.public.get("/rules/local-rules-json")).text

    assert "<script" not in page
    assert "&#34;" in (await hub.public.get("/rules/blank")).text


async def test_a_rule_that_there_is_not_is_a_problem(hub: Hub) -> None:
    response = await hub.public.get("/rules/nothing")

    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")
