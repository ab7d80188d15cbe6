"""`hub consume`: a feed into a sink, with progress on the terminal."""

import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def sink_for(to: str) -> Sink:
    """The sink that `--to` names: `stdout`, `postgresql://…`, or a directory."""
    if to in ("stdout", "-"):
        return Lines(sys.stdout.buffer)
    if to.startswith(("postgresql://", "postgres://")):
        return Postgresql(to)
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
    """Consume until the head, or until SIGTERM or SIGINT with `follow`; False where `check` finds something missing."""
    if check and to in ("stdout", "-"):
        raise Trouble("a pipe keeps nothing that could be checked")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    console = Console(stderr=True, highlight=False)
    async with FeedClient(url, key=key, filters=filters, patience=patience) as client, sink_for(to) as sink:
        client.full = bool(key) and await view_of(client)
        with _Progress(console) as progress:
            if snapshot is not None:
                await load(snapshot, client, sink, progress)
            summary = await consume(
                client, sink, after=after, follow=follow and not check, stopping=stopping, report=progress
            )
        for line in summary.told():
            console.print(line)
        if not check:
            return True
        found = await check_against(client, sink)
        for line in found.told():
            console.print(line, style="green" if found.complete else "red")
        return found.complete


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
