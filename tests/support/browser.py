"""Pages in a real browser: one process of it for all tests of a test process, a context of its own for each page."""

import atexit
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp

from playwright.async_api import ConsoleMessage, Page, async_playwright

from tests.support.processes import die_with

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTS_WITHIN = 60.0


@asynccontextmanager
async def a_page() -> AsyncIterator[tuple[Page, list[str], list[str]]]:
    """A page without a past, the addresses that it asks for, and what it complains of."""
    async with async_playwright() as driver:
        browser = await driver.chromium.connect_over_cdp(_browser())
        context = await browser.new_context(locale="zh-CN")
        page = await context.new_page()
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if _counts(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, asked, complaints
        await context.close()


@cache
def _browser() -> str:
    """Start the browser; the address at which it is told what to do. Only the main thread may: it ends with that."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert program is not None, f"a browser is needed: {', '.join(BROWSERS)}"
    profile = Path(mkdtemp())
    with (profile / "log").open("wb") as log:
        running = subprocess.Popen(
            (program, *ARGUMENTS, f"--user-data-dir={profile}"), stderr=log, preexec_fn=partial(die_with, os.getpid())
        )

    def end() -> None:
        running.kill()
        running.wait()
        shutil.rmtree(profile, ignore_errors=True)

    atexit.register(end)
    written, until = profile / "DevToolsActivePort", time.monotonic() + STARTS_WITHIN
    while not (written.exists() and (found := written.read_text().split())):
        assert time.monotonic() < until, (profile / "log").read_text()
        assert running.poll() is None, (profile / "log").read_text()
        time.sleep(0.02)
    port, path = found
    return f"ws://127.0.0.1:{port}{path}"


def _counts(message: ConsoleMessage) -> bool:
    """Whether it is the page's doing: a browser fetches the icon when it likes, without a network too."""
    return message.type == "error" and not message.location["url"].endswith("/static/icon.svg")
