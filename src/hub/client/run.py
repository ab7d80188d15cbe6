"""`hub consume`: a feed into a sink, with progress on the terminal."""

import asyncio
import signal
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.client.check import check_against
from hub.client.consume import consume, view_of
from hub.client.directory import Directory
from hub.client.feed import FeedClient
from hub.client.lines import Lines
from hub.client.page import Page
from hub.client.postgresql import Postgresql
from hub.client.sink import Sink
from hub.client.snapshot import load
from hub.client.trouble import Trouble

TELL_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""

STOPPED = "未读完即停止 stopped before everything was read; the same command goes on"

T = TypeVar("T")


def sink_for(to: str) -> Sink:
    """The sink that `--to` names: `stdout`, `postgresql://…`, or a directory. Raises `Trouble` for another address."""
    if to in ("stdout", "-"):
        return Lines(sys.stdout.buffer)
    if to.startswith(("postgresql://", "postgres://")):
        return Postgresql(to)
    if "://" in to:
        raise Trouble(f"{to} is neither postgresql://… nor a directory, nor stdout")
    return Directory(Path(to))


async def run_consumer(
    url: str,
    to: str,
    *,
    key: str = "",
    filters: Mapping[str, Sequence[str]] | None = None,
    after: str | None = None,
    snapshot: Path | None = None,
    follow: bool = False,
    check: bool = False,
    patience: float | None = None,
) -> bool:
    """Consume until the head, or until SIGTERM or SIGINT with `follow`; False where `check` finds something missing.

    Raises `Trouble`, also where it is stopped before the head without `follow`.
    """
    if check and to in ("stdout", "-"):
        raise Trouble("a pipe keeps nothing that could be checked")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    console = Console(stderr=True, highlight=False)

    def interrupted(why: str) -> None:
        console.print(f"中断，重试 interrupted, trying again: {why}", style="yellow", markup=False, soft_wrap=True)

    reading = FeedClient(url, key=key, filters=filters, patience=patience, interrupted=interrupted)
    async with reading as client, sink_for(to) as sink:
        client.full = bool(key) and await _unless(stopping, view_of(client))
        with _Progress(console) as progress:
            if snapshot is not None:
                await load(snapshot, client, sink, progress)
            summary = await consume(
                client, sink, after=after, follow=follow and not check, stopping=stopping, report=progress
            )
        for line in summary.told():
            console.print(line)
        if summary.stopped and (check or not follow):
            raise Trouble(STOPPED)
        if not check:
            return True
        found = await _unless(stopping, check_against(client, sink))
        for line in found.told():
            console.print(line, style="green" if found.complete else "red")
        return found.complete


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """What the work finds; raises `Trouble` where `stopping` is set before it has."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Trouble(STOPPED)
        return working.result()
    finally:
        working.cancel()
        stopped.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


class _Progress:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told_at = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("消费 consume", total=None)

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, page: Page) -> None:
        self._bar.update(self._task, completed=page.position, total=max(page.head, page.position))
        if not self._console.is_terminal and time.monotonic() - self._told_at > TELL_EVERY:
            self._told_at = time.monotonic()
            self._console.print(f"{page.position} of {page.head}")
