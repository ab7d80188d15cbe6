"""A page of the feed as it was read, checked for what everybody can check."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

import orjson

from hub.client.trouble import Broken
from hub.moments import micros

Proof = Literal["verified", "projected", "withheld"]
"""verified: the digest is that of the document; projected: a part of the document; withheld: nothing of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version as it was read: its line `raw`, the parsed `data`, and what of it could be proved.

    `again` marks a version that was read before and shows more since its opening.
    """

    raw: bytes
    data: dict[str, Any]
    proof: Proof
    again: bool = False

    @classmethod
    def read(cls, raw: bytes, *, full: bool = False, again: bool = False) -> "Entry":
        """The entry of a line; `full` says that its reader sees whole documents. Raises `Broken`."""
        try:
            data = orjson.loads(raw)
            position, digest = data["position"], data["digest"]
        except (ValueError, KeyError, TypeError):
            raise Broken(f"this is no entry of a feed: {raw[:80]!r}") from None
        if "document" not in data:
            return cls(raw, data, "withheld", again)
        if _digest_of(raw, data) == digest:
            return cls(raw, data, "verified", again)
        if full:
            raise Broken(f"position {position}: the digest is not that of the document")
        return cls(raw, data, "projected", again)

    @property
    def position(self) -> int:
        """Its place in the ledger."""
        return int(self.data["position"])

    @property
    def kind(self) -> str:
        """The kind of its record."""
        return str(self.data["record"]).split("/")[1]

    @property
    def opens_at(self) -> int | None:
        """When it shows more than now, in microseconds UTC; None where it does not."""
        text = self.data.get("opens_at")
        return None if text is None else micros(datetime.fromisoformat(text))


def _digest_of(raw: bytes, data: dict[str, Any]) -> str:
    """SHA-256 of the document's bytes as they stand in the line; they are canonical as they are stored."""
    start = raw.find(b',"document":') + len(b',"document":')
    digest = sha256(raw[start:-1]).hexdigest()
    if digest == data["digest"]:
        return digest
    # Members may stand behind the document; sorted keys are canonical JSON for what the hub takes.
    return sha256(orjson.dumps(data["document"], option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in position order; `cursor` is where to go on, `position` its position, `head` the ledger's last one."""

    entries: Sequence[Entry]
    cursor: str
    head: int
    dense: bool = field(default=True)
    """Whether the page has every position up to its cursor: it was not filtered, and read nothing again."""

    @property
    def position(self) -> int:
        """The position of the cursor."""
        return position_of(self.cursor)


def position_of(cursor: str) -> int:
    """The position in a cursor, `<epoch>.<position>` or `<position>`."""
    return int(cursor.rpartition(".")[2])


def epoch_of(cursor: str) -> int:
    """The epoch in a cursor; a bare position is one of epoch 1."""
    return int(cursor.rpartition(".")[0] or 1)


def checked(page: Page, after: int) -> Page:
    """The page behind `after`; raises `Broken` where positions are missing, repeated or out of order."""
    if page.position < after:
        raise Broken(f"the ledger ends at {page.head}, behind it {after} had been read: it has lost versions")
    found = [entry.position for entry in page.entries]
    if page.dense and found != list(range(after + 1, page.position + 1)):
        raise Broken(f"behind position {after} there should be all up to {page.position}; got {_short(found)}")
    if found != sorted(set(found)) or (found and not after < found[0] <= found[-1] <= page.position):
        raise Broken(f"positions behind {after} up to {page.position} are out of order: {_short(found)}")
    for entry in page.entries:
        previous = entry.data.get("previous")
        if previous is not None and not 0 < previous < entry.position:
            raise Broken(f"position {entry.position} names {previous} as its previous one")
    return page


def _short(found: Sequence[int]) -> str:
    return str(found) if len(found) < 8 else f"[{found[0]}, {found[1]}, … {found[-1]}], {len(found)} of them"
