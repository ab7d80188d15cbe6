"""What the log is called and how it hashes: decided before its first head, and from then on as the database says."""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.problems import InvalidParameter
from hub.transparency.merkle import HASHINGS, Hashing
from hub.transparency.tables import Log


@dataclass(frozen=True, slots=True)
class Identity:
    """A log's name and its hash function."""

    origin: str
    hashing: Hashing


async def known_identity(connection: AsyncConnection) -> Identity | None:
    """What the log is, or None before it began."""
    row = (await connection.execute(select(Log.origin, Log.hashing))).first()
    return None if row is None else Identity(row.origin, HASHINGS[row.hashing])


async def identity(connection: AsyncConnection, origin: str, hashing: str) -> Identity:
    """What the log is; where it did not begin yet, it is named `origin`, or by chance where that is empty.

    Raises `InvalidParameter` where the log has another name or hash function than the settings say.
    """
    known = await known_identity(connection)
    if known is None:
        known = Identity(origin or f"hub-{secrets.token_hex(8)}", HASHINGS[hashing])
        await connection.execute(insert(Log).values(origin=known.origin, hashing=known.hashing.name))
    if origin and known.origin != origin and not known.origin.startswith(f"{origin}/e"):
        raise InvalidParameter(f"The log is called {known.origin}, and HUB_LOG_ORIGIN says {origin}.")
    if known.hashing.name != hashing:
        raise InvalidParameter(f"The log hashes with {known.hashing.name}, and HUB_LOG_HASHING says {hashing}.")
    return known


async def rename(connection: AsyncConnection, origin: str, hashing: str) -> None:
    """Call the log otherwise: it is another log from now on."""
    await connection.execute(delete(Log))
    await connection.execute(insert(Log).values(origin=origin, hashing=hashing))
