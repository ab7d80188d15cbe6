"""The page of a sender's deliveries: a real server, a real browser, and targets that answer with hostile markup."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Locator, Page
from sqlalchemy import insert

from hub.db import Database
from hub.ledger.tables import Attempt, AttemptItem, Delivery
from tests.builders import a_blacklist_entry, a_later_version, a_tender_notice, a_tender_project_code
from tests.hub import A
from tests.served import Server, a_server
from tests.support.browser import a_page

pytestmark = pytest.mark.anyio

HOSTILE = (
    '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e 502 Bad Gateway\n</pre><b>done</b>'
)
FAULTS = b'[{"element": "NOTICE_NAME", "rule": "required", "message": "<i>\xe4\xb8\x8d\xe8\x83\xbd\xe4\xb8\xba\xe7\xa9\xba</i>"}]'


@dataclass
class Desk:
    """The page of a platform with versions in several states, what it asked for, and what it complained of."""

    page: Page
    server: Server
    asked: list[str]
    complaints: list[str]

    async def show(self, *states: str) -> list[str]:
        """The deliveries that the page lists in these states."""
        await self.page.fill("#key", self.server.key)
        for box in await self.page.locator("fieldset input").all():
            await box.set_checked(await box.get_attribute("value") in states)
        await self.page.click("#ask button")
        await self.said("found up to")
        return [await row.get_attribute("data-delivery") or "" for row in await self.page.locator("#rows > tr").all()]

    async def said(self, words: str) -> None:
        """Wait until the page says so."""
        async with asyncio.timeout(10):
            await self.page.locator("#said", has_text=words).wait_for()

    def row(self, delivery: str) -> Locator:
        return self.page.locator(f"tr[data-delivery='{delivery}']")

    async def open(self, delivery: str) -> Locator:
        """The row below, with what the target answered."""
        await self.row(delivery).locator("button").click()
        detail = self.row(delivery).locator("+ tr.detail")
        async with asyncio.timeout(10):
            await detail.wait_for()
        return detail


async def _push(server: Server, *submissions: dict[str, Any]) -> None:
    for submission in submissions:
        path = f"/v1/records/{submission['kind']}/{submission['data_key']}"
        answer = await server.http.put(path, json=submission)
        assert answer.status_code == 201, answer.text


async def _rows(database_url: str) -> None:
    """Position 1 is rejected, 2 parked with what waits behind it, 4 delivered; 5 is pending at two targets."""
    row = {"target": "national", "thread": "t", "lane": 0, "holds": False, "tries": 3, "attempt": None}
    row |= {"updated_at": 1_000_000, "next_try": None, "reason": None, "receipt": None}
    call = {"target": "national", "worker": "w", "started_at": 1, "finished_at": 2, "versions": 5}
    held = f"tender:{a_tender_project_code('held')}"
    rows = [
        {"position": 1, "state": "rejected", "attempt": 8, "reason": FAULTS.decode()},
        {"position": 2, "state": "parked", "reason": "HTTP 502", "thread": held, "holds": True},
        {"position": 3, "state": "waiting", "reason": "behind an earlier version", "thread": held},
        {"position": 4, "state": "delivered", "receipt": "N4"},
    ]
    database = Database(database_url)
    async with database.transaction() as connection:
        await connection.execute(insert(Delivery), [row | one for one in rows])
        await connection.execute(
            insert(Attempt),
            [
                call
                | {
                    "id": 7,
                    "status": 502,
                    "answer": HOSTILE.encode(),
                    "error": "<u>HTTP 502</u>",
                    "answer_bytes": 70_000,
                },
                call | {"id": 8, "versions": 1, "status": 200, "answer": FAULTS, "error": None, "answer_bytes": None},
            ],
        )
        await connection.execute(insert(AttemptItem), [{"attempt": 7, "position": n} for n in (1, 2)])
    await database.close()


@asynccontextmanager
async def a_desk(database_url: str) -> AsyncIterator[Desk]:
    async with a_server(database_url) as server, a_page() as (page, asked, complaints):
        held = a_tender_notice(project="held")
        await _push(server, a_tender_notice(), held, a_later_version(held), a_tender_notice(), a_blacklist_entry())
        await _rows(database_url)
        answer = await page.goto(f"http://127.0.0.1:{server.port}/deliveries")
        assert answer is not None
        assert "connect-src 'self'" in answer.headers["content-security-policy"]
        yield Desk(page, server, asked, complaints)


async def test_a_sender_sees_its_deliveries_with_the_key_that_it_enters(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        shown = await desk.show()
        rejected = await desk.row("national/1").inner_text()
        record = await desk.row("national/1").locator("a").first.get_attribute("href")
        behind = await desk.row("national/3").inner_text()

        assert sorted(shown) == ["credit/5", *(f"national/{n}" for n in range(1, 6))]
        assert record is not None
        assert record.startswith(f"/records/{A}/tender_notice/")
        assert all(words in rejected for words in ("已退回 rejected", "全国公共资源交易平台", "<i>不能为空</i>"))
        assert all(words in behind for words in ("等待 waiting", "在位置 2 之后", "behind position 2", "搁置 parked"))
        assert await desk.show("parked", "waiting") == ["national/2", "national/3"]

        kept = await desk.page.evaluate(
            "[document.cookie, localStorage.length, sessionStorage.length, location.search]"
        )
        assert kept == ["", 0, 0, ""]
        assert not [address for address in desk.asked if desk.server.key in address]
        assert all(address.startswith(f"http://127.0.0.1:{desk.server.port}/") for address in desk.asked)
        assert desk.complaints == []


async def test_what_a_target_answered_is_shown_whole_and_as_text(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        await desk.show()
        before = await desk.page.title()

        detail = await desk.open("national/1")

        answers = await detail.locator("pre").all_text_contents()
        assert answers == [HOSTILE.replace("\u202e", "\\u{202e}"), FAULTS.decode()]
        assert "The answer had 70000 bytes" in await detail.inner_text()
        assert "<u>HTTP 502</u>" in await detail.inner_text()
        assert await desk.page.locator("#rows :is(img, script, b, i, u)").count() == 0
        assert await desk.page.title() == before
        assert desk.complaints == []


async def test_a_parked_version_is_resent_with_a_reason(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        await desk.show("parked")
        detail = await desk.open("national/2")
        await detail.locator("button", has_text="Resend").click()
        assert (await desk.server.http.get("/v1/deliveries/national/2")).json()["delivery"]["state"] == "parked"

        await detail.locator("input").fill("目标平台已修复")
        await detail.locator("button", has_text="Resend").click()
        await desk.said("is being sent again")

        assert "等待 waiting" in await desk.row("national/2").inner_text()
        found = (await desk.server.http.get("/v1/deliveries/national/2")).json()
        assert (found["delivery"]["state"], found["resends"][0]["reason"]) == ("waiting", "目标平台已修复")
        assert "目标平台已修复" in await (await desk.open("national/2")).inner_text()
        assert desk.complaints == []


async def test_what_can_be_done_is_offered_and_nothing_else(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        await desk.show()
        offered = {
            name: await (await desk.open(name)).locator("form button").all_inner_texts()
            for name in ("national/1", "national/2", "national/3", "national/4", "national/5")
        }

        assert offered == {
            "national/1": ["重发 Resend"],
            "national/2": ["重发 Resend", "跳过 Skip"],
            "national/3": ["跳过 Skip"],
            "national/4": [],
            "national/5": [],
        }


async def test_a_wrong_key_is_refused_in_words(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        await desk.page.fill("#key", "hub_wrong")
        await desk.page.click("#ask button")
        await desk.said("需要有效的密钥")
        await desk.page.fill("#key", "密钥")
        await desk.page.click("#ask button")
        await desk.said("characters that no key has")

        assert await desk.page.locator("#rows tr").count() == 0


async def test_more_goes_on_where_the_page_ended(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server, a_page() as (page, asked, complaints):
        await _push(server, *(a_tender_notice() for _ in range(130)))
        desk = Desk(page, server, asked, complaints)
        await page.goto(f"http://127.0.0.1:{server.port}/deliveries")

        assert len(await desk.show()) == 100
        await page.click("#more")
        await desk.said("130 found up to")

        assert await page.locator("#rows > tr").count() == 130
        assert await page.locator("#more").is_hidden()


async def test_the_page_fits_a_screen_and_a_phone(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        await desk.show()
        await desk.open("national/1")
        await desk.open("national/2")

        for width in (1280, 390):
            await desk.page.set_viewport_size({"width": width, "height": 800})
            widths = await desk.page.evaluate("""[document.documentElement, ...document.querySelectorAll("section, pre")]
                .map((one) => [one.scrollWidth, one.clientWidth])""")
            assert [one for one in widths if one[0] > one[1]] == []


async def test_the_start_page_leads_to_it(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        assert '<a href="/deliveries">交换情况 Deliveries</a>' in (await server.http.get("/")).text
