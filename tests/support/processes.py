"""Real processes that end with whoever started them, however that ends."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

HOST = "127.0.0.1"
HUB = (sys.executable, "-c", "from hub.cli import main; main()")
"""The command line of the hub; what is to be done follows."""

STOP_WITHIN = 15.0
"""Seconds after which a process that was asked to stop is killed."""

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Program:
    """A command with settings, which can be started again after it was killed; its words go to one log."""

    def __init__(self, name: str, command: Sequence[str], settings: Mapping[str, str], directory: Path) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self.extra: Mapping[str, str] = {}
        """Settings beside its own, from its next start on."""
        self._command = command
        self._settings = settings
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        assert self._running is not None, f"{self.name} was never started"
        return self._running.pid

    @property
    def child(self) -> int | None:
        """The process id of the last process that it has forked and that may still run; None where there is none."""
        found = children(self.pid)
        return found[-1] if found else None

    @property
    def code(self) -> int | None:
        """Its exit code once it has ended."""
        return None if self._running is None else self._running.poll()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        """Start it; only the main thread may, because what it starts ends with the thread."""
        settings = [f"{key}={value}" for key, value in {**self._settings, **self.extra}.items()]
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                # `env` becomes the command, so the process id is the command's.
                ("env", *settings, *self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the programme, which then stops the others.
                preexec_fn=partial(die_with, os.getpid()),
            )

    def send(self, how: signal.Signals) -> None:
        """Send it a signal; one that has ended gets none."""
        if self._running is not None:
            self._running.send_signal(how)

    def kill(self) -> None:
        """Kill it with SIGKILL and wait until it is gone."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def stop(self) -> None:
        """Ask it to stop, and kill it where it does not."""
        if self._running is None:
            return
        self._running.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._running.wait(STOP_WITHIN)
        self.kill()

    def words(self, most: int = 2000) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-most:] if self.log.exists() else ""


def free_ports(count: int) -> list[int]:
    """Loopback ports nobody listens on, below the range that outgoing connections are given theirs from."""
    found: list[int] = []
    for port in random.sample(range(15000, 32000), 1000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            found.append(port)
        if len(found) == count:
            return found
    raise OSError("no loopback port is free")


def a_free_port() -> int:
    """A loopback port nobody listens on, and nobody is given for a connection of his own meanwhile."""
    return free_ports(1)[0]


def children(pid: int) -> list[int]:
    """The processes that a process with one thread has started and not yet waited for."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def worked(pid: int) -> float:
    """Seconds that a process has had a processor for, by the system's ticks of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Resident memory of a process in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) * 1024


def die_with(parent: int) -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It ended in between.
            os.kill(os.getpid(), signal.SIGKILL)
