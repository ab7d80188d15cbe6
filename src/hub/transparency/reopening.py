"""A new epoch's log: where the past was lost for good, another log begins that does not claim it."""

import re

from sqlalchemy import ColumnElement, case, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.buckets import Bucket
from hub.ledger.outcomes import last_number
from hub.ledger.read import head_position
from hub.ledger.tables import Delivery, LaneCursor
from hub.transparency import tables
from hub.transparency.identity import known_identity, rename
from hub.transparency.integrator import lock
from hub.transparency.merkle import HASHINGS


async def reopen(database: Database, epoch: int, origin: str, hashing: str) -> str:
    """Begin the log of an epoch over the versions that are there, and return its name: the old one's and `/e<epoch>`.

    The old log's heads stay valid for what they cover, which is no longer here; the newest is kept outside the
    database under the old name. The keeper makes the new tree and the sums, and lanes go on from the ledger's head at
    the latest. `origin` and `hashing` hold where no log began in this database yet; without a name there is none to
    begin anew, and the name returned is empty.
    """
    async with database.transaction() as connection:
        await lock(connection)
        await _recall_lanes(connection, await head_position(connection))
        known = await known_identity(connection)
        base = known.origin if known is not None else origin
        if not base:
            return ""
        name = f"{re.sub('/e[0-9]+$', '', base)}/e{epoch}"
        for table in (tables.Checkpoint, tables.Tile, Bucket):
            await connection.execute(delete(table))
        await rename(connection, name, (known.hashing if known is not None else HASHINGS[hashing]).name)
    return name


async def _recall_lanes(connection: AsyncConnection, head: int) -> None:
    """Take every lane from its worker, which may yet have something to write of versions that are no longer there.

    What was written of those already would otherwise be taken for what becomes of the versions that get their positions.
    """
    order = select(LaneCursor.lane).order_by(LaneCursor.target, LaneCursor.lane)
    await connection.execute(order.with_for_update())
    names = (await connection.execute(_OF_OUTCOMES)).scalars().all()
    await _cut(connection, head, LaneCursor.target.not_in(names), Delivery.target.not_in(names))
    # What is left of outcomes, now that those of versions that are lost are gone, says where their readers go on.
    newest = await last_number(connection)
    await _cut(connection, newest, LaneCursor.target.in_(names), Delivery.target.in_(names))


async def _cut(connection: AsyncConnection, last: int, lanes: ColumnElement[bool], rows: ColumnElement[bool]) -> None:
    reached, began = (case((at > last, last), else_=at) for at in (LaneCursor.position, LaneCursor.start))
    taken = {"position": reached, "start": began, "owner": None, "until": 0, "token": LaneCursor.token + 1}
    await connection.execute(update(LaneCursor).where(lanes).values(taken))
    await connection.execute(delete(Delivery).where(rows, Delivery.position > last))


# By their words: the tables of subscriptions belong to what is built upon this.
_OF_OUTCOMES = text(
    "SELECT name FROM subscription WHERE what = 'outcomes' UNION SELECT replay.name FROM replay"
    " JOIN subscription ON subscription.name = replay.target WHERE subscription.what = 'outcomes'"
)
"""The names whose cursors count outcomes, and not versions."""
