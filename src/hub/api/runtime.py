"""What a serving process holds while it runs: the database, the appender, the bell, the keys and the calendars."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIGINT, SIGTERM, Signals, getsignal, signal
from threading import current_thread, main_thread
from types import FrameType
from typing import Self

from hub.api.together import Together
from hub.api.waves import Waves
from hub.db import Database, open_database
from hub.intake import Intake, follows
from hub.keys import Keyring
from hub.law.calendars import Calendars
from hub.law.local_rules_file import local_rules_at
from hub.ledger.appender import Appender
from hub.ledger.bell import Bell
from hub.ledger.epochs import Epochs
from hub.ledger.feed import Page, feed_page
from hub.ledger.kept_pages import KeptPages
from hub.ledger.outcomes import last_number
from hub.ledger.read import Filter
from hub.settings import Settings
from hub.transparency.guard import Guard
from hub.transparency.keeping import guard_of


@dataclass(slots=True)
class Runtime:
    """The parts of a serving process, opened and closed together."""

    settings: Settings
    database: Database
    bell: Bell
    appender: Appender
    intake: Intake
    keys: Keyring
    calendars: Calendars
    guard: Guard
    epochs: Epochs
    waves: Waves
    kept_pages: KeptPages
    together: Together[tuple[int, int, Filter, bool], Page]
    """Pages behind (cursor, limit, filter, government's view) for those who wait for them."""
    outcomes: Bell | None = None
    """Tells of new outcomes, from the first reader on that waits for them."""
    stopping: bool = False
    """Whether the server was told to stop: whoever waits for the ledger is answered then."""

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Open the database and start the appender and the bell."""
        local_rules = local_rules_at(settings.local_rules)
        database = await open_database(settings.url(), patience=settings.database_patience)
        bell = Bell(database)
        calendars = Calendars(database, settings.key_cache_seconds)
        await calendars.refresh()
        guard = guard_of(database, settings)
        return cls(
            settings=settings,
            database=database,
            bell=bell,
            appender=Appender(database, follows, bell.ring, guard.let_write),
            intake=Intake(settings.clock_skew_seconds, local_rules),
            keys=Keyring(database, settings.key_cache_seconds),
            calendars=calendars,
            guard=guard,
            epochs=Epochs(database, settings.key_cache_seconds),
            waves=Waves(database),
            kept_pages=KeptPages(database, settings.feed_cache_bytes),
            together=Together(lambda question: _page_behind(database, *question)),
        )

    async def grown(self, after: int, seconds: float) -> None:
        """Wait until the ledger has grown beyond `after`, `seconds` are over or the server stops."""
        await self.bell.wait(after, seconds)

    async def changed(self, after: int, seconds: float) -> None:
        """Wait until there is an outcome with a number above `after`, `seconds` are over or the server stops."""
        if self.outcomes is None:
            self.outcomes = Bell(self.database, last_number)
        if not self.stopping:
            await self.outcomes.wait(after, seconds)

    def stop(self) -> None:
        """Have whoever waits for the ledger answered now."""
        self.stopping = True
        for bell in filter(None, (self.bell, self.outcomes)):
            bell.release()

    @contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """`stop` when the server gets its signal to stop; a server without signals of its own has no effect."""
        if current_thread() is not main_thread():
            yield
            return
        servers = {name: before for name in (SIGTERM, SIGINT) if callable(before := getsignal(name))}

        def stop(number: int, frame: FrameType | None) -> None:
            self.stop()
            servers[Signals(number)](number, frame)

        for name in servers:
            signal(name, stop)
        try:
            yield
        finally:
            for name, before in servers.items():
                signal(name, before)

    async def close(self) -> None:
        """Append what was handed in, then close everything."""
        await self.appender.close()
        await self.bell.close()
        if self.outcomes is not None:
            await self.outcomes.close()
        await self.database.close()


async def _page_behind(database: Database, after: int, limit: int, wanted: Filter, government: bool) -> Page:
    async with database.reading() as connection:
        return await feed_page(connection, after=after, limit=limit, wanted=wanted, government=government)
