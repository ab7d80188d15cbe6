"""Every server of a benchmark is a real process on loopback that ends with the benchmark, however that ends."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from benchmarks.figures import BenchmarkFailed

READY_WITHIN = 30.0
"""Seconds after which a server that does not answer has failed."""

STOP_WITHIN = 15.0
"""Seconds after which a server that was asked to stop is killed."""

HOST = "127.0.0.1"
PYTHON = sys.executable
PROGRAMS = Path(sys.executable).parent
"""Where the console scripts of this environment are."""

UVICORN_OPTIONS: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "access_log": False,
    "log_level": "warning",
    "backlog": 4096,
}
"""How every server that is not the hub's own is run: the fastest way that uvicorn has."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, its process, and how long it took until it answered, in seconds."""

    port: int
    pid: int
    ready_after: float

    @property
    def url(self) -> str:
        """The server's address without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def memory(self) -> dict[int, int]:
        """Resident bytes of the server's processes, by process id."""
        return {pid: size for pid in descendants(self.pid) if (size := resident(pid))}


def free_port() -> int:
    """A loopback port nobody listens on, below the range that outgoing connections are given theirs from."""
    for port in random.sample(range(15000, 32000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise BenchmarkFailed("no loopback port is free")


@contextmanager
def process(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the block, with `settings` added to its environment; its last words are shown if it fails."""
    # `env` becomes the command, so the process id is the command's.
    words = ["env", *(f"{name}={value}" for name, value in (settings or {}).items()), *command]
    with TemporaryFile() as log:
        running = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        try:
            yield running
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-3000:].decode(errors="replace"))
            raise
        finally:
            stop(running)


@contextmanager
def server(
    command: Sequence[str], port: int, *, ready: str = "/", settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server for the block, which begins when `ready` is answered with a status below 400."""
    started = time.perf_counter()
    with process(command, settings) as running:
        while not _answers(port, ready):
            if running.poll() is not None:
                raise BenchmarkFailed(f"{Path(command[0]).name} ended with {running.returncode} before it was ready")
            if time.perf_counter() - started > READY_WITHIN:
                raise BenchmarkFailed(f"{Path(command[0]).name} was not ready after {READY_WITHIN:g} s")
            time.sleep(0.01)
        yield Server(port, running.pid, time.perf_counter() - started)


def listening(port: int, running: subprocess.Popen[bytes], seconds: float) -> None:
    """Return when a process that speaks no HTTP takes connections on the port; raises where it does not."""
    deadline = time.perf_counter() + seconds
    while True:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        if running.poll() is not None or time.perf_counter() > deadline:
            raise BenchmarkFailed(f"nothing listens on the port after {seconds:g} s")
        time.sleep(0.01)


def stop(running: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, kill it and its children where it does not."""
    if running.poll() is None:
        running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(STOP_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait(STOP_WITHIN)


def resident(pid: int) -> int:
    """Resident memory of a process in bytes, 0 if it has ended."""
    return _memory(pid, "status", "VmRSS:")


def proportional(pid: int) -> int:
    """Memory of a process in bytes, what it shares divided by those who share it; 0 if it has ended."""
    return _memory(pid, "smaps_rollup", "Pss:")


def _memory(pid: int, file: str, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def descendants(pid: int) -> list[int]:
    """A process and all that it has started, directly or not."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 400
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _die_with_parent() -> None:
    """Have Linux send SIGTERM when the benchmark ends, also when that is by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
