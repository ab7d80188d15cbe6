"""NDJSON, compressed with Zstandard: the history, and the current versions."""

from pathlib import Path

from zstandard import ZstdCompressor

from hub.exports.snapshot.writer import HashedFile, Lines, Written

LEVEL = 1
HISTORY, CURRENT = "history.ndjson.zst", "current.ndjson.zst"


class Ndjson:
    """Every window is a Zstandard frame of its own; one without superseded versions is the same frame in both files."""

    def __init__(self, directory: Path) -> None:
        self._history = HashedFile(directory, HISTORY)
        self._current = HashedFile(directory, CURRENT)
        self._compressor = ZstdCompressor(level=LEVEL, write_checksum=True)
        self._versions = self._records = 0

    def add(self, lines: Lines) -> None:
        """Take a window of versions."""
        current = [line for row, line in lines if not row.superseded]
        frame = self._frame([line for _, line in lines])
        self._history.write(frame)
        if current:
            self._current.write(frame if len(current) == len(lines) else self._frame(current))
        self._versions += len(lines)
        self._records += len(current)

    def close(self) -> list[Written]:
        """Finish the files."""
        return [
            self._history.close("ndjson", "history", self._versions),
            self._current.close("ndjson", "current", self._records),
        ]

    def _frame(self, lines: list[bytes]) -> bytes:
        lines.append(b"")
        return self._compressor.compress(b"\n".join(lines))
