"""Parquet, a file per kind with the current versions; pyarrow is asked for only here."""

from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from hub.exports.snapshot.columns import columns_of
from hub.exports.snapshot.writer import Lines, Written, parsed
from hub.problems import InvalidParameter

GROUP = 2_000
"""Rows of a row group, where memory allows."""

HELD = 8_000
"""The most rows that wait for their row group, of all kinds together."""

INSTALL = "pip install 'public-resource-hub[parquet]'"

WHOLE = frozenset({"position", "number", "due.days_late"})


class Parquet:
    """`parquet/<kind>.parquet`: columns as in CSV, texts and JSON as strings, with the Chinese title in the metadata."""

    def __init__(self, directory: Path) -> None:
        try:
            import pyarrow  # type: ignore[import-untyped]
            from pyarrow import parquet
        except ImportError:
            raise InvalidParameter(f"Parquet needs pyarrow: {INSTALL}") from None
        self._arrow, self._parquet = pyarrow, parquet
        self._directory = directory / "parquet"
        self._files: dict[str, Any] = {}
        self._rows: dict[str, int] = {}
        self._waiting: dict[str, list[Mapping[str, Any]]] = {}
        self._held = 0

    def add(self, lines: Lines) -> None:
        """Take a window of versions."""
        for row, line in lines:
            if row.superseded:
                continue
            waiting = self._waiting.setdefault(row.kind, [])
            waiting.append(_cells(row.kind, parsed(line)))
            self._held += 1
            if len(waiting) >= GROUP:
                self._flush(row.kind)
            elif self._held >= HELD:
                self._flush(max(self._waiting, key=lambda kind: len(self._waiting[kind])))

    def close(self) -> list[Written]:
        """Finish the files."""
        for kind in list(self._waiting):
            self._flush(kind)
        written = []
        for kind, file in sorted(self._files.items()):
            file.close()
            path = self._directory / f"{kind}.parquet"
            with path.open("rb") as opened:
                digest = file_digest(opened, "sha256").hexdigest()
            name = f"parquet/{kind}.parquet"
            written.append(Written(name, "parquet", "current", self._rows[kind], path.stat().st_size, digest, kind))
        return written

    def _flush(self, kind: str) -> None:
        rows = self._waiting.pop(kind)
        self._held -= len(rows)
        schema = self._schema(kind)
        if kind not in self._files:
            self._directory.mkdir(parents=True, exist_ok=True)
            path = self._directory / f"{kind}.parquet"
            self._files[kind] = self._parquet.ParquetWriter(path, schema, compression="zstd")
        self._files[kind].write_table(self._arrow.Table.from_pylist(rows, schema=schema))
        self._rows[kind] = self._rows.get(kind, 0) + len(rows)

    def _schema(self, kind: str) -> Any:
        arrow = self._arrow
        return arrow.schema(
            [
                arrow.field(
                    column.name,
                    arrow.int64() if column.name in WHOLE else arrow.string(),
                    metadata={"title_zh": column.title},
                )
                for column in columns_of(kind)
            ]
        )


def _cells(kind: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    found = ((column.name, column.value(entry)) for column in columns_of(kind))
    return {name: value if name in WHOLE or value is None else str(value) for name, value in found}
