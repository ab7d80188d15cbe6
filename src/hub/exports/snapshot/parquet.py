"""Parquet, two files per kind with its current versions and with all; pyarrow is asked for only here."""

from collections import Counter
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from hub.exports.snapshot.columns import columns_of
from hub.exports.snapshot.writer import Lines, What, Written, parsed, table_name, tables_of
from hub.problems import InvalidParameter

GROUP = 2_000
"""Rows of a row group, where memory allows."""

HELD = 8_000
"""The most rows that wait for their row group, of all kinds together."""

INSTALL = "pip install 'public-resource-hub[parquet]'"

WHOLE = frozenset({"position", "number", "due.days_late"})


_Key = tuple[What, str]


class Parquet:
    """`parquet/<kind>.parquet`, `parquet/history/<kind>.parquet`: columns as in CSV, texts and JSON as strings.

    The Chinese title of a column is in its metadata.
    """

    def __init__(self, directory: Path) -> None:
        try:
            import pyarrow  # type: ignore[import-untyped]
            from pyarrow import parquet
        except ImportError:
            raise InvalidParameter(f"Parquet needs pyarrow: {INSTALL}") from None
        self._arrow, self._parquet = pyarrow, parquet
        self._directory = directory
        self._files: dict[_Key, Any] = {}
        self._rows: Counter[_Key] = Counter()
        self._waiting: dict[_Key, list[Mapping[str, Any]]] = {}
        self._held = 0

    def add(self, lines: Lines) -> None:
        """Take a window of versions."""
        for row, line in lines:
            cells = _cells(row.kind, parsed(line))
            for what in tables_of(row):
                waiting = self._waiting.setdefault((what, row.kind), [])
                waiting.append(cells)
                self._held += 1
                if len(waiting) >= GROUP:
                    self._flush((what, row.kind))
                elif self._held >= HELD:
                    self._flush(max(self._waiting, key=lambda key: len(self._waiting[key])))

    def close(self) -> list[Written]:
        """Finish the files."""
        for key in list(self._waiting):
            self._flush(key)
        written = []
        for (what, kind), file in sorted(self._files.items(), key=lambda one: one[0]):
            file.close()
            name = table_name("parquet", what, kind)
            path = self._directory / name
            with path.open("rb") as opened:
                digest = file_digest(opened, "sha256").hexdigest()
            rows, size = self._rows[what, kind], path.stat().st_size
            written.append(Written(name, "parquet", what, rows, size, digest, kind))
        return written

    def _flush(self, key: _Key) -> None:
        rows = self._waiting.pop(key)
        self._held -= len(rows)
        schema = self._schema(key[1])
        if key not in self._files:
            path = self._directory / table_name("parquet", *key)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[key] = self._parquet.ParquetWriter(path, schema, compression="zstd")
        self._files[key].write_table(self._arrow.Table.from_pylist(rows, schema=schema))
        self._rows[key] += len(rows)

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
