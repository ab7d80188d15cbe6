"""What the writers of a snapshot share."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Literal, Protocol

import orjson

from hub.ledger.read import opening
from hub.ledger.windows import Row

Lines = Sequence[tuple[Row, bytes]]
"""Versions, each with its entry as a JSON object."""

What = Literal["current", "history"]
"""What a table has a row for: the current version of every record, or every version."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a snapshot: `name` is its path inside, `rows` how many records or versions it has."""

    name: str
    format: str
    what: str
    rows: int
    size: int
    sha256: str
    kind: str | None = None

    def document(self) -> dict[str, Any]:
        """The file as the manifest names it."""
        shown = {"name": self.name, "format": self.format, "what": self.what, "rows": self.rows}
        kind = {} if self.kind is None else {"kind": self.kind}
        return shown | kind | {"bytes": self.size, "sha256": self.sha256}


class Writer(Protocol):
    """A format: it is given all versions in order, and closed."""

    def add(self, lines: Lines) -> None:
        """Take a window of versions."""

    def close(self) -> list[Written]:
        """Finish the files and say which there are."""


class HashedFile:
    """A new file whose SHA-256 and size are known when it is closed."""

    def __init__(self, directory: Path, name: str) -> None:
        self.name = name
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._opened: IO[bytes] = path.open("xb", buffering=1 << 18)
        self._hash = sha256()
        self.size = 0

    def write(self, content: bytes) -> int:
        """Append."""
        self._hash.update(content)
        self.size += len(content)
        return self._opened.write(content)

    def close(self, format_: str, what: str, rows: int, kind: str | None = None) -> Written:
        """Close it, and say what it is."""
        self._opened.close()
        return Written(self.name, format_, what, rows, self.size, self._hash.hexdigest(), kind)


def entry_of(row: Row, member: bytes) -> bytes:
    """The version's entry, the same bytes as in the feed; `member` stands before what is shown."""
    return b"".join((opening(row.position, row.previous), row.header, member, row.shown, b"}"))


def table_name(format_: str, what: What, kind: str) -> str:
    """The path of a kind's table inside the snapshot; the current versions are nearer to hand."""
    return f"{format_}/{kind}.{format_}" if what == "current" else f"{format_}/{what}/{kind}.{format_}"


def tables_of(row: Row) -> tuple[What, ...]:
    """The tables that a version has a row in."""
    return ("history",) if row.superseded else ("current", "history")


def parsed(line: bytes) -> dict[str, Any]:
    """An entry as an object."""
    found: dict[str, Any] = orjson.loads(line)
    return found
