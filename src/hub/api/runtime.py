"""What a serving process holds while it runs: the database, the appender, the bell and the keys."""

from dataclasses import dataclass
from typing import Self

from hub.db import Database, open_database
from hub.intake import Intake, follows
from hub.keys import Keyring
from hub.ledger.appender import Appender
from hub.ledger.bell import Bell
from hub.settings import Settings


@dataclass(slots=True)
class Runtime:
    """The parts of a serving process, opened and closed together."""

    settings: Settings
    database: Database
    bell: Bell
    appender: Appender
    intake: Intake
    keys: Keyring

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Open the database and start the appender and the bell."""
        database = await open_database(settings.url())
        bell = Bell(database)
        return cls(
            settings=settings,
            database=database,
            bell=bell,
            appender=Appender(database, follows, bell.ring),
            intake=Intake(settings.clock_skew_seconds),
            keys=Keyring(database, settings.key_cache_seconds),
        )

    async def close(self) -> None:
        """Append what was handed in, then close everything."""
        await self.appender.close()
        await self.bell.close()
        await self.database.close()
