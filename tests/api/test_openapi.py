"""The API's own description: served as it was written, quickly and once per reader."""

import gzip
from pathlib import Path

import httpx
import pytest

from tests.hub import Hub, a_hub

pytestmark = pytest.mark.anyio

COMMITTED = (Path(__file__).parents[2] / "openapi" / "hub.json").read_bytes()


async def test_the_description_is_the_committed_one(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        answer = await read(hub, "identity")
        packed = await read(hub, "gzip")

    assert answer.content == packed.content == COMMITTED
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(gzip.compress(COMMITTED)) * 1.2


async def test_who_has_the_description_is_not_sent_it_again(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        first = await read(hub, "identity")
        again = await hub.public.http.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


async def read(hub: Hub, encoding: str) -> httpx.Response:
    return await hub.public.http.get("/openapi.json", headers={"accept-encoding": encoding})
