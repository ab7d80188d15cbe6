"""A batch whose commit got no answer is tried again under new keys: what had been stored is stored once more."""

from collections.abc import Sequence

from hub.ledger.appender import Appender
from hub.ledger.entry import Entry, Outcome
from tests.crash.bugs.bug import Bug, replace


def _apply() -> None:
    attempt = Appender._try

    async def forgetful(self: Appender, entries: Sequence[Entry]) -> list[Outcome]:
        try:
            return await attempt(self, entries)
        except Exception:
            for entry in entries:
                entry.data_timestamp += 1
            raise

    replace(Appender, "_try", forgetful)


BUG = Bug(falls=frozenset({"I6", "I7", "answers"}), apply=_apply, database_kills=6)
