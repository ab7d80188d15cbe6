"""Where published files go: a directory of this machine, or what behaves like one."""

import os
from asyncio import to_thread
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from hub.problems import Problem


class ShelfAway(Problem):
    """The place where files are published cannot be written or read."""

    status = 503
    zh = "发布目的地无法读写"


class Shelf(Protocol):
    """A place for files by name; a file is there whole or not at all."""

    async def put(self, name: str, body: bytes, headers: Mapping[str, str], /) -> None:
        """Store a file, which is served with these header fields where the place serves files itself."""

    async def get(self, name: str) -> bytes | None:
        """A file's bytes, None where there is none."""


class Directory:
    """A directory; its files survive a power cut as soon as `put` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def put(self, name: str, body: bytes, _headers: Mapping[str, str]) -> None:
        """Write a file beside its place, then move it there; raises `ShelfAway`."""
        await to_thread(self._put, self._path / name, body)

    async def get(self, name: str) -> bytes | None:
        """The file's bytes, None where there is none."""
        file = self._path / name
        return await to_thread(file.read_bytes) if file.is_file() else None

    def _put(self, file: Path, body: bytes) -> None:
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as writing:
                writing.write(body)
                writing.flush()
                os.fsync(writing.fileno())
            beside.replace(file)
            directory = os.open(file.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
        except OSError as error:
            raise ShelfAway(str(error)) from None
