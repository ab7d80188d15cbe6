"""The log's entries: what of a version the tree covers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.tables import Version
from hub.transparency.merkle import SHA256, Hashing

ENTRY = 72
"""Bytes of an entry."""

_NAMED = (
    "record",
    "number",
    "previous",
    "platform",
    "kind",
    "data_timestamp",
    "received_at",
    "lane",
    "region",
    "state",
    "opens_at",
    "discloser",
    "thread",
)
"""The columns that a seal covers as text, in this order; a missing one counts as 0, which none of them is."""

_HASHED = ("header", "terms", "public", "opened", "parties")
"""The columns that a seal covers by their hashes, in this order.

One that is missing is left out: `opens_at` tells whether `opened` is there.
"""


class Hole(Exception):
    """The ledger lacks a position, or has another one in its place."""


def entry_of(position: int, digest: bytes, seal: bytes) -> bytes:
    """The log's entry for a version: its position in eight bytes, big-endian, its digest of 32 and its seal of 32."""
    return position.to_bytes(8, "big") + digest + seal


def seal_of(version: Any, hashing: Hashing = SHA256) -> bytes:
    """The hash over all that is stored of a version but its position, its document and the document's digest.

    With the digest it makes every stored byte of a version part of the tree; without the bytes it tells nothing.
    """
    parts = [getattr(version, name) for name in _HASHED]
    raw = [part.encode() if isinstance(part, str) else part for part in parts if part is not None]
    return sealed(sealed_words(version), [hashing.of(part) for part in raw], hashing)


def sealed_words(version: Any) -> str:
    """What a seal covers as text: numbers and codes between blanks, the thread last."""
    words = [getattr(version, name) for name in _NAMED]
    return " ".join("0" if word is None else str(word) for word in words)


def sealed(words: str, hashes: Sequence[bytes], hashing: Hashing) -> bytes:
    """The seal over words and the hashes of header, terms, public member and, where there are such, opened and parties."""
    return hashing.of(words.encode() + b"".join(hashes))


def leaf_entry(version: Any, hashing: Hashing = SHA256) -> bytes:
    """The entry of a version of which all columns are there; its digest is the document's by the log's hash function."""
    digest = version.digest if hashing is SHA256 else hashing.of(version.document)
    return entry_of(version.position, digest, seal_of(version, hashing))


async def entries_after(connection: AsyncConnection, after: int, limit: int, hashing: Hashing = SHA256) -> list[bytes]:
    """The entries of up to `limit` versions behind position `after`, in order; raises `Hole` where one is missing."""
    here = connection.dialect.name != "postgresql" or hashing is not SHA256
    statement = (_PLAIN if hashing is SHA256 else _WHOLE) if here else _SEALED
    rows = (await connection.execute(statement, {"after": after, "limit": limit})).all()
    if rows and [rows[0].position, rows[-1].position] != [after + 1, after + len(rows)]:
        there = {row.position for row in rows}
        missing = next(position for position in range(after + 1, after + len(rows) + 1) if position not in there)
        raise Hole(f"the ledger has no version at position {missing}")
    if here:
        return [leaf_entry(row, hashing) for row in rows]
    return [entry_of(*row) for row in rows]


# PostgreSQL makes the seals itself: the rows that they cover are ten times as long as what is wanted of them.
_MISSING = {"previous": "0", "opens_at": "0", "discloser": "'0'"}
_WORDS = ", ".join(f"coalesce({name}, {_MISSING[name]})" if name in _MISSING else name for name in _NAMED)
_BYTES = {"parties": "convert_to(parties, 'UTF8')"}
_HASHES = " || ".join(f"coalesce(sha256({_BYTES.get(name, name)}), ''::bytea)" for name in _HASHED)
_SEAL: Any = literal_column(f"sha256(convert_to(concat_ws(' ', {_WORDS}), 'UTF8') || {_HASHES})").label("seal")


def _behind(*columns: Any) -> Any:
    statement = select(Version.position, Version.digest, *columns).where(Version.position > bindparam("after"))
    return statement.order_by(Version.position).limit(bindparam("limit"))


_SEALED = _behind(_SEAL)
_PLAIN = _behind(*(getattr(Version, name) for name in (*_NAMED, *_HASHED)))
_WHOLE = _behind(*(getattr(Version, name) for name in (*_NAMED, *_HASHED, "document")))
