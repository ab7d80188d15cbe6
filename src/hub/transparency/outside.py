"""The newest signed head, kept in a file outside the database: what the database once was, whatever becomes of it."""

import os
from pathlib import Path
from urllib.parse import quote

from hub.transparency.note import Checkpoint, NoteInvalid, checkpoint_of, text_of


class Outside:
    """The file of one log in a folder of heads."""

    def __init__(self, directory: Path, origin: str) -> None:
        self.file = directory / f"{quote(origin, safe='')}.checkpoint"

    def keep(self, note: str) -> None:
        """Write the note, whole or not at all, and durably."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(f".{os.getpid()}")
        with beside.open("w", encoding="utf-8") as opened:
            opened.write(note)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(self.file)

    def note(self) -> str | None:
        """The note that was kept last, or None before the first; raises `NoteInvalid` where the file cannot be read."""
        try:
            return self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise NoteInvalid("it is no text") from None
        except OSError as error:
            raise NoteInvalid(error.strerror or str(error)) from None

    def checkpoint(self) -> Checkpoint | None:
        """The head that was kept last, or None before the first; raises `NoteInvalid` where the file is spoilt.

        Its signatures are not verified: a database that was restored need not know the newest key.
        """
        note = self.note()
        return None if note is None else checkpoint_of(text_of(note))
