"""The demo's reader: what is shown of it, and that it does not pass with files that lack something."""

from io import StringIO
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from hub.demo.display import Screen, plain_line, reader_lines
from hub.demo.processes import Processes
from hub.demo.pushing import Accepted, Tally
from hub.demo.reader import Reader, State, against_receipts
from hub.demo.watching import Watch
from tests.demo.processes import a_hub
from tests.support.warm import run as hub

pytestmark = pytest.mark.anyio

PLATFORM = "91350100M000100Y43"


def a_tally(*positions: int) -> Tally:
    taken = [Accepted(p, f"P/tender_notice/{p}", 1, "tender_notice", f"digest {p}", "tender:A", ()) for p in positions]
    return Tally(0, accepted={one.position: one for one in taken})


def kept(directory: Path, *lines: tuple[int, str]) -> Path:
    entries = [orjson.dumps({"position": position, "digest": digest}) + b"\n" for position, digest in lines]
    (directory / "entries-000000000001.ndjson").write_bytes(b"".join(entries))
    return directory


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([(1, "digest 1"), (2, "digest 2")], []),
        ([(1, "digest 1"), (2, "digest 2"), (3, "of somebody else")], []),
        ([(1, "digest 1")], ["missing: 1 (position 2)"]),
        ([(1, "digest 1"), (2, "digest 2"), (2, "digest 2")], ["kept twice: 1 (position 2)"]),
        ([(1, "digest 1"), (2, "other")], ["another digest: 1 (position 2)"]),
    ],
)
def test_what_is_kept_is_held_against_the_receipts(
    tmp_path: Path, lines: list[tuple[int, str]], wrong: list[str]
) -> None:
    assert against_receipts(kept(tmp_path, *lines), a_tally(1, 2)) == wrong


@pytest.mark.parametrize(
    ("state", "killed_at", "shown"),
    [
        ("reading", None, "读取 reading"),
        ("killed", 7, "被杀 killed      kill -9 @ 7"),
        ("resumed", 7, "续读 resumed      kill -9 @ 7"),
        ("complete", 7, "完整 complete"),
    ],
)
async def test_whoever_watches_sees_what_becomes_of_the_reader(
    tmp_path: Path, state: State, killed_at: int | None, shown: str
) -> None:
    reader = Reader(Processes(tmp_path), "", tmp_path)
    reader.state, reader.killed_at, reader.position = state, killed_at, 9
    watch = Watch(None, "", {})  # type: ignore[arg-type]
    screen = Screen(a_tally(1), watch, reader, 1, 0.0)
    console = Console(width=120, record=True, file=StringIO())

    console.print(screen)

    words = " ".join(console.export_text().split())
    assert " ".join(shown.split()) in words
    assert "9/9" in words
    assert plain_line(screen).endswith(f"consumer 9 {state}")
    assert len(reader_lines(reader)) == (0 if killed_at is None else 1 if state == "killed" else 2)


async def test_a_reader_that_was_killed_goes_on_and_one_that_lost_a_line_does_not_pass(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    (tmp_path / "logs").mkdir()
    with a_hub(data) as url:
        settings = {"HUB_DATA_DIR": str(data), "HUB_URL": url}
        hub("platform", "add", PLATFORM, "--name", "福州", settings=settings)
        settings["HUB_KEY"] = hub("key", "issue", PLATFORM, settings=settings).stdout.strip().splitlines()[-1]
        notice = orjson.loads(hub("example", "tender_notice").stdout)
        records = [notice | {"data_key": f"00015030000000001201{number:02}"} for number in range(4)]
        file = tmp_path / "four.ndjson"
        file.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
        pushed = hub("push", str(file), settings=settings)
        assert pushed.returncode == 0, pushed.stdout + pushed.stderr
        processes = Processes(tmp_path / "logs")
        reader = Reader(processes, url, kept)
        reader.start()
        try:
            tally = Tally(0, sent=1)
            tally.accepted = a_tally(4).accepted
            await reader.die_and_resume(tally, 1, 0.0)
            assert reader.killed_at == 4

            found = await reader.prove(tally)
            assert found.wrong == ["another digest: 1 (position 4)"]  # the tally's digest is invented
            assert processes.running == []

            (entries,) = kept.glob("entries-*.ndjson")
            entries.write_bytes(b"".join(entries.read_bytes().splitlines(True)[:3]))
            reader.start()
            found = await reader.prove(a_tally())
            assert any("is gone or was cut" in words for words in found.wrong), found.wrong
        finally:
            processes.stop()
