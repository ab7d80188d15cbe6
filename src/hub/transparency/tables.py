"""The tables of the transparency log: tiles of hashes, and the signed heads."""

from sqlalchemy import Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.ledger.tables import Micros, Position, Table


class Tile(Table):
    """Up to 256 neighbouring hashes of one level of the tree (C2SP tlog-tiles); a full tile never changes."""

    __tablename__ = "tile"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """The tile's level: its hashes are the roots of 256^level leaves each."""
    number: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    """32 bytes each."""


class Checkpoint(Table):
    """A signed head of the tree."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    """How many leaves: the position of the newest version that it covers."""
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    """The signed note (C2SP tlog-checkpoint), signed and time-stamped."""
    signed_at: Mapped[int] = mapped_column(Micros)


class Log(Table):
    """What the log is: one row, made before the first head."""

    __tablename__ = "log"

    origin: Mapped[str] = mapped_column(Text, primary_key=True)
    """The log's name, which stands on every head."""
    hashing: Mapped[str] = mapped_column(String(10))
    """The hash function of the tree: sha256 | sm3."""


class LogKey(Table):
    """A public key whose signatures stand, or stood, on heads; none is ever forgotten."""

    __tablename__ = "log_key"

    text: Mapped[str] = mapped_column(Text, primary_key=True)
    """The key as `name+id+base64` (C2SP signed-note)."""
    role: Mapped[str] = mapped_column(String(10))
    """log | witness | cosigner."""
    since_size: Mapped[int] = mapped_column(Position)
    """The size of the newest head when the key was first used: it signed none before."""
    since: Mapped[int] = mapped_column(Micros)
