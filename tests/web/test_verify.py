"""The page that verifies evidence: in a real browser, with every request to anywhere forbidden."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from playwright.async_api import Page

from tests.builders import a_later_version, a_tender_notice
from tests.served import a_server
from tests.support.browser import a_page

pytestmark = pytest.mark.anyio


@dataclass
class Desk:
    """The page, cut off from all networks; evidence of three versions; the hub's keys; what the page complained of."""

    page: Page
    files: list[bytes]
    keys: list[str]
    complaints: list[str]
    asked: list[str]

    async def drop(self, raw: bytes, *keys: str) -> tuple[str, str]:
        """The verdict on a file, and all that the page says of it."""
        await self.page.evaluate("document.getElementById('result').removeAttribute('data-verdict')")
        await self.page.get_by_label("可信公钥").fill("\n".join(keys))
        await self.page.set_input_files(
            "#file", {"name": "evidence.json", "mimeType": "application/json", "buffer": raw}
        )
        result = self.page.locator("#result[data-verdict]")
        async with asyncio.timeout(10):
            await result.wait_for()
        return await result.get_attribute("data-verdict") or "", await result.inner_text()


@asynccontextmanager
async def a_desk(database_url: str) -> AsyncIterator[Desk]:
    async with a_server(database_url) as server, a_page() as (page, asked, complaints):
        notice = a_tender_notice()
        for submission in (notice, a_tender_notice(), a_later_version(notice)):
            path = f"/v1/records/tender_notice/{submission['data_key']}"
            assert (await server.http.put(path, json=submission)).status_code == 201
        files = [(await server.http.get(f"/v1/versions/{position}/evidence")).content for position in (1, 2, 3)]
        keys = [key["text"] for key in (await server.http.get("/v1/log/keys")).json()["keys"]]
        answer = await page.goto(f"http://127.0.0.1:{server.port}/verify")
        assert answer is not None
        assert "connect-src 'none'" in answer.headers["content-security-policy"]
        await page.context.set_offline(True)
        asked.clear()
        yield Desk(page, files, keys, complaints, asked)


def changed(raw: bytes, **members: Any) -> bytes:
    """The evidence with other members."""
    return orjson.dumps(orjson.loads(raw) | members)


async def test_the_browser_says_what_the_command_says_and_asks_nobody(sqlite_database_url: str) -> None:
    from hub.transparency.verifying import verified

    async with a_desk(sqlite_database_url) as desk:
        for raw in desk.files:
            verdict, said = await desk.drop(raw, *desk.keys)
            assert verdict == "good", said
            expected = [sentence for zh, en in verified(raw, desk.keys).sentences for sentence in (zh, en)]
            shown = said.replace("（", " (").replace("）", ")")
            assert [
                sentence for sentence in expected if sentence.replace("（", " (").replace("）", ")") not in shown
            ] == []
        _, said = await desk.drop(desk.files[0])
        assert "compare them with those that the hub publishes" in said
        # The browser fetches the page's icon when it pleases, also after the page is there.
        assert [url for url in desk.asked if not url.endswith("/static/icon.svg")] == []
        assert desk.complaints == []


async def test_the_browser_refuses_what_does_not_hold(sqlite_database_url: str) -> None:
    async with a_desk(sqlite_database_url) as desk:
        raw = desk.files[1]
        said = orjson.loads(raw)
        forged: dict[str, bytes] = {
            "The document does not have its digest": changed(raw, document=said["document"].replace("3501", "3502", 1)),
            "is not that of this position": changed(raw, position=1),
            "is not what was stored": changed(
                raw, sealed=said["sealed"] | {"public": said["sealed"]["public"].replace("3501", "3502", 1)}
            ),
            "is of another version": changed(raw, number=2),
            "is not in the log": changed(raw, path=[*said["path"][:-1], b64encode(bytes(32)).decode()]),
            "does not hold": changed(raw, checkpoint=said["checkpoint"].replace(f"\n{said_size(said)}\n", "\n9\n")),
            "is of another log": changed(raw, log=said["log"] | {"origin": "hub.example/other"}),
            "is not an evidence file": b"{}",
            "browsers do not have": changed(raw, log=said["log"] | {"hashing": "sm3"}),
        }
        for expected, file in forged.items():
            verdict, shown = await desk.drop(file, *desk.keys)
            assert (verdict, expected in shown) == ("bad", True), (expected, shown)
        stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        assert (await desk.drop(raw, stranger))[0] == "bad"
        assert (await desk.drop(raw, "no key"))[0] == "bad"
        assert desk.complaints == []


def said_size(said: dict[str, Any]) -> str:
    """How many versions the head in the evidence covers."""
    return str(said["checkpoint"].split("\n")[1])
