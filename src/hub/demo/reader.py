"""The reader: `hub consume --follow` as a process that is killed while it reads, goes on, and proves that it has all."""

import asyncio
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Literal

import orjson

from hub.client.directory import ENTRIES, STATE
from hub.client.page import position_of
from hub.demo.checking import Check, each
from hub.demo.processes import HOST, READY_WITHIN, Process, Processes
from hub.demo.pushing import Tally

KILL_AFTER = 1 / 3
"""The part of the pushes after which the reader is killed."""

LOOK_EVERY = 0.05
"""Seconds between two looks at how far the reader is."""

CATCHES_UP_WITHIN = 10.0
"""Seconds after the last delivery in which the reader is to be at the head."""

State = Literal["starting", "reading", "killed", "resumed", "complete", "not complete"]


class Reader:
    """A consumer of the feed in a process of its own, which keeps what it reads in `directory`.

    `position` is how far it has committed, `killed_at` where it was killed, None before that.
    """

    def __init__(self, processes: Processes, url: str, directory: Path) -> None:
        self._processes = processes
        self._url = url
        self.directory = directory
        self.state: State = "starting"
        self.position = 0
        self.killed_at: int | None = None
        self._process: Process | None = None

    def start(self) -> None:
        """Have it read, from where it is on, until it is stopped."""
        self._process = self._processes.start(self._log(), self._words("--follow"), self._settings())

    def look(self) -> None:
        """See how far it is."""
        with suppress(FileNotFoundError):
            self.position = position_of(orjson.loads((self.directory / STATE).read_bytes())["cursor"])
        if self.position and self.state == "starting":
            self.state = "reading"
            if self._process is not None:
                self._process.is_ready()
        if self.state == "killed" and self.killed_at is not None and self.position > self.killed_at:
            self.state = "resumed"

    async def die_and_resume(self, tally: Tally, total: int, dead_for: float) -> None:
        """Kill it with SIGKILL in the middle of the `total` pushes, once it has read something; start it again."""
        began = time.perf_counter()
        while tally.sent < total * KILL_AFTER or self.position <= tally.start:
            if tally.sent == total and (not tally.accepted or time.perf_counter() > began + READY_WITHIN):
                return
            await asyncio.sleep(LOOK_EVERY)
            self.look()
        assert self._process is not None
        await self._processes.end(self._process, signal.SIGKILL)
        self.look()
        self.killed_at, self.state = self.position, "killed"
        await asyncio.sleep(dead_for)
        self.start()

    async def prove(self, tally: Tally) -> Check:
        """Stop it at the head, and have it compare what it keeps with the hub's own sums."""
        head = max(tally.accepted, default=tally.start)
        until = time.perf_counter() + CATCHES_UP_WITHIN
        while self.position < head and time.perf_counter() < until:
            await asyncio.sleep(LOOK_EVERY)
            self.look()
        wrong = [] if self.position >= head else [f"it read up to {self.position} of {head} by itself"]
        if self._process is not None:
            await self._processes.end(self._process, signal.SIGTERM)
        code, words = await self._processes.run("consume-check", self._words("--check"), self._settings())
        if code:
            wrong += words[-3:]
        wrong += against_receipts(self.directory, tally)
        if self.killed_at is None and tally.accepted:
            wrong.append("it read nothing while it could be killed")
        self.state = "not complete" if wrong else "complete"
        killed = "–" if self.killed_at is None else self.killed_at
        name = f"消费者在位置 {killed} 被杀后续读，数据完整 a reader killed at position {killed} went on and has everything, once"
        return Check(name, wrong)

    def _words(self, how: str) -> list[str]:
        return ["consume", self._url, "--to", str(self.directory), how]

    def _log(self) -> str:
        return "consume" if self.killed_at is None else f"consume-{self.state.replace(' ', '-')}"

    def _settings(self) -> dict[str, str]:
        # It reads as the public does, whatever key and proxy the person who watches has.
        return {"HUB_KEY": "", "NO_PROXY": HOST, "no_proxy": HOST}


def against_receipts(directory: Path, tally: Tally) -> list[str]:
    """What a reader's files lack of the accepted versions, have twice, or with another digest than the receipt's."""
    kept: dict[int, str] = {}
    times: Counter[int] = Counter()
    for file in sorted(directory.glob(ENTRIES)):
        for line in file.read_bytes().splitlines():
            entry = orjson.loads(line)
            kept[entry["position"]] = entry["digest"]
            times[entry["position"]] += 1
    expected = {position: taken.digest for position, taken in tally.accepted.items()}
    return [
        *each("missing", expected.keys() - kept.keys()),
        *each("kept twice", {position for position, count in times.items() if count > 1}),
        *each("another digest", {p for p in expected.keys() & kept.keys() if expected[p] != kept[p]}),
    ]
