"""Evidence: a file that shows, with no server asked, what was stored under a position and by when."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import bindparam, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.ledger.openings import OPENING
from hub.ledger.tables import Version
from hub.moments import now
from hub.transparency.identity import Identity
from hub.transparency.integrator import Head, head_covering
from hub.transparency.keys import remembered
from hub.transparency.leaves import leaf_entry, sealed_words
from hub.transparency.merkle import HASHINGS
from hub.transparency.note import signatures_on
from hub.transparency.tables import Log, LogKey
from hub.transparency.tree import Reader

FORMAT = "hub-evidence/1"


@dataclass(frozen=True, slots=True)
class Proved:
    """A version, the oldest head that covers it, and the way from the one to the other."""

    version: Any
    opens_at: int | None
    """When the public sees what is sealed in it: see `hub.ledger.openings`."""
    log: Identity
    head: Head
    path: Sequence[bytes]
    keys: Sequence[LogKey]
    """Those that signed the head."""

    def file(self, *, whole: bool) -> bytes:
        """The evidence as JSON; `whole` for those who may see the full document, which then is in it.

        For others there is what the public sees. That does not lead to the seal where more is kept from them, before an
        opening or because the record is not public: the rest would tell it, or let others try out what it may be.
        """
        version, hashing = self.version, self.log.hashing
        entry = leaf_entry(version, hashing)
        said: dict[str, Any] = {
            "format": FORMAT,
            "record": orjson.loads(b"{%b}" % version.header)["record"],
            "number": version.number,
            "position": version.position,
            "digest": version.digest.hex(),
            "log": {"origin": self.log.origin, "hashing": hashing.name},
            "entry": _base64(entry),
            "path": [_base64(step) for step in self.path],
            "checkpoint": self.head.note,
            "keys": [{"text": key.text, "role": key.role} for key in self.keys],
        }
        if whole:
            said["document"] = version.document.decode()
        if whole or self._all_shown():
            said["sealed"] = {
                "words": sealed_words(version),
                "header": version.header.decode(),
                "terms": version.terms.decode() if whole else {"hash": hashing.of(version.terms).hex()},
                "public": version.public.decode(),
                **({} if version.opened is None else {"opened": version.opened.decode()}),
                **({} if version.parties is None else {"parties": version.parties}),
            }
        else:
            said["header"] = version.header.decode()
        return orjson.dumps(said, option=orjson.OPT_INDENT_2)

    def _all_shown(self) -> bool:
        """Whether the public sees all that the seal covers."""
        version = self.version
        if version.opened is not None:
            return self.opens_at is not None and self.opens_at <= now()
        return not version.public.startswith(b'"withheld":')


async def proved(connection: AsyncConnection, position: int) -> Proved | None:
    """The proof of the version at `position`; None where there is none, or no signed head covers it yet."""
    version = (await connection.execute(_VERSION, {"position": position})).first()
    head = await head_covering(connection, position)
    if version is None or head is None:
        return None
    log = Identity(version.log_origin, HASHINGS[version.log_hashing])
    path = await Reader(connection, hashing=log.hashing).inclusion(position - 1, head.size)
    signing = {(found.name, found.key_id) for found in signatures_on(head.note)}
    keys = [key for key in await remembered(connection) if named(key.text) in signing]
    return Proved(version, version.opening, log, head, path, keys)


_VERSION = (
    select(
        Version.__table__,
        OPENING.label("opening"),
        Log.origin.label("log_origin"),
        Log.hashing.label("log_hashing"),
    )
    .join_from(Version, Log, true())
    .where(Version.position == bindparam("position"))
)


def named(text: str) -> tuple[str, bytes]:
    """The name and the id in a key's text."""
    name, key_id, _ = text.split("+", 2)
    return name, bytes.fromhex(key_id)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()
