"""docs/nginx.conf before a real hub: files for the public, the hub for everybody else."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hub.exports.publish import publish
from hub.exports.shelf import Directory
from tests.builders import a_tender_notice
from tests.hub import Hub
from tests.served import a_served_hub
from tests.support.processes import HOST, free_ports

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]

CONF = Path(__file__).parents[2] / "docs" / "nginx.conf"
SIZE = 3
NDJSON = "application/x-ndjson"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three positions."""
    for module in ("ledger.buckets", "ledger.pages", "exports.publish", "api.feed_pages"):
        monkeypatch.setattr(f"hub.{module}.PAGE", SIZE)


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_served_hub(sqlite_database_url) as running:
        yield running


@contextmanager
def nginx(hub: Hub, folder: Path) -> Iterator[str]:
    """nginx with the documented configuration, its paths and ports changed; gives its address."""
    (port,) = free_ports(1)
    told = CONF.read_text()
    for before, after in (
        ("/srv/hub-feed", str(folder / "feed")),
        ("/var/cache/nginx/hub", str(folder / "cache")),
        ("server 127.0.0.1:8000", f"server 127.0.0.1:{hub.public.http.base_url.port}"),
        ("listen 8080", f"listen {HOST}:{port}"),
    ):
        assert told.count(before) >= 1
        told = told.replace(before, after)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ access_log off;\n{temporary}{told}\n}}\n"
    )
    folder.chmod(0o755)
    running = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "user root;"])
    try:
        yield f"http://{HOST}:{port}"
    finally:
        running.terminate()
        running.wait(10)


async def answered(http: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    """What nginx answers, once it listens."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await http.get(path, headers=headers)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)


async def test_a_published_page_is_a_file_and_everything_else_is_the_hubs(hub: Hub, tmp_path: Path) -> None:
    platform, consumer = await hub.platform(), await hub.consumer()
    notice = a_tender_notice(disclosure="on_request")
    await platform.push(notice, *(a_tender_notice() for _ in range(SIZE - 1)))
    await publish(hub.runtime.database, Directory(tmp_path / "feed"), ("gzip",), lambda *_: None)
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))
    ours = (await hub.public.get("/v1/feed/pages/1")).content
    with nginx(hub, tmp_path) as url:
        async with httpx.AsyncClient(base_url=url, timeout=10) as http:
            file = await answered(http, "/v1/feed/pages/1")
            key = {"authorization": f"Bearer {consumer.key}"}
            governments = await http.get("/v1/feed/pages/1", headers=key)
            atom = await http.get("/v1/feed/pages/1", headers={"accept": "application/atom+xml"})
            unpublished = [await http.get("/v1/feed/pages/2", headers={"accept": NDJSON}) for _ in range(2)]
            index = await http.get("/v1/feed/index.json")
            feed = await http.get("/v1/feed")

    assert (file.content, file.headers["content-type"], file.headers["server"][:5]) == (ours, NDJSON, "nginx")
    assert file.headers["content-encoding"] == "gzip"
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "hub-page" not in file.headers
    assert b'"on_request"' in governments.content
    assert governments.headers["cache-control"].startswith("private")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    assert [page.headers["hub-cache"] for page in unpublished] == ["MISS", "HIT"]
    assert unpublished[0].content == unpublished[1].content
    assert [page["name"] for page in index.json()["pages"]] == ["1"]
    assert feed.json()["head"] == 2 * SIZE
