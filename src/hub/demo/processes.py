"""The demo's processes: the hub's own commands on free loopback ports, ended with the demo however that ends."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from hub.problems import NotReady

HOST = "127.0.0.1"
READY_WITHIN = 60.0
"""Seconds after which a process that does not answer has failed; a busy machine may need many times the usual."""

ANSWER_WITHIN = 1.0
"""Seconds after which it is asked again, and whether it runs at all: on its port another may listen and say nothing."""

STOP_WITHIN = 10.0
"""Seconds after which a process that was asked to stop is killed."""

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(slots=True)
class Process:
    """A running command; `ready_after` is the number of seconds until it answered, 0 before that."""

    name: str
    running: subprocess.Popen[bytes]
    log: Path
    started: float
    ready_after: float = 0.0

    def check(self) -> None:
        """Raise `NotReady` with its last words if the process has ended."""
        if self.running.poll() is None:
            return
        words = self.log.read_text(errors="replace").strip().splitlines()[-8:]
        raise NotReady("\n".join([f"{self.name} has ended with code {self.running.returncode}:", *words]))

    def is_ready(self) -> None:
        """Note that the process answers."""
        self.ready_after = time.perf_counter() - self.started


class Processes:
    """Starts processes that log into `directory`, and stops them in the opposite order.

    The environment's variables that begin with `foreign` are meant for another hub: the processes do not get them.
    """

    def __init__(self, directory: Path, foreign: str = "HUB_") -> None:
        self._directory = directory
        # A setting may be written in small letters too.
        self._unset = [f"-u{name}" for name in os.environ if name.upper().startswith(foreign)]
        self.running: list[Process] = []

    def start(self, name: str, words: list[str], settings: Mapping[str, str] | None = None) -> Process:
        """Run `hub WORDS` with `settings` added to the environment, and what is foreign left out."""
        log = self._directory / f"{name}.log"
        # `env` becomes the command, so that this process need not touch its own environment.
        added = [f"{key}={value}" for key, value in (settings or {}).items()]
        command = ["env", *self._unset, *added, sys.executable, "-c", "from hub.cli import main; main()", *words]
        with log.open("wb") as output:
            running = subprocess.Popen(  # noqa: S603 (the command is this program's own)
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A Ctrl-C at the terminal reaches the demo alone, which then stops the others in order.
                start_new_session=True,
                preexec_fn=partial(_die_with, os.getpid()),
            )
        process = Process(name, running, log, time.perf_counter())
        self.running.append(process)
        return process

    async def run(
        self, name: str, words: list[str], settings: Mapping[str, str] | None = None
    ) -> tuple[int, list[str]]:
        """Run `hub WORDS` to its end; its exit code and the lines that it wrote."""
        process = self.start(name, words, settings)
        self.running.remove(process)
        try:
            await asyncio.to_thread(process.running.wait)
        finally:
            if process.running.poll() is None:
                process.running.kill()
        return process.running.wait(), process.log.read_text(errors="replace").strip().splitlines()

    async def end(self, process: Process, how: signal.Signals) -> None:
        """Send a process that is to end a signal, and wait for its end; one that does not heed it is killed."""
        self.running.remove(process)
        process.running.send_signal(how)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await asyncio.to_thread(process.running.wait)
        finally:
            if process.running.poll() is None:
                process.running.kill()
        process.running.wait()

    async def answering(self, process: Process, url: str, http: httpx.AsyncClient) -> None:
        """Wait until `url` is answered with 200; raises `NotReady`."""
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(url, timeout=ANSWER_WITHIN)).status_code == 200:
                    break
            process.check()
            if time.perf_counter() - process.started > READY_WITHIN:
                raise NotReady(f"{process.name} did not answer within {READY_WITHIN:g} s; see {process.log}.")
            await asyncio.sleep(0.02)
        process.is_ready()

    def check(self) -> None:
        """Raise `NotReady` if a process has ended."""
        for process in self.running:
            process.check()

    def stop(self) -> None:
        """Ask each process to stop, the last one first, and kill what does not."""
        for process in reversed(self.running):
            process.running.terminate()
            try:
                process.running.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.running.kill()
                process.running.wait()
        self.running.clear()


def free_ports(count: int) -> list[int]:
    """As many different loopback ports that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _die_with(parent: int) -> None:
    """Have Linux kill this process when the demo ends, also when that is by SIGKILL; the ledger survives it."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It ended in between.
            os.kill(os.getpid(), signal.SIGKILL)
