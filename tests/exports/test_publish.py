"""Publishing: full pages as files in a directory or a bucket, with an index that never names what is not there."""

import asyncio
import gzip
import os
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from typing import Any

import httpx
import orjson
import pytest
import zstandard
from sqlalchemy import update

from hub.exports.publish import follow, publish
from hub.exports.s3 import Bucket, Keys, signed
from hub.exports.shelf import Directory, ShelfAway
from hub.ledger.buckets import bucket_digest
from hub.ledger.epochs import begin_epoch
from hub.ledger.tables import Epoch
from tests.builders import a_tender_notice
from tests.exports.s3_server import ACCESS, REGION, SECRET, a_bucket
from tests.exports.s3_server import Bucket as Served
from tests.hub import Hub, a_hub
from tests.support.processes import HUB

pytestmark = pytest.mark.anyio

SIZE = 3
EXAMPLE = Keys("us-east-1", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
THEN = datetime(2013, 5, 24, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three positions."""
    for module in ("ledger.buckets", "ledger.pages", "exports.publish", "api.feed_pages"):
        monkeypatch.setattr(f"hub.{module}.PAGE", SIZE)


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str) -> AsyncIterator[Hub]:
    async with a_hub(sqlite_database_url) as running:
        yield running


async def published(hub: Hub, path: Path, codings: tuple[Any, ...] = ("gzip", "zstd")) -> dict[str, Any]:
    """The index after publishing to a directory."""
    await publish(hub.runtime.database, Directory(path), codings, lambda *_: None)
    return the_index(path)


def the_index(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads((path / "index.json").read_bytes())
    return read


async def test_full_pages_are_published_as_the_hub_serves_them(hub: Hub, tmp_path: Path) -> None:
    platform = await hub.platform()
    receipts = await platform.push(*(a_tender_notice() for _ in range(2 * SIZE + 1)))

    index = await published(hub, tmp_path)

    assert [(page["name"], page["first"], page["last"]) for page in index["pages"]] == [("1", 1, 3), ("2", 4, 6)]
    assert (index["epoch"], index["head"], index["published"], index["cursor"]) == (1, 7, 6, "1.6")
    for number, page in enumerate(index["pages"], 1):
        body = (tmp_path / page["file"]).read_bytes()
        assert body == (await hub.public.get(f"/v1/feed/pages/{number}")).content
        assert (len(body), sha256(body).hexdigest()) == (page["bytes"], page["sha256"])
        items = [(r["position"], bytes.fromhex(r["digest"])) for r in receipts[(number - 1) * SIZE : number * SIZE]]
        assert (page["count"], page["digest"]) == (SIZE, bucket_digest(items).hex())
    pages = tmp_path / "pages"
    plain = (pages / "1.ndjson").read_bytes()
    assert gzip.decompress((pages / "1.ndjson.gz").read_bytes()) == plain
    assert zstandard.decompress((pages / "1.ndjson.zst").read_bytes()) == plain


async def test_published_pages_are_not_written_again(hub: Hub, tmp_path: Path) -> None:
    platform = await hub.platform()
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))
    await published(hub, tmp_path)
    (tmp_path / "pages" / "1.ndjson").write_bytes(b"kept")
    await platform.push(*(a_tender_notice() for _ in range(SIZE)))

    index = await published(hub, tmp_path, ())

    assert [page["name"] for page in index["pages"]] == ["1", "2"]
    assert (tmp_path / "pages" / "1.ndjson").read_bytes() == b"kept"
    assert sorted(file.name for file in (tmp_path / "pages").iterdir()) == [
        *("1.ndjson", "1.ndjson.gz", "1.ndjson.zst", "2.ndjson")
    ]


async def test_an_empty_ledger_is_published_without_pages(hub: Hub, tmp_path: Path) -> None:
    index = await published(hub, tmp_path)

    assert (index["pages"], index["cursor"]) == ([], "1.0")
    assert not (tmp_path / "pages").exists()


async def test_an_index_tells_of_the_new_epoch_where_its_pages_stand(hub: Hub, tmp_path: Path) -> None:
    await (await hub.platform()).push(*(a_tender_notice() for _ in range(SIZE)))
    await published(hub, tmp_path)
    await begin_epoch(hub.runtime.database, "restored from a backup")

    index = await published(hub, tmp_path)

    assert ([page["name"] for page in index["pages"]], index["cursor"]) == (["1"], "2.3")


async def test_pages_of_a_later_epoch_are_published_under_their_names(hub: Hub, tmp_path: Path) -> None:
    platform = await hub.platform()
    await platform.push(*(a_tender_notice() for _ in range(2 * SIZE)))
    await published(hub, tmp_path, ())
    await begin_epoch(hub.runtime.database, "what the index names as page 2 was lost, and filled anew")
    async with hub.runtime.database.transaction() as connection:
        await connection.execute(update(Epoch).where(Epoch.number == 2).values(began_after=SIZE))

    index = await published(hub, tmp_path, ())

    assert [page["name"] for page in index["pages"]] == ["1", "2.2"]
    assert index["cursor"] == f"2.{2 * SIZE}"
    assert (tmp_path / "pages" / "2.2.ndjson").is_file()


async def test_following_publishes_a_page_soon_after_it_is_full(hub: Hub, tmp_path: Path) -> None:
    platform = await hub.platform()
    following = asyncio.create_task(follow(hub.runtime.database, Directory(tmp_path), (), lambda *_: None))
    try:
        for number in (1, 2):
            await platform.push(*(a_tender_notice() for _ in range(SIZE)))
            async with asyncio.timeout(5):
                while not (tmp_path / "pages" / f"{number}.ndjson").exists():  # noqa: ASYNC110 (files have no event)
                    await asyncio.sleep(0.02)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_all_of_a_file_is_on_the_disk_before_it_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, int]] = []

    def sync(number: int) -> None:
        found = os.fstat(number)
        synced.append((S_ISDIR(found.st_mode), found.st_size))

    monkeypatch.setattr(os, "fsync", sync)
    await Directory(tmp_path).put("index.json", b"x" * 500, {})

    assert synced[0] == (False, 500)
    assert [is_directory for is_directory, _ in synced] == [False, True]


async def test_a_reader_of_the_index_never_misses_a_file(hub: Hub, tmp_path: Path) -> None:
    platform = await hub.platform()
    await platform.push(*(a_tender_notice() for _ in range(SIZE * 4)))
    seen: list[str] = []

    class Watched(Directory):
        async def put(self, name: str, body: bytes, headers: Any, /) -> None:
            if name == "index.json":
                for page in orjson.loads(body)["pages"]:
                    assert (tmp_path / page["file"]).is_file()
            seen.append(name)
            await super().put(name, body, headers)

    await publish(hub.runtime.database, Watched(tmp_path), ("gzip",), lambda *_: None)

    assert seen[-1] == "index.json"
    assert seen.index("pages/1.ndjson.gz") < seen.index("pages/1.ndjson")


async def test_a_directory_that_cannot_be_written_is_a_problem(hub: Hub, tmp_path: Path) -> None:
    await (await hub.platform()).push(*(a_tender_notice() for _ in range(SIZE)))
    (tmp_path / "pages").write_text("in the way")

    with pytest.raises(ShelfAway):
        await publish(hub.runtime.database, Directory(tmp_path), (), lambda *_: None)

    assert not (tmp_path / "index.json").exists()


def a_shelf(served: Served, http: httpx.AsyncClient, secret: str = SECRET) -> Bucket:
    return Bucket(http, served.endpoint, "prt-feed", "/v1/公开/", Keys(REGION, ACCESS, secret))


async def test_pages_are_published_to_a_bucket_that_checks_signatures(hub: Hub) -> None:
    await (await hub.platform()).push(*(a_tender_notice() for _ in range(2 * SIZE)))
    async with a_bucket() as served, httpx.AsyncClient() as http:
        shelf = a_shelf(served, http)

        assert await publish(hub.runtime.database, shelf, ("gzip",), lambda *_: None) == 2
        assert await publish(hub.runtime.database, shelf, ("gzip",), lambda *_: None) == 2

        index = await shelf.get("index.json")
        assert await shelf.get("none") is None

    assert index is not None
    assert [page["name"] for page in orjson.loads(index)["pages"]] == ["1", "2"]
    assert [path.rpartition("/")[2] for path in served.order] == [
        *("1.ndjson.gz", "1.ndjson", "2.ndjson.gz", "2.ndjson", "index.json")
    ]
    headers = next(headers for path, (_, headers) in served.objects.items() if path.endswith("1.ndjson.gz"))
    assert (headers["content-encoding"], headers["content-type"]) == ("gzip", "application/x-ndjson")
    assert headers["cache-control"].endswith("immutable")


async def test_a_wrong_secret_or_a_bucket_that_is_away_is_a_problem() -> None:
    async with a_bucket() as served, httpx.AsyncClient() as http:
        with pytest.raises(ShelfAway, match="403"):
            await a_shelf(served, http, "another").put("x", b"x", {})
        served.failing = 1
        with pytest.raises(ShelfAway, match="503"):
            await a_shelf(served, http).get("x")
        served.port = 1
        with pytest.raises(ShelfAway):
            await a_shelf(served, http).get("x")


def test_the_signature_of_the_documented_get_request_is_the_documented_one() -> None:
    """The examples of the AWS documentation of Signature Version 4 for S3."""
    url = "https://examplebucket.s3.amazonaws.com/test.txt"

    headers = signed(EXAMPLE, "GET", url, {"Range": "bytes=0-9"}, b"", THEN)

    assert headers["authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_the_signature_of_the_documented_put_request_is_the_documented_one() -> None:
    url = "https://examplebucket.s3.amazonaws.com/test%24file.text"
    sent = {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}

    headers = signed(EXAMPLE, "PUT", url, sent, b"Welcome to Amazon S3.", THEN)

    assert headers["authorization"].endswith(
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


def test_the_commands_publish_and_begin_epochs(tmp_path: Path) -> None:
    def hub_says(*command: str) -> str:
        done = subprocess.run(
            [*HUB, *command], env={"HUB_DATA_DIR": str(tmp_path / "data")}, capture_output=True, text=True, check=True
        )
        return done.stdout

    hub_says("migrate")
    assert "0 full page(s)" in hub_says("publish", str(tmp_path / "out"))
    assert the_index(tmp_path / "out")["epoch"] == 1
    assert "Epoch 2 begins behind position 0" in hub_says("epoch", "begin", "--reason", "restored from a backup")
    assert "restored from a backup" in hub_says("epoch", "list")
    hub_says("publish", str(tmp_path / "out"), "--packed", "none")
    assert the_index(tmp_path / "out")["epoch"] == 2
