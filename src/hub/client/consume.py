"""Following a feed into a sink: with progress, through kills and outages, and with a summary of what was proved."""

import asyncio
from asyncio import Event
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import orjson

from hub.client.feed import FeedClient
from hub.client.page import Page, position_of
from hub.client.sink import Sink
from hub.client.trouble import EpochEnded, Refused, Trouble

Report = Callable[[Page], None]


@dataclass(slots=True)
class Summary:
    """What was read in one run, and what of it could be proved."""

    began_at: str = "0"
    cursor: str = "0"
    head: int = 0
    dense: bool = True
    proofs: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    epochs: int = 0
    """How often a new epoch began, and what was read behind the shared part was forgotten."""
    stopped: bool = False
    """Whether it was told to stop, before it had come to the head."""
    seconds: float = 0.0

    @property
    def entries(self) -> int:
        """How many versions were read, those that were read again not counted."""
        return self.proofs.total()

    def add(self, page: Page) -> None:
        """Count a page."""
        self.cursor, self.head = page.cursor, max(self.head, page.head)
        for entry in page.entries:
            if entry.again:
                self.opened += 1
            else:
                self.proofs[entry.proof] += 1
                self.states[str(entry.data["state"])] += 1

    def told(self) -> list[str]:
        """The summary in lines."""
        first = position_of(self.began_at) + 1
        rate = f", {self.entries / self.seconds:,.0f}/s" if self.seconds > 1 else ""
        return [
            f"{self.entries} versions from position {first} to cursor {self.cursor} of {self.head}{rate}",
            "dense: every position is there, once" if self.dense else "filtered: positions rise, each at most once",
            f"digests: {self.proofs['verified']} verified, {self.proofs['projected']} of documents shown in part,"
            f" {self.proofs['withheld']} withheld",
            *([f"{self.opened} read again at their opening"] if self.opened else []),
            *(
                [f"{self.epochs} new epoch(s): what was read behind the shared part was forgotten"]
                if self.epochs
                else []
            ),
        ]


async def consume(
    client: FeedClient, sink: Sink, *, after: str | None, follow: bool, stopping: Event, report: Report | None = None
) -> Summary:
    """Read from where the sink is, or from `after` where the sink is new, to the head, or on until `stopping`.

    Every page is kept together with its cursor before the next one is asked for. Raises `hub.client.Trouble`.
    """
    began = monotonic()
    cursor = await prepare(client, sink, after)
    summary = Summary(began_at=cursor, cursor=cursor, head=position_of(cursor), dense=not client.filters)
    try:
        while True:
            try:
                await _read(client, sink, summary, follow, stopping, report)
                return summary
            except EpochEnded as ended:
                shared = min(ended.shared, position_of(summary.cursor))
                summary.cursor, summary.epochs = f"{ended.epoch}.{shared}", summary.epochs + 1
                await sink.cut(summary.cursor)
    finally:
        summary.seconds = monotonic() - began


async def prepare(client: FeedClient, sink: Sink, after: str | None) -> str:
    """The cursor to go on from; a sink that was filled from elsewhere, or with other filters, is refused."""
    source = orjson.dumps({"url": client.url, "filters": client.filters, "full": client.full}).decode()
    kept = await sink.kept()
    if kept.source:
        if kept.source != source:
            raise Trouble(
                f"this was filled with {kept.source}, and is now asked for with {source}: use another directory or database"
            )
        if after is not None and after != kept.cursor:
            raise Trouble(f"this has a cursor of its own, {kept.cursor}")
        return kept.cursor
    cursor = "0" if after is None else after
    await sink.begin(source, cursor)
    return cursor


async def view_of(client: FeedClient) -> bool:
    """Whether the hub shows the client whole documents."""
    with suppress(Refused):
        return bool((await client.ask("/v1/consumers"))["view"] == "government")
    return False


async def _read(
    client: FeedClient, sink: Sink, summary: Summary, follow: bool, stopping: Event, report: Report | None
) -> None:
    openings = (await sink.kept()).openings
    pages = client.pages(summary.cursor, follow=follow, openings=openings)
    async for page in _until(stopping, pages):
        await sink.write(page)
        summary.add(page)
        if report is not None:
            report(page)
    summary.stopped = stopping.is_set()


async def _until(stopping: Event, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
    """The pages until `stopping` is set; one that is waited for is then given up."""
    stopped = asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            following = asyncio.ensure_future(anext(pages, None))
            await asyncio.wait({following, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following
                return
            page = following.result()
            if page is None:
                return
            yield page
    finally:
        stopped.cancel()
