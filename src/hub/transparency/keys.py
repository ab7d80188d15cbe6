"""The log's own key: read from its file, or made at first use."""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from hub.problems import InvalidParameter
from hub.transparency.note import Ed25519Signer, Signer, TimestampSigner


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What signs a head: the log itself, and a witness of the hub's that adds the time."""

    log: Signer
    witness: Signer

    @property
    def signers(self) -> tuple[Signer, Signer]:
        """Both, in the order in which their lines stand on a note."""
        return self.log, self.witness


def log_keys(origin: str, file: Path) -> LogKeys:
    """The keys of the log `origin` from the seed in `file` (64 hex digits), which is made, for its owner only, if absent.

    Raises `InvalidParameter` where the file holds something else.
    """
    if not file.exists():
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
    try:
        seed = bytes.fromhex(file.read_text().strip())
        if len(seed) != 32:
            raise ValueError
    except ValueError:
        raise InvalidParameter(f"{file} does not hold a key: 64 hex digits.") from None
    return LogKeys(Ed25519Signer(origin, seed), TimestampSigner(f"{origin}/clock", seed, lambda: int(time.time())))
