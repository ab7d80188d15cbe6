"""Snapshots: everything up to one position, in files that say what they are."""

import asyncio
import csv
import fcntl
import io
import sys
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from zstandard import ZstdDecompressor

from hub.exports.snapshot import make, shelved
from hub.exports.snapshot.nightly import make_missing, nightly
from hub.ledger.buckets import bucket_digest
from hub.ledger.epochs import begin_epoch
from hub.problems import InvalidParameter
from hub.settings import Settings
from tests.builders import a_later_version, a_tender_contract, a_tender_notice
from tests.hub import Caller, Hub, a_hub

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hub(anyio_backend: str, database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with a_hub(database_url, snapshot_dir=tmp_path / "shelf") as running:
        yield running


@pytest.fixture
async def platform(hub: Hub) -> Caller:
    return await hub.platform()


async def fill(platform: Caller) -> None:
    """Six versions of four records: one corrected, one withdrawn, one withheld."""
    first, second = a_tender_notice(), a_tender_contract()
    await platform.push(first, second, a_tender_notice(disclosure="on_request"), a_later_version(first))
    await platform.withdraw(second)
    await platform.push(a_tender_notice(region_code="350200"))


def lines_of(file: Path) -> list[bytes]:
    with file.open("rb") as opened, ZstdDecompressor().stream_reader(opened, read_across_frames=True) as plain:
        return plain.read().splitlines()


def manifest_of(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((place / "manifest.json").read_bytes())
    return found


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))


async def test_the_history_is_the_feed_byte_for_byte(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    await fill(platform)
    consumer = await hub.consumer()

    for view, reader in (("public", hub.public), ("government", consumer)):
        place = await make(hub.runtime.database, tmp_path / "out", view=view)  # type: ignore[arg-type]
        feed = await reader.call("GET", "/v1/feed", headers={"accept": "application/x-ndjson"})
        assert lines_of(place / "history.ndjson.zst") == feed.content.splitlines()


async def test_the_current_records_are_those_of_the_position(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    await fill(platform)

    for at in range(7):
        place = await make(hub.runtime.database, tmp_path / "out", at=at)
        found = [orjson.loads(line)["position"] for line in lines_of(place / "current.ndjson.zst")]
        listed = (await hub.public.read("/v1/records", as_of=at))["records"]
        assert sorted(found) == sorted(entry["position"] for entry in listed), at
        assert len(lines_of(place / "history.ndjson.zst")) == at


async def test_the_manifest_says_what_there_is(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    await fill(platform)

    place = await make(hub.runtime.database, tmp_path / "out", at=5, formats=("ndjson", "csv", "parquet"))
    manifest = manifest_of(place)

    assert place.name == "1.000000000005-public"
    assert (manifest["position"], manifest["epoch"], manifest["cursor"]) == (5, 1, "1.5")
    assert manifest["counts"] == {
        "versions": 5,
        "records": 3,
        "by_state": {"published": 1, "withheld": 1, "withdrawn": 1},
        "by_kind": {
            "tender_contract": {"versions": 2, "records": 1},
            "tender_notice": {"versions": 3, "records": 2},
        },
    }
    assert manifest["schema_versions"] == {"tender_contract": ["2.0"], "tender_notice": ["2.0"]}
    entries = [orjson.loads(line) for line in lines_of(place / "history.ndjson.zst")]
    items = [(entry["position"], bytes.fromhex(entry["digest"])) for entry in entries]
    assert manifest["digest"] == bucket_digest(items).hex()
    there = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()} - {"manifest.json"}
    assert {file["name"] for file in manifest["files"]} == there
    for file in manifest["files"]:
        content = (place / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), sha256(content).hexdigest()), file["name"]


async def test_the_feed_goes_on_from_a_snapshot_whatever_epoch_it_is(
    hub: Hub, platform: Caller, tmp_path: Path
) -> None:
    await fill(platform)
    await begin_epoch(hub.runtime.database, "restored")

    cursor = manifest_of(await make(hub.runtime.database, tmp_path / "out", at=4))["cursor"]

    assert cursor == "2.4"
    assert [entry["position"] for entry in (await hub.public.read("/v1/feed", after=cursor))["entries"]] == [5, 6]


async def test_csv_has_a_row_per_current_record_and_a_codebook_with_chinese_titles(
    hub: Hub, platform: Caller, tmp_path: Path
) -> None:
    notice = a_tender_notice(body__notice_name='带"引号"，和,逗号')
    contract = a_tender_contract()
    await platform.push(notice, contract, a_tender_notice(disclosure="on_request"))
    await platform.withdraw(contract)

    place = await make(hub.runtime.database, tmp_path / "out", formats=("csv",))
    shown, withheld = rows_of(place / "csv" / "tender_notice.csv")
    (withdrawn,) = rows_of(place / "csv" / "tender_contract.csv")

    assert (place / "csv" / "tender_notice.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (shown["position"], shown["body.notice_name"]) == ("1", notice["body"]["notice_name"])
    assert shown["discloser.name"] == notice["discloser"]["name"]
    assert orjson.loads(shown["attachments"]) == notice["attachments"]
    assert (withheld["withheld.ground"], withheld["body.notice_name"]) == ("on_request", "")
    assert (withdrawn["state"], withdrawn["withdrawal.reason"]) == ("withdrawn", "重复发布")
    book = {(row["kind"], row["column"]): row["title"] for row in rows_of(place / "csv" / "codebook.csv")}
    assert book["tender_notice", "body.notice_name"] == "公告标题"
    assert {column for kind, column in book if kind == "tender_notice"} == shown.keys()


async def test_parquet_has_the_rows_of_csv(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    from pyarrow import parquet

    await fill(platform)

    place = await make(hub.runtime.database, tmp_path / "out", formats=("csv", "parquet"))
    table = parquet.read_table(place / "parquet" / "tender_notice.parquet")
    rows = rows_of(place / "csv" / "tender_notice.csv")

    as_text = [{name: "" if v is None else str(v) for name, v in row.items()} for row in table.to_pylist()]
    assert as_text == rows
    assert table.schema.field("body.notice_name").metadata == {b"title_zh": "公告标题".encode()}


async def test_tables_have_the_history_of_a_kind_too(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    from pyarrow import parquet

    await fill(platform)

    place = await make(hub.runtime.database, tmp_path / "out", formats=("ndjson", "csv", "parquet"))
    entries = [orjson.loads(line) for line in lines_of(place / "history.ndjson.zst")]
    files = {(file["format"], file["what"], file.get("kind")): file for file in manifest_of(place)["files"]}
    counts = manifest_of(place)["counts"]["by_kind"]

    for kind in ("tender_notice", "tender_contract"):
        rows = rows_of(place / "csv" / "history" / f"{kind}.csv")
        expected = [entry for entry in entries if entry["record"].split("/")[1] == kind]
        assert [(row["position"], row["record"], row["number"], row["digest"]) for row in rows] == [
            (str(entry["position"]), entry["record"], str(entry["number"]), entry["digest"]) for entry in expected
        ]
        table = parquet.read_table(place / "parquet" / "history" / f"{kind}.parquet")
        assert [{name: "" if v is None else str(v) for name, v in row.items()} for row in table.to_pylist()] == rows
        for name in ("csv", "parquet"):
            assert files[name, "history", kind]["name"] == f"{name}/history/{kind}.{name}"
            assert files[name, "history", kind]["rows"] == counts[kind]["versions"] == len(expected)
            assert files[name, "current", kind]["rows"] == counts[kind]["records"] < len(expected)


async def test_without_pyarrow_one_is_told_how_to_get_it(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(InvalidParameter, match=r"pip install 'public-resource-hub\[parquet\]'"):
        await make(hub.runtime.database, tmp_path / "out", formats=("parquet",))


async def test_a_snapshot_is_there_whole_or_not_at_all(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    await fill(platform)
    database = hub.runtime.database

    def fail(done: int, total: int) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        await make(database, tmp_path / "out", told=fail)
    assert list((tmp_path / "out").iterdir()) == []
    await make(database, tmp_path / "out")
    with pytest.raises(InvalidParameter, match="is there already"):
        await make(database, tmp_path / "out")
    with pytest.raises(InvalidParameter, match="no such position"):
        await make(database, tmp_path / "out", at=7)
    with pytest.raises(InvalidParameter, match="formats are ndjson"):
        await make(database, tmp_path / "out", formats=("xml",))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["1.000000000006-public"]


async def test_what_is_made_at_night_is_listed_and_served(hub: Hub, platform: Caller) -> None:
    await fill(platform)
    settings = hub.runtime.settings.model_copy(update={"snapshot_views": ("public", "government")})
    assert settings.snapshot_dir is not None
    made = await make_missing(hub.runtime.database, settings, settings.snapshot_dir)
    again = await make_missing(hub.runtime.database, settings, settings.snapshot_dir)
    consumer = await hub.consumer()

    public = await hub.public.read("/v1/snapshots")
    government = await consumer.read("/v1/snapshots")
    (shown,) = public["snapshots"]
    history = await hub.public.get(f"/v1/snapshots/{shown['name']}/history.ndjson.zst")

    assert (len(made), again) == (2, [])
    assert (shown["cursor"], shown["counts"]["records"]) == ("1.6", 4)
    assert {one["view"] for one in government["snapshots"]} == {"public", "government"}
    assert sha256(history.content).hexdigest() == next(
        file["sha256"] for file in shown["files"] if file["name"] == "history.ndjson.zst"
    )
    assert (await hub.public.read(f"/v1/snapshots/{shown['name']}/manifest.json"))["position"] == 6


async def test_nothing_but_the_files_of_a_visible_snapshot_is_served(hub: Hub, platform: Caller) -> None:
    await fill(platform)
    directory = hub.runtime.settings.snapshot_dir
    assert directory is not None
    place = await make(hub.runtime.database, directory, view="government")
    (place / "secret.txt").write_text("not of the snapshot")
    consumer = await hub.consumer()

    for reader, path, status in (
        (hub.public, f"{place.name}/manifest.json", 404),
        (consumer, f"{place.name}/manifest.json", 200),
        (consumer, f"{place.name}/secret.txt", 404),
        (consumer, f"{place.name}/..%2f..%2fhub.sqlite3", 400),
        (consumer, "1.000000000009-public/manifest.json", 404),
        (consumer, "..%2f/manifest.json", 400),
    ):
        assert (await reader.get(f"/v1/snapshots/{path}")).status_code in (status, 404), path


async def test_only_the_newest_snapshots_are_kept(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    settings = Settings(snapshot_keep=2)
    for _ in range(3):
        await platform.push(a_tender_notice())
        await make_missing(hub.runtime.database, settings, tmp_path / "out")

    left = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert left == ["1.000000000002-public", "1.000000000003-public"]


async def test_a_new_epoch_has_a_snapshot_of_its_own_at_the_same_position(
    hub: Hub, platform: Caller, tmp_path: Path
) -> None:
    await platform.push(a_tender_notice())
    await make_missing(hub.runtime.database, hub.runtime.settings, tmp_path)
    await begin_epoch(hub.runtime.database, "restored")

    (made,) = await make_missing(hub.runtime.database, hub.runtime.settings, tmp_path)

    assert made.name == "2.000000000001-public"


async def test_a_process_that_runs_through_the_night_makes_one(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(platform)
    pauses = iter([0.01])
    monkeypatch.setattr("hub.exports.snapshot.nightly.seconds_until", lambda _at, _moment: next(pauses, 3600.0))
    directory = hub.runtime.settings.snapshot_dir
    assert directory is not None

    async with nightly(hub.runtime.database, hub.runtime.settings), asyncio.timeout(20):
        while not shelved(directory):  # noqa: ASYNC110 (it appears when it is whole)
            await asyncio.sleep(0.02)

    assert [one.name for one in shelved(directory)] == ["1.000000000006-public"]


async def test_where_another_process_makes_it_none_is_made(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    await fill(platform)

    with (tmp_path / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert await make_missing(hub.runtime.database, hub.runtime.settings, tmp_path) == []
    assert len(await make_missing(hub.runtime.database, hub.runtime.settings, tmp_path)) == 1
