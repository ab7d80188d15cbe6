"""Every kind, everywhere the public can look: nothing that it may not see is in anything that the hub gives out."""

import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
import zstandard

from hub.exports.dialects import DIALECTS
from hub.exports.publish import publish
from hub.exports.shelf import Directory
from hub.exports.snapshot import make
from hub.schemas.kind import kinds
from tests.api.test_feed_stream import read_until
from tests.api.test_log import signed
from tests.builders import a_later_version
from tests.hub import B, Caller, Hub
from tests.law.secrets import marked_submissions
from tests.served import a_served_hub

pytestmark = pytest.mark.anyio

PAGE = 100
XML, V2_JSON = "application/xml", "application/vnd.hub.v2+json"


@pytest.fixture
async def hub(anyio_backend: str, sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    """A hub whose pages are full soon."""
    for module in ("ledger.buckets", "ledger.pages", "exports.publish", "api.feed_pages"):
        monkeypatch.setattr(f"hub.{module}.PAGE", PAGE)
    async with a_served_hub(sqlite_database_url) as running:
        yield running


@pytest.fixture
async def public(hub: Hub) -> AsyncIterator[Caller]:
    """The public without a socket between: only the stream of events needs one, and thousands of answers do not."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hub.app), base_url="http://hub", timeout=30) as http:
        yield Caller(http)


class Seen:
    """What was given out, looked through for marks as it comes."""

    def __init__(self, marks: set[str]) -> None:
        self.forms = {form: mark for mark in marks for form in _forms(mark)}
        self.found: set[tuple[str, str]] = set()
        self.places = 0

    def look(self, place: str, content: bytes) -> None:
        self.places += 1
        assert content, place
        self.found |= {(place, mark) for form, mark in self.forms.items() if form in content}


def _forms(mark: str) -> Iterator[bytes]:
    """The mark as text in UTF-8, and as JSON may escape it."""
    yield mark.encode()
    if not mark.isascii():
        yield mark.encode("unicode_escape")


async def test_no_mark_of_any_kind_is_anywhere_in_public(hub: Hub, public: Caller, tmp_path: Path) -> None:
    platform, first = await hub.platform(), [one for name in kinds() for one in marked_submissions(name)]
    submissions, seen = [submission for submission, _ in first], Seen(set().union(*(marks for _, marks in first)))
    receipts = await _stored(platform, submissions)
    later = await _stored(platform, [a_later_version(submission) for submission in submissions])
    head = later[-1]["position"]
    assert (head, len({submission["kind"] for submission in submissions})) == (2 * len(first), len(kinds()))
    await _control(await hub.consumer(), seen)

    await _feeds(public, seen, head)
    await _stream(hub.public, seen, head)
    await _get(await hub.platform(B), seen, "/v1/feed?limit=1000")
    await _places(public, seen, head)
    await signed(hub, head)
    first_of = {
        one["kind"]: (one, told["position"]) for one, told in reversed(list(zip(submissions, receipts, strict=True)))
    }
    for submission, position in first_of.values():
        await _record(public, seen, platform.record(submission), position)
    for thread in {receipt["thread"] for receipt in receipts}:
        await _thread(public, seen, quote(thread), head)
    await _files(hub, seen, tmp_path)

    assert sorted(seen.found) == []
    assert seen.places > 10 * len(kinds())


async def _stored(platform: Caller, submissions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = await platform.batch(*submissions)
    assert [answer for answer in answers if answer["status"] != 201] == []
    return [answer["receipt"] for answer in answers]


async def _control(government: Caller, seen: Seen) -> None:
    """The government meets all marks: they are in the ledger, and they are found where they are."""
    await _get(government, seen, "/v1/feed?limit=1000")
    assert {mark for _, mark in seen.found} == set(seen.forms.values())
    seen.found.clear()


async def _feeds(reader: Caller, seen: Seen, head: int) -> None:
    """The feed in each dialect from its beginning to its end, and as pages."""
    for dialect in DIALECTS:
        await _get(reader, seen, f"/v1/feed?format={dialect}&limit=1000")
        for page in range(1, head // PAGE + 1):
            await _get(reader, seen, f"/v1/feed/pages/{page}?format={dialect}")
    await _get(reader, seen, "/v1/feed?limit=1000&before=head")


async def _stream(reader: Caller, seen: Seen, head: int) -> None:
    stream = await read_until(reader, lambda source: len(source.events) >= head, "/v1/feed?after=0")
    seen.look("stream", orjson.dumps([event for _, event in stream.events]))


async def _places(public: Caller, seen: Seen, head: int) -> None:
    """What is about all records."""
    for path in (
        "/",
        "/v1/status",
        "/v1/feed/digests?by=page&from=1&to=100",
        "/v1/records?limit=1000",
        "/v1/records?limit=1000&overdue=true",
        f"/v1/records?limit=1000&as_of={head // 2}",
        "/v1/log/checkpoint",
    ):
        await _get(public, seen, path)


async def _record(public: Caller, seen: Seen, at: str, position: int) -> None:
    """What is about one record: its versions in every form, what became of them, its page and its evidence."""
    for path in (
        at,
        f"{at}?as_of={position}",
        f"{at}/versions",
        f"{at}/diff?before=1&after=2",
        f"{at}/chain",
        f"{at}/changes?since=1",
        f"{at}/versions/1/evidence",
        at.removeprefix("/v1"),
    ):
        await _get(public, seen, path)
    for accept in (XML, V2_JSON):
        await _get(public, seen, f"/v1/versions/{position}", accept)


async def _thread(public: Caller, seen: Seen, thread: str, head: int) -> None:
    """What is about one project: its records now and then, and what of it is a process."""
    for path in (f"/v1/threads/{thread}", f"/v1/threads/{thread}?as_of={head // 2}", f"/v1/threads/{thread}/ocds"):
        await _get(public, seen, path)


async def _get(reader: Caller, seen: Seen, path: str, accept: str = "*/*") -> None:
    response = await reader.call("GET", path, headers={"accept": accept})
    expected = (200, 404) if path.endswith("/ocds") else (200,)  # Not every thread is a process of OCDS.
    assert response.status_code in expected, (path, accept, response.text)
    seen.look(f"{path} {accept}", response.content)


async def _files(hub: Hub, seen: Seen, folder: Path) -> None:
    """Snapshots in every format, and the published pages."""
    from pyarrow import parquet

    database = hub.runtime.database
    place = await make(database, folder / "snapshot", formats=("ndjson", "csv", "parquet"))
    await publish(database, Directory(folder / "pages"), ("gzip", "zstd"), lambda *_: None)
    files = [file for top in (place, folder / "pages") for file in sorted(top.rglob("*")) if file.is_file()]
    assert {".zst", ".csv", ".parquet", ".gz"} <= {file.suffix for file in files}
    for file in files:
        if file.suffix == ".parquet":
            rows = parquet.read_table(file).to_pylist()
            seen.look(file.name, str(rows).encode() + file.name.encode())
        else:
            seen.look(file.name, _plain(file))


def _plain(file: Path) -> bytes:
    raw = file.read_bytes()
    if file.suffix == ".gz":
        return gzip.decompress(raw)
    if file.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as plain:
            return plain.read()
    return raw
