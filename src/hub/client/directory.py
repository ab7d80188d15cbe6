"""A directory of NDJSON files as a sink: entries are appended, then one small file says how far they count."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Self

import orjson

from hub.client.page import Entry, Page, position_of
from hub.client.sink import Item, Kept
from hub.client.trouble import Trouble

STATE, LOCK, OPENED = "state.json", ".lock", "opened.ndjson"
ENTRIES = "entries-*.ndjson"
PIECE = 5000


class Directory:
    """`entries-<first position>.ndjson`, `opened.ndjson` with what was read again at its opening, and `state.json`.

    What stands in a file behind the size that `state.json` gives was not committed; it is cut off when the directory is
    opened for writing the next time. A file holds up to `most` entries.
    """

    def __init__(self, path: Path, *, most: int = 100_000) -> None:
        self.path = path
        self._most = most
        self._state: dict[str, Any] = {
            "source": "",
            "cursor": "0",
            "file": "",
            "lines": 0,
            "size": 0,
            "opened": 0,
            "openings": [],
        }
        self._lock: IO[bytes] | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    async def kept(self) -> Kept:
        """What is there."""
        openings = [(opening, position) for opening, position in self._state["openings"]]
        return Kept(self._state["cursor"], self._state["source"], openings)

    async def begin(self, source: str, cursor: str) -> None:
        """Say what the directory is filled from, and behind which cursor; it is kept with the first page."""
        self._state |= {"source": source, "cursor": cursor}

    async def write(self, page: Page) -> None:
        """Append the entries, make them durable, then say so."""
        await asyncio.to_thread(self._write, page)

    async def cut(self, cursor: str) -> None:
        """Forget what lies behind the cursor's position, and go on from the cursor."""
        await asyncio.to_thread(self._cut, cursor)

    async def items(self) -> AsyncIterator[Sequence[Item]]:
        """Everything that is kept, in position order, in pieces."""
        lines = self._lines()
        while piece := await asyncio.to_thread(_some, lines):
            yield piece

    def _open(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = lock = (self.path / LOCK).open("wb")
        try:
            self._take(lock)
        except BaseException:
            lock.close()
            raise

    def _take(self, lock: IO[bytes]) -> None:
        """Be the only process that writes here, and go on from what was committed."""
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(f"{self.path} is being written by another process") from None
        if (self.path / STATE).exists():
            self._state |= orjson.loads((self.path / STATE).read_bytes())
        elif any(self.path.glob(ENTRIES)):
            raise Trouble(f"{self.path} has entries but no {STATE}")
        self._tidy()

    def _tidy(self) -> None:
        """Cut off what was written but not committed; raises `Trouble` where what was committed is gone."""
        for file in self.path.glob(ENTRIES):
            if file.name > self._state["file"]:
                file.unlink()
        if name := self._state["file"]:
            file, size = self.path / name, self._state["size"]
            if not file.exists() or file.stat().st_size < size:
                raise Trouble(
                    f"{file} is gone or was cut: {size} bytes of it had been committed. "
                    "Put it back, or consume into a new directory"
                )
            os.truncate(file, size)
        if (self.path / OPENED).exists():
            # It is shorter where a cut was not committed: that replaces it first, and is done again.
            self._state["opened"] = min(self._state["opened"], (self.path / OPENED).stat().st_size)
            os.truncate(self.path / OPENED, self._state["opened"])

    def _write(self, page: Page) -> None:
        if not (self.path / STATE).exists():
            self._commit(self._state)  # Entries without it would not be known again.
        state = dict(self._state)
        new = [entry for entry in page.entries if not entry.again]
        again = [entry for entry in page.entries if entry.again]
        if new:
            if not state["file"] or state["lines"] + len(new) > self._most:
                state |= {"file": f"entries-{new[0].position:012d}.ndjson", "size": 0, "lines": 0}
            state["size"] = self._append(state["file"], state["size"], new)
            state["lines"] += len(new)
        if again:
            state["opened"] = self._append(OPENED, state["opened"], again)
        done = {entry.position for entry in again}
        sealed = [(entry.opens_at, entry.position) for entry in new if entry.opens_at is not None]
        if done or sealed:
            state["openings"] = [one for one in state["openings"] if one[1] not in done] + sealed
        self._commit(state | {"cursor": page.cursor})

    def _append(self, name: str, at: int, entries: Sequence[Entry]) -> int:
        """Write the entries from byte `at` on; the new size."""
        with (self.path / name).open("r+b" if (self.path / name).exists() else "w+b") as opened:
            opened.truncate(at)
            opened.seek(at)
            opened.write(b"".join(entry.raw + b"\n" for entry in entries))
            opened.flush()
            os.fsync(opened.fileno())
            return opened.tell()

    def _commit(self, state: dict[str, Any]) -> None:
        """Let the state hold: whole or not at all, and durably."""
        self._replace(STATE, orjson.dumps(state, option=orjson.OPT_INDENT_2))
        self._state = state

    def _replace(self, name: str, content: bytes) -> None:
        beside = self.path / f"{name}.new"
        with beside.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(self.path / name)
        directory = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _cut(self, cursor: str) -> None:
        last, state = position_of(cursor), dict(self._state)
        names = sorted(file.name for file in self.path.glob(ENTRIES) if _first(file.name) <= last)
        state |= {"file": "", "size": 0, "lines": 0, "cursor": cursor}
        if names:
            kept = [line for line in (self.path / names[-1]).read_bytes().splitlines(True) if _position(line) <= last]
            state |= {"file": names[-1], "size": sum(map(len, kept)), "lines": len(kept)}
        state["openings"] = [one for one in state["openings"] if one[1] <= last]
        if (self.path / OPENED).exists():
            lines = (self.path / OPENED).read_bytes()[: state["opened"]].splitlines(True)
            again = b"".join(line for line in lines if _position(line) <= last)
            self._replace(OPENED, again)
            state["opened"] = len(again)
        self._commit(state)
        self._tidy()

    def _lines(self) -> Iterator[bytes]:
        for file in sorted(self.path.glob(ENTRIES)):
            left = self._state["size"] if file.name == self._state["file"] else None
            with file.open("rb") as opened:
                for line in opened:
                    if left is not None:
                        left -= len(line)
                        if left < 0:
                            return
                    yield line


def _some(lines: Iterator[bytes]) -> list[Item]:
    found: list[Item] = []
    for line in lines:
        data = orjson.loads(line)
        found.append((data["position"], bytes.fromhex(data["digest"])))
        if len(found) == PIECE:
            break
    return found


def _position(line: bytes) -> int:
    return int(orjson.loads(line)["position"])


def _first(name: str) -> int:
    return int(name.removeprefix("entries-").removesuffix(".ndjson"))
