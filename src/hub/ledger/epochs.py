"""Epochs: stretches in which a position means the same version; a new one begins where versions were lost for good."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.outcomes import last_number
from hub.ledger.read import head_position
from hub.ledger.tables import Audit, Epoch
from hub.moments import now
from hub.problems import EpochChanged
from hub.trusted import Trusted

BEGUN = "epoch.begin"
"""What the trail of changes calls the beginning of an epoch."""

_FIRST = (0, 0, "the ledger begins", 0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One epoch: its number, from 1, and the last position and outcome that it shares with the one before it."""

    number: int
    began_after: int
    outcomes_after: int


def stretch_of(epochs: Sequence[Stretch], position: int) -> Stretch:
    """The epoch in which the version at a position was appended."""
    return max((one for one in epochs if one.began_after < position), key=lambda one: one.number)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader has read, of versions or of outcomes; `epoch` is None where it gave a bare number, which is one of epoch 1."""

    position: int
    epoch: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """`<epoch>.<position>` or `<position>`; raises ValueError for anything else."""
        epoch, _, position = text.rpartition(".")
        if not (position.isascii() and position.isdigit() and len(position) <= 18):
            raise ValueError(text)
        if "." not in text:
            return cls(int(position))
        if not (epoch.isascii() and epoch.isdigit() and 0 < len(epoch) <= 9):
            raise ValueError(text)
        return cls(int(position), int(epoch))


def handed_out(position: int, epoch: int) -> int | str:
    """A cursor as readers get it: a bare position in epoch 1, `<epoch>.<position>` in later ones."""
    return position if epoch == 1 else f"{epoch}.{position}"


class Epochs:
    """The epochs of a ledger, looked up again when they are older than `seconds`."""

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self._found = Trusted(self._look_up, seconds)

    async def all(self) -> tuple[Stretch, ...]:
        """Every epoch, the first one first; there is always one."""
        return await self._found.value()

    async def current(self) -> Stretch:
        """The epoch that versions are appended in."""
        return (await self.all())[-1]

    async def position(self, cursor: Cursor) -> int:
        """The position of a cursor of versions; raises `EpochChanged` where it is of another epoch than the current one.

        A bare position is one of epoch 1. It is good for as long as that lasts, and after it up to where all epochs
        are the same.
        """
        return position_in(await self._known(cursor), cursor)

    async def outcome(self, cursor: Cursor) -> int:
        """The number of the outcome that a cursor has reached; the same holds for it as for positions."""
        return outcome_in(await self._known(cursor), cursor)

    async def _known(self, cursor: Cursor) -> Sequence[Stretch]:
        if (cursor.epoch or 1) > (await self.current()).number:
            self._found.forget()  # It may have begun since they were looked up.
        return await self.all()

    async def _look_up(self) -> tuple[Stretch, ...]:
        async with self._database.reading() as connection:
            return await read_epochs(connection)


def position_in(epochs: Sequence[Stretch], cursor: Cursor) -> int:
    """What `Epochs.position` says, of the epochs that a transaction has read itself."""
    return _reached(epochs, cursor, "Versions up to position", lambda epoch: epoch.began_after)


def outcome_in(epochs: Sequence[Stretch], cursor: Cursor) -> int:
    """What `Epochs.outcome` says, of the epochs that a transaction has read itself."""
    return _reached(epochs, cursor, "Outcomes up to", lambda epoch: epoch.outcomes_after)


def _reached(epochs: Sequence[Stretch], cursor: Cursor, what: str, shared_with: Callable[[Stretch], int]) -> int:
    epoch, current = 1 if cursor.epoch is None else cursor.epoch, epochs[-1].number
    if epoch == current:
        return cursor.position
    # Of an epoch that is not known here, nothing is known to be shared.
    shared = min((shared_with(one) for one in epochs if one.number > epoch), default=0)
    if cursor.epoch is None and cursor.position <= shared:
        return cursor.position
    bare = "A cursor without its epoch is one of epoch 1. " if cursor.epoch is None else ""
    raise EpochChanged(
        f"{bare}{what} {shared} are the same in both; what was read behind it holds no longer. "
        f"Forget that, and go on from {current}.{shared}.",
        epoch=current,
        began_after=shared,
    )


async def read_epochs(connection: AsyncConnection) -> tuple[Stretch, ...]:
    """Every epoch, the first one first."""
    rows = await connection.execute(
        select(Epoch.number, Epoch.began_after, Epoch.outcomes_after).order_by(Epoch.number)
    )
    return tuple(Stretch(*row) for row in rows)


async def told_epochs(connection: AsyncConnection) -> list[Epoch]:
    """Every epoch with its reason and when it was begun, the first one first."""
    rows = await connection.execute(select(Epoch.__table__).order_by(Epoch.number))
    return [Epoch(**row._mapping) for row in rows]


async def begin_epoch(database: Database, reason: str) -> Stretch:
    """Open a new epoch behind the ledger's present head; what was told of later positions holds no longer."""
    async with database.transaction() as connection:
        *_, last = await read_epochs(connection)
        begun = Stretch(last.number + 1, head := await head_position(connection), await last_number(connection, head))
        moment = now()
        row = asdict(begun) | {"reason": reason, "at": moment}
        await connection.execute(insert(Epoch), row)
        noted = {"at": moment, "actor": "operator", "action": BEGUN, "subject": str(begun.number)}
        await connection.execute(insert(Audit), noted | {"detail": _noted(begun, reason)})
    return begun


def begun_as_noted(epoch: Epoch, at: int | None, detail: str) -> bool:
    """Whether an epoch is what the trail of changes notes of it; the first one is noted nowhere, and always the same."""
    if epoch.number == 1:
        return (epoch.began_after, epoch.outcomes_after, epoch.reason, epoch.at) == _FIRST
    return (at, detail) == (epoch.at, _noted(epoch, epoch.reason))


def _noted(begun: Stretch | Epoch, reason: str) -> str:
    outcome = f", outcome {begun.outcomes_after}" if begun.outcomes_after else ""
    return f"behind {begun.began_after}{outcome}: {reason}"
