"""The log's own keys: read from their file, or made at first use, and the public halves that the database remembers."""

import os
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.moments import now
from hub.problems import InvalidParameter, InvalidSettings
from hub.transparency.algorithms import verifier_of
from hub.transparency.note import Ed25519Signer, NoteInvalid, Signer, TimestampSigner
from hub.transparency.sm2 import ProgramSigner, Sm2Verifier
from hub.transparency.tables import LogKey


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What signs a head: the log itself, a witness of the hub's that adds the time, and whoever else signs along."""

    log: Signer
    witness: TimestampSigner
    cosigners: tuple[Signer, ...] = ()

    @property
    def signers(self) -> tuple[Signer, ...]:
        """All of them, in the order in which their lines stand on a note."""
        return self.log, self.witness, *self.cosigners

    @property
    def roles(self) -> dict[str, str]:
        """What each public key is there for, by its text."""
        named = [(self.log, "log"), (self.witness, "witness"), *((signer, "cosigner") for signer in self.cosigners)]
        return {signer.verifier.text(): role for signer, role in named}


def log_keys(origin: str, file: Path, cosigners: Sequence[Signer] = ()) -> LogKeys:
    """The keys of the log `origin` from the seed in `file` (64 hex digits), which is made, for its owner only, if absent.

    The witness has a key of its own, which follows from the same seed. Raises `InvalidParameter` where the file holds
    something else.
    """
    if not file.exists():
        _make(file)
    try:
        seed = bytes.fromhex(file.read_text().strip())
        if len(seed) != 32:
            raise ValueError
    except ValueError:
        raise InvalidParameter(f"{file} does not hold a key: 64 hex digits.") from None
    witness = TimestampSigner(f"{origin}/clock", sha256(b"hub log witness\n" + seed).digest())
    return LogKeys(Ed25519Signer(origin, seed), witness, tuple(cosigners))


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secrets.token_hex(32) + "\n")
    # Processes that start together agree on the first one's key.
    try:
        os.link(made, file)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def rotate(file: Path) -> Path | None:
    """Put the key in `file` aside and make a new one; returns where the old one is, None where it is lost."""
    aside = file.with_name(f"{file.name}.until-{now() // 1_000_000}") if file.exists() else None
    if aside is not None:
        file.rename(aside)
    _make(file)
    return aside


def sm2_cosigner(text: str, command: str) -> ProgramSigner | None:
    """The SM2 key `text`, with which the program `command` signs; None where neither is given.

    Raises `InvalidSettings`.
    """
    if not text and not command:
        return None
    try:
        verifier = verifier_of(text)
    except NoteInvalid as problem:
        raise InvalidSettings(f"HUB_LOG_SM2_KEY: {problem}") from None
    if not isinstance(verifier, Sm2Verifier) or not command:
        raise InvalidSettings("HUB_LOG_SM2_KEY is an SM2 key, and HUB_LOG_SM2_COMMAND the program that signs with it.")
    return ProgramSigner(verifier, shlex.split(command))


async def remember(connection: AsyncConnection, keys: LogKeys, size: int, since: int) -> None:
    """Add the public keys that the database does not know yet, in use `since` (µs) behind the head of `size`."""
    known = {key.text for key in await remembered(connection)}
    for text, role in keys.roles.items():
        if text not in known:
            row = {"text": text, "role": role, "since_size": size, "since": since}
            await connection.execute(insert(LogKey).values(row))


async def remembered(connection: AsyncConnection) -> list[LogKey]:
    """Every public key that ever signed a head, the oldest first."""
    statement = select(LogKey.__table__).order_by(LogKey.since, LogKey.since_size, LogKey.role, LogKey.text)
    return [LogKey(**row._mapping) for row in await connection.execute(statement)]
