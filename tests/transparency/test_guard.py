"""The guard: a database that lost its past, or has another one, is read and not written until a person decides."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from hub.db import Database
from hub.ledger.appender import Appender
from hub.problems import LedgerBehindCheckpoint
from hub.transparency.guard import Behind, Guard
from hub.transparency.note import Checkpoint
from hub.transparency.outside import Outside
from hub.transparency.reopening import reopen
from tests.builders import a_tender_notice
from tests.hub import Document, Hub, a_hub
from tests.ledger.entries import an_entry
from tests.transparency.tampering import lose_the_tail, tamper
from tests.transparency.test_keeper import ORIGIN, a_keeper, covered
from tests.transparency.test_tree import an_integrator, grow

pytestmark = pytest.mark.anyio


def a_guard(database: Database, directory: Path, origin: str = "") -> Guard:
    return Guard(database, directory / "checkpoints", origin)


async def a_log(database: Database, appender: Appender, directory: Path, size: int = 5) -> Outside:
    """A ledger of `size` versions whose newest head is kept outside."""
    async with a_keeper(database, directory) as (_, outside):
        await grow(appender, 0, size)
        await covered(outside, size)
    return outside


async def test_a_database_that_is_what_it_was_may_be_written(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    await a_log(database, appender, tmp_path)
    await grow(appender, 10, 3)

    guard = a_guard(database, tmp_path)

    assert await guard.look() is None
    guard.let_write()


async def test_before_the_first_head_there_is_nothing_to_compare(database: Database, tmp_path: Path) -> None:
    assert await a_guard(database, tmp_path).look() is None


async def test_a_database_shorter_than_its_head_is_not_written(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    await a_log(database, appender, tmp_path)
    await lose_the_tail(database, 3)

    guard = a_guard(database, tmp_path)
    behind = await guard.look()

    assert behind is not None
    assert (behind.head, behind.checkpoint) == (3, 5)
    with pytest.raises(LedgerBehindCheckpoint, match="ends at position 3"):
        guard.let_write()


@pytest.mark.parametrize("spoilt", ["no note", "no text", "no file"])
async def test_a_database_whose_head_cannot_be_read_is_not_written(
    database: Database, appender: Appender, tmp_path: Path, spoilt: str
) -> None:
    file = (await a_log(database, appender, tmp_path)).file
    note = file.read_bytes()
    if spoilt == "no file":
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(b"garbled\n" if spoilt == "no note" else bytes([note[0] ^ 0x80]) + note[1:])

    guard = a_guard(database, tmp_path)
    await guard.look()

    with pytest.raises(LedgerBehindCheckpoint, match="cannot be read"):
        guard.let_write()


async def test_a_head_that_is_signed_while_the_guard_looks_is_not_taken_for_a_loss(
    database: Database, appender: Appender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_log(database, appender, tmp_path)
    loop, read = asyncio.get_running_loop(), Outside.checkpoint

    async def grown() -> None:
        await appender.append_all([an_entry("meanwhile")])
        signed = await (await an_integrator(database)).integrate()
        assert signed is not None
        outside.keep(signed.note)

    def slowly(outside: Outside) -> Checkpoint | None:
        asyncio.run_coroutine_threadsafe(grown(), loop).result(10)
        return read(outside)

    outside = Outside(tmp_path / "checkpoints", ORIGIN)
    monkeypatch.setattr(Outside, "checkpoint", slowly)

    assert await a_guard(database, tmp_path).look() is None


@pytest.mark.parametrize("tiles", ["kept", "lost"])
async def test_another_version_at_a_signed_position_is_noticed(
    database: Database, appender: Appender, tmp_path: Path, tiles: str
) -> None:
    await a_log(database, appender, tmp_path)
    await lose_the_tail(database, 3)
    # Positions 4 and 5 are given out again, as after a failover to a standby that was behind.
    await appender.append_all([an_entry("x"), an_entry("y"), an_entry("z")])
    if tiles == "kept":
        await (await an_integrator(database)).integrate()

    behind = await a_guard(database, tmp_path).look()

    assert behind is not None
    assert (behind.head, behind.checkpoint) == (6, 5)
    assert "not those that were signed" in behind.en


async def test_the_same_versions_again_are_the_same_ledger(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    await a_log(database, appender, tmp_path)
    for table in ("tile", "checkpoint"):
        await tamper(database, f"DELETE FROM {table}")

    assert await a_guard(database, tmp_path).look() is None


async def test_a_lost_tile_is_noticed(database: Database, appender: Appender, tmp_path: Path) -> None:
    await a_log(database, appender, tmp_path)
    await tamper(database, "DELETE FROM tile")

    assert await a_guard(database, tmp_path).look() is not None


async def test_a_spoilt_note_outside_is_noticed(database: Database, appender: Appender, tmp_path: Path) -> None:
    outside = await a_log(database, appender, tmp_path)
    outside.file.write_text("nothing")

    behind = await a_guard(database, tmp_path).look()

    assert behind is not None
    assert behind.checkpoint is None


async def test_an_empty_database_under_the_name_of_a_log_is_noticed(
    database_url: str, appender: Appender, database: Database, tmp_path: Path
) -> None:
    await a_log(database, appender, tmp_path)
    await lose_the_tail(database, 0)
    await tamper(database, "DELETE FROM log")

    assert await a_guard(database, tmp_path, "hub.example/another").look() is None
    assert await a_guard(database, tmp_path, ORIGIN).look() is not None


async def test_the_keeper_signs_nothing_of_a_ledger_that_lost_its_past(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    outside = await a_log(database, appender, tmp_path)
    note = outside.note()
    await lose_the_tail(database, 3)
    await grow(appender, 10, 9)

    async with a_keeper(database, tmp_path):
        await asyncio.sleep(0.7)

    assert outside.note() == note


async def test_a_new_epoch_is_another_log_and_opens_the_ledger_again(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    outside = await a_log(database, appender, tmp_path)
    note = outside.note()
    await lose_the_tail(database, 3)
    guard = a_guard(database, tmp_path, ORIGIN)
    assert await guard.look() is not None

    assert await reopen(database, 2, ORIGIN, "sha256") == f"{ORIGIN}/e2"

    assert await guard.look() is None
    await grow(appender, 10, 2)
    async with a_keeper(database, tmp_path):
        await covered(Outside(tmp_path / "checkpoints", f"{ORIGIN}/e2"), 5)
    assert await guard.look() is None
    assert outside.note() == note, "what was signed of the lost past is kept"


async def test_a_process_that_keeps_no_head_of_a_log_says_so(
    database: Database, database_url: str, appender: Appender, tmp_path: Path
) -> None:
    await a_log(database, appender, tmp_path)
    shared, own = a_guard(database, tmp_path), a_guard(database, tmp_path / "own")
    await shared.look()
    await own.look()

    assert (shared.behind, shared.unguarded, own.behind) == (None, None, None)
    assert own.unguarded is not None
    assert own.unguarded.signed == 5
    async with a_hub(database_url, checkpoint_dir=str(tmp_path / "checkpoints"), log_origin=ORIGIN) as hub:
        assert (await hub.public.read("/v1/status"))["unguarded"] is None
        hub.runtime.guard.unguarded = own.unguarded
        assert (await hub.public.read("/v1/status"))["unguarded"]["signed"] == 5


async def test_a_ledger_without_a_signed_head_is_not_said_to_be_unguarded(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    await grow(appender, 0, 2)
    guard = a_guard(database, tmp_path, ORIGIN)
    await guard.look()

    assert guard.unguarded is None


async def test_a_head_that_is_just_being_put_outside_is_not_said_to_be_missing(
    database: Database, appender: Appender, tmp_path: Path
) -> None:
    outside = await a_log(database, appender, tmp_path)
    note = outside.note()
    assert note is not None
    outside.file.unlink()
    asyncio.get_running_loop().call_later(0.05, outside.keep, note)

    guard = a_guard(database, tmp_path, ORIGIN)
    await guard.look()

    assert guard.unguarded is None


async def lost(hub: Hub, after: int) -> None:
    """The hub's database as it was at position `after`, and the guard has noticed."""
    await lose_the_tail(hub.runtime.database, after)
    await hub.runtime.guard.look()


async def test_a_hub_whose_ledger_lost_its_past_reads_on_and_refuses_pushes(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url) as hub:
        platform = await hub.platform()
        kept, gone = a_tender_notice(), a_tender_notice()
        await platform.push(kept, gone)
        await signed(hub, 2)

        await lost(hub, 1)

        refused = await platform.put(gone)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/ledger-behind-checkpoint")
        assert (refused.json()["head"], refused.json()["checkpoint"]) == (1, 2)
        assert (await platform.withdraw(kept)).status_code == 503
        assert (await platform.send(b"{}")).status_code == 503
        assert [entry["position"] for entry in (await hub.public.read("/v1/feed"))["entries"]] == [1]
        status = await hub.public.read("/v1/status")
        assert (status["read_only"]["head"], status["read_only"]["checkpoint"]) == (1, 2)
        page = await hub.public.get("/")
        assert "只读" in page.text


async def test_a_push_that_was_under_way_when_the_loss_was_noticed_is_refused_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_away() -> Behind | None:
        return hub.runtime.guard.behind

    async with a_hub(database_url) as hub:
        platform = await hub.platform()
        kept = a_tender_notice()
        await platform.push(kept)
        # Nothing is behind in truth: a look of the guard's own would find that out.
        monkeypatch.setattr(hub.runtime.guard, "look", look_away)
        await asyncio.sleep(0.3)  # One that was under way has ended.

        async def sent(*notices: Document) -> AsyncIterator[bytes]:
            lines = [orjson.dumps(notice) + b"\n" for notice in notices]
            yield lines[0][:100]  # The guard has let it in.
            hub.runtime.guard.behind = Behind(1, 2, "It ends at position 1.", "止于位置 1。")
            yield b"".join(lines)[100:]

        new = a_tender_notice()
        headers = {"content-type": "application/json"}
        path = f"/v1/records/{new['kind']}/{new['data_key']}"
        put = await platform.call("PUT", path, content=sent(new), headers=headers)
        hub.runtime.guard.behind = None
        batch = [orjson.loads(line) for line in (await platform.send(sent(kept, new))).content.splitlines()]
        hub.runtime.guard.behind = None

        assert (put.status_code, put.json()["type"]) == (503, "/problems/ledger-behind-checkpoint")
        assert "/problems/ledger-behind-checkpoint" in str(batch[1])
        assert (await hub.public.read("/v1/feed"))["head"] == 1
        await platform.push(new)
        assert (await hub.public.read("/v1/feed"))["head"] == 2


async def signed(hub: Hub, size: int) -> None:
    """Wait until a head of that size is kept outside."""
    folder = hub.runtime.settings.checkpoints()
    async with asyncio.timeout(10):
        while not any(f"\n{size}\n" in file.read_text() for file in folder.glob("*.checkpoint")):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
