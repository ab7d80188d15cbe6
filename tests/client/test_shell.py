"""The consumer of twenty lines of shell in docs/consume.md does what the page says."""

import asyncio
import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from tests.client.test_consume import feed_of, pushing
from tests.served import a_server

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2] / "docs" / "consume.md"


def script() -> str:
    (found,) = re.findall(r"```sh\n(.+?)```", PAGE.read_text(), flags=re.DOTALL)
    return str(found)


def lines_in(directory: Path) -> list[bytes]:
    return [line for file in sorted(directory.glob("*.ndjson")) for line in file.read_bytes().splitlines()]


async def run(file: Path, url: str, kept: Path, **settings: str) -> asyncio.subprocess.Process:
    env = {"PATH": "/usr/bin:/bin", "WAIT": "1"} | settings
    return await asyncio.create_subprocess_exec(
        "sh", str(file), url, str(kept), env=env, stderr=asyncio.subprocess.PIPE, start_new_session=True
    )


def test_it_is_short() -> None:
    assert len([line for line in script().splitlines() if line and not line.startswith("#")]) <= 20


async def test_killed_at_random_it_has_every_version_once(sqlite_database_url: str, tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed"
    file, kept = tmp_path / "consume.sh", tmp_path / "kept"
    file.write_text(script())
    async with a_server(sqlite_database_url) as server:
        url = f"http://127.0.0.1:{server.port}"
        async with pushing(server):
            for pause in (0.3, 0.7, 0.5, 0.9):
                process = await run(file, url, kept)
                await asyncio.sleep(pause)
                assert process.returncode is None
                os.killpg(process.pid, signal.SIGKILL)  # curl holds the pipe as well.
                await process.communicate()
        process = await run(file, url, kept, FOLLOW="0", WAIT="0")
        _, said = await asyncio.wait_for(process.communicate(), 60)
        published = await feed_of(server.http)

    assert process.returncode == 0, said.decode()
    assert lines_in(kept) == published
    assert len(published) > 100
