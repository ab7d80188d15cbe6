"""`hub consume`: whatever is killed whenever, a sink has every version once, with a cursor that goes with it."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from hub.client import Entry, FeedClient
from hub.client.consume import Summary, consume, prepare
from hub.client.directory import Directory
from hub.client.page import Page
from hub.client.postgresql import Postgresql
from hub.client.sink import Sink
from hub.client.snapshot import load
from hub.client.trouble import Broken, Refused, Trouble
from hub.exports.snapshot import make
from hub.ledger.epochs import begin_epoch
from tests.builders import a_tender_notice
from tests.hub import Caller, Hub
from tests.served import Server, a_server
from tests.support.postgres import Server as Postgres

pytestmark = pytest.mark.anyio

KILLS = 4
HUB = str(Path(sys.executable).with_name("hub"))


@pytest.fixture(params=["directory", "postgresql"])
async def to(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A place to consume to."""
    if request.param == "directory":
        yield str(tmp_path / "kept")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database("consumed") as name:
        yield postgres.url(name).replace("+asyncpg", "")


def _lines_in(directory: Path) -> list[bytes]:
    return [line for file in sorted(directory.glob("entries-*.ndjson")) for line in file.read_bytes().splitlines()]


def sink_at(to: str) -> Sink:
    return Postgresql(to) if to.startswith("postgresql") else Directory(Path(to), most=50)


async def lines_in(to: str) -> list[bytes]:
    """Every entry that a sink keeps, in the order in which it keeps them."""
    if to.startswith("postgresql"):
        connection = await asyncpg.connect(to)
        try:
            rows = await connection.fetch("SELECT entry::text FROM hub_entry ORDER BY position")
        finally:
            await connection.close()
        return [row[0].encode() for row in rows]
    return _lines_in(Path(to))


async def fed(hub: Hub, to: str, *, after: str | None = None, **options: Any) -> Summary:
    """Consume to the head."""
    async with FeedClient("http://hub", http=hub.public.http, limit=20, **options) as client, sink_at(to) as sink:
        return await consume(client, sink, after=after, follow=False, stopping=asyncio.Event())


async def feed_of(http: httpx.AsyncClient) -> list[bytes]:
    """All entries of the public feed."""
    found: list[bytes] = []
    cursor = "0"
    while True:
        page = await http.get("/v1/feed", params={"after": cursor, "limit": 1000}, headers=_NDJSON)
        cursor = page.headers["hub-cursor"]
        lines = page.content.splitlines()
        if not lines:
            return found
        found += lines


_NDJSON = {"accept": "application/x-ndjson", "authorization": ""}


@asynccontextmanager
async def pushing(server: Server) -> AsyncIterator[Callable[[], int]]:
    """A ledger that grows as long as the block lasts, and not by a batch on its way any more after it."""
    pushed, ending = 0, False

    async def push() -> None:
        nonlocal pushed
        while not ending:
            lines = b"\n".join(orjson.dumps(a_tender_notice(project=pushed + n)) for n in range(25))
            answer = await server.http.post(
                "/v1/records:batch", content=lines, headers={"content-type": "application/x-ndjson"}
            )
            assert answer.status_code == 200
            pushed += 25
            await asyncio.sleep(0.02)

    task = asyncio.create_task(push())
    try:
        yield lambda: pushed
    finally:
        ending = True
        await task


async def hub_consume(server: Server, to: str, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        HUB, "consume", f"http://127.0.0.1:{server.port}", "--to", to, *options, stderr=asyncio.subprocess.PIPE
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


async def test_a_consumer_that_is_killed_at_random_has_every_version_once(sqlite_database_url: str, to: str) -> None:
    chance = random.Random(7)
    async with a_server(sqlite_database_url) as server:
        async with pushing(server):
            for _ in range(KILLS):
                before = await cursor_of(to)
                process = await hub_consume(server, to, "--follow")
                await moved(to, before)
                await asyncio.sleep(chance.uniform(0, 0.5))
                assert process.returncode is None, await ended(process)
                process.kill()
                await process.communicate()
        code, said = await ended(await hub_consume(server, to, "--check"))
        kept, published = await lines_in(to), await feed_of(server.http)

    assert (code, len(published) > KILLS * 25) == (0, True), said
    assert kept == published
    assert "complete" in said


async def cursor_of(to: str) -> str:
    """How far a sink has got."""
    if not to.startswith("postgresql"):
        state = Path(to) / "state.json"
        return str(orjson.loads(state.read_bytes())["cursor"]) if state.exists() else ""
    connection = await asyncpg.connect(to)
    try:
        return str(await connection.fetchval("SELECT cursor FROM hub_cursor"))
    except asyncpg.UndefinedTableError:
        return ""
    finally:
        await connection.close()


async def moved(to: str, before: str = "") -> None:
    """Wait until a sink has got further."""
    async with asyncio.timeout(30):
        while await cursor_of(to) in (before, "", "0", "None"):  # noqa: ASYNC110 (another process moves it)
            await asyncio.sleep(0.01)


async def test_a_consumer_that_is_asked_to_stop_says_what_it_has_proved(sqlite_database_url: str, to: str) -> None:
    async with a_server(sqlite_database_url) as server:
        async with pushing(server):
            process = await hub_consume(server, to, "--follow")
            await moved(to)
            process.terminate()
            code, said = await ended(process)
        kept, published = await lines_in(to), await feed_of(server.http)

    assert code == 0, said
    assert "dense: every position is there, once" in said
    assert kept == published[: len(kept)]


async def test_a_snapshot_and_then_the_feed_have_no_gap_and_no_overlap(
    sqlite_database_url: str, to: str, tmp_path: Path
) -> None:
    async with a_server(sqlite_database_url) as server, pushing(server) as pushed:
        while pushed() < 100:  # noqa: ASYNC110 (a count has no event)
            await asyncio.sleep(0.01)
        made = await asyncio.create_subprocess_exec(
            HUB,
            "snapshot",
            str(tmp_path / "shelf"),
            env={"HUB_DATABASE_URL": sqlite_database_url, "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
        )
        place = (await made.communicate())[0].decode().strip()
        code, said = await ended(await hub_consume(server, to, "--from-snapshot", place, "--check"))
        kept, published = await lines_in(to), await feed_of(server.http)

    assert code == 0, said
    assert len(kept) >= orjson.loads((Path(place) / "manifest.json").read_bytes())["position"] >= 100
    assert kept == published[: len(kept)]


async def test_a_sink_goes_on_where_it_was_and_only_with_what_it_was_filled_from(
    hub: Hub, platform: Caller, to: str
) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    await fed(hub, to)
    await platform.push(a_tender_notice())

    summary = await fed(hub, to)

    assert (summary.began_at, summary.cursor, summary.entries) == ("1.3", "1.4", 1)
    assert await lines_in(to) == await feed_of(hub.public.http)
    with pytest.raises(Trouble, match="was filled with"):
        await fed(hub, to, filters={"kind": "tender_notice"})
    with pytest.raises(Trouble, match="cursor of its own"):
        await fed(hub, to, after="1")


async def test_what_a_new_epoch_takes_back_is_forgotten(hub: Hub, platform: Caller, to: str) -> None:
    await platform.push(*(a_tender_notice() for _ in range(70)))
    await fed(hub, to)
    await begin_epoch(hub.runtime.database, "restored")
    client = FeedClient("http://hub", http=hub.public.http)
    async with sink_at(to) as sink:
        await sink.kept()
        await sink.cut("1.55")

    assert len(await lines_in(to)) == 55
    async with sink_at(to) as sink:
        summary = await consume(client, sink, after=None, follow=False, stopping=asyncio.Event())
    assert (summary.epochs, summary.cursor) == (1, "2.70")
    assert await lines_in(to) == await feed_of(hub.public.http)


async def test_an_opening_of_what_was_lost_does_not_keep_a_consumer_from_the_new_epoch(
    hub: Hub, platform: Caller, to: str
) -> None:
    await platform.push(a_tender_notice())
    (line,) = await feed_of(hub.public.http)
    lost = line.replace(b'"position":1', b'"position":2')[:-1] + b',"opens_at":"2026-01-01T00:00:00.000000Z"}'
    async with FeedClient("http://hub", http=hub.public.http) as client, sink_at(to) as sink:
        await prepare(client, sink, None)
        await sink.write(Page([Entry.read(line), Entry.read(lost)], "1.2", 2))
    await begin_epoch(hub.runtime.database, "restored")

    summary = await fed(hub, to)

    assert (summary.epochs, summary.cursor) == (1, "2.1")
    assert await lines_in(to) == [line]


async def test_two_processes_cannot_fill_the_same_sink(hub: Hub, platform: Caller, to: str) -> None:
    await platform.push(a_tender_notice())
    page = Page([Entry.read(line) for line in await feed_of(hub.public.http)], "1.1", 1)

    async with sink_at(to) as first:
        await first.begin("here", "0")
        with pytest.raises(Trouble, match="another process"):
            await _both(first, sink_at(to), page)
    assert len(await lines_in(to)) <= 1


async def _both(first: Sink, second: Sink, page: Page) -> None:
    async with second:
        await second.kept()
        await first.write(page)
        await second.write(page)


async def test_what_opens_is_kept_beside_what_was_shown_before(to: str, platform: Caller, hub: Hub) -> None:
    await platform.push(a_tender_notice())
    (line,) = await feed_of(hub.public.http)
    sealed = line[:-1] + b',"opens_at":"2030-01-01T00:00:00.000000Z"}'

    async with sink_at(to) as sink:
        await sink.begin("here", "0")
        await sink.write(Page([Entry.read(sealed)], "1.1", 1))
        assert (await sink.kept()).openings == [(1_893_456_000_000_000, 1)]
        await sink.write(Page([Entry.read(line, again=True)], "1.1", 1, dense=False))
        assert (await sink.kept()).openings == []
    async with sink_at(to) as sink:
        assert (await sink.kept()).openings == []
    assert await lines_in(to) == [sealed]
    if not to.startswith("postgresql"):
        assert (Path(to) / "opened.ndjson").read_bytes().splitlines() == [line]


async def test_what_was_not_committed_is_cut_off(hub: Hub, platform: Caller, tmp_path: Path) -> None:
    await platform.push(*(a_tender_notice() for _ in range(60)))
    kept = tmp_path / "kept"
    await fed(hub, str(kept))
    newest = max(kept.glob("entries-*.ndjson"))
    with newest.open("ab") as opened:
        opened.write(b'{"position":61,"half of')
    (kept / "entries-000000000061.ndjson").write_bytes(b"{}")

    await platform.push(a_tender_notice())
    await fed(hub, str(kept))

    assert await lines_in(str(kept)) == await feed_of(hub.public.http)


@pytest.mark.parametrize("how", ["cut", "gone"])
async def test_a_directory_that_lost_what_was_committed_is_not_filled_further(
    hub: Hub, platform: Caller, tmp_path: Path, how: str
) -> None:
    await platform.push(*(a_tender_notice() for _ in range(5)))
    kept = tmp_path / "kept"
    await fed(hub, str(kept))
    (file,) = kept.glob("entries-*.ndjson")
    if how == "cut":
        os.truncate(file, file.stat().st_size // 2)
    else:
        file.unlink()
    await platform.push(a_tender_notice())

    with pytest.raises(Trouble, match=r"is gone or was cut: .* Put it back, or consume into a new directory"):
        await fed(hub, str(kept))


async def test_a_snapshot_that_was_changed_or_shows_another_view_is_refused(
    hub: Hub, platform: Caller, tmp_path: Path
) -> None:
    await platform.push(a_tender_notice())
    government = await make(hub.runtime.database, tmp_path, view="government")
    public = await make(hub.runtime.database, tmp_path)
    with (public / "history.ndjson.zst").open("ab") as opened:
        opened.write(b"x")

    for place, trouble, why in ((government, Trouble, "government view"), (public, Broken, "not the file")):
        async with FeedClient("http://hub", http=hub.public.http) as client, sink_at(str(tmp_path / "s")) as sink:
            with pytest.raises(trouble, match=why):
                await load(place, client, sink)


async def test_a_snapshot_of_another_epoch_is_not_mixed_with_what_was_read_before_it(
    hub: Hub, platform: Caller, to: str, tmp_path: Path
) -> None:
    await platform.push(*(a_tender_notice() for _ in range(3)))
    old = await make(hub.runtime.database, tmp_path)
    await platform.push(*(a_tender_notice() for _ in range(2)))
    await fed(hub, to)
    before = await lines_in(to)
    await begin_epoch(hub.runtime.database, "restored")
    await platform.push(*(a_tender_notice() for _ in range(2)))
    new = await make(hub.runtime.database, tmp_path)

    async with FeedClient("http://hub", http=hub.public.http) as client, sink_at(to) as sink:
        with pytest.raises(Trouble, match=r"goes up to 1\.5, in another epoch than the snapshot of 2\.7"):
            await load(new, client, sink)
        assert (await sink.kept()).cursor == "1.5"
    assert await lines_in(to) == before

    assert (await fed(hub, to)).epochs == 1
    async with FeedClient("http://hub", http=hub.public.http) as client, sink_at(to) as sink:
        assert await load(old, client, sink) == 0  # There is nothing in it that is not there.
    assert await lines_in(to) == await feed_of(hub.public.http)


async def test_a_pipe_gets_the_lines_and_the_cursor_is_told(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        notice = a_tender_notice()
        await server.http.put(f"/v1/records/tender_notice/{notice['data_key']}", json=notice)
        process = await asyncio.create_subprocess_exec(
            HUB,
            "consume",
            f"http://127.0.0.1:{server.port}",
            "--to",
            "stdout",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, said = await asyncio.wait_for(process.communicate(), 30)
        published = await feed_of(server.http)

    assert out.splitlines() == published
    assert "to cursor 1.1 of 1" in said.decode()


async def test_a_hub_that_refuses_ends_the_command_with_its_words(sqlite_database_url: str, tmp_path: Path) -> None:
    async with a_server(sqlite_database_url) as server:
        code, said = await ended(await hub_consume(server, str(tmp_path / "x"), "--filter", "kind=nothing"))

    assert code == 2
    assert "There is no kind" in said


async def test_a_sink_that_got_nothing_may_be_filled_with_another_filter(hub: Hub, platform: Caller, to: str) -> None:
    await platform.push(a_tender_notice())
    with pytest.raises(Refused, match="There is no kind"):
        await fed(hub, to, filters={"kind": "nothing"})

    assert (await fed(hub, to, filters={"kind": "tender_notice"})).entries == 1

    with pytest.raises(Trouble, match="use another directory"):
        await fed(hub, to)


@pytest.mark.parametrize("options", [(), ("--key", "hub_x")])
async def test_an_outage_is_told_and_stopping_in_it_is_no_success(tmp_path: Path, options: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        HUB, "consume", "http://127.0.0.1:1", "--to", str(tmp_path / "x"), *options, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    first = (await asyncio.wait_for(process.stderr.readline(), 30)).decode()
    process.terminate()
    code, said = await ended(process)

    assert "interrupted, trying again: ConnectError" in first
    assert "stopped before everything was read" in said
    assert code == 2


async def test_an_operator_sees_which_named_consumers_are_behind(sqlite_database_url: str) -> None:
    async with a_server(sqlite_database_url) as server:
        for name, start in (("near", "now"), ("far", "0")):
            notice = a_tender_notice()
            await server.http.put(f"/v1/records/tender_notice/{notice['data_key']}", json=notice)
            await server.http.put(f"/v1/consumers/{name}", json={"start": start})
        process = await asyncio.create_subprocess_exec(
            HUB,
            "consumers",
            env={"HUB_DATABASE_URL": sqlite_database_url, "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
        )
        said = (await process.communicate())[0].decode().splitlines()

    assert [line.split()[:3] for line in said] == [["far", "1.0", "2"], ["near", "1.1", "1"]]
