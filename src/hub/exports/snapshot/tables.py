"""CSV, two files per kind with its current versions and with all, and a codebook that explains the columns."""

import csv
import io
from pathlib import Path

from hub.exports.snapshot.columns import Column, columns_of
from hub.exports.snapshot.writer import HashedFile, Lines, What, Written, parsed, table_name, tables_of
from hub.schemas.kind import kinds

BOM = b"\xef\xbb\xbf"
CODEBOOK = "csv/codebook.csv"
CODEBOOK_HEAD = ("kind", "kind_title", "column", "title", "type", "code_table", "scope", "description")


class Table:
    """A CSV file as RFC 4180 has it, in UTF-8 with the mark by which spreadsheets know it; cells are exact."""

    def __init__(self, directory: Path, name: str, head: tuple[str, ...]) -> None:
        self.file = HashedFile(directory, name)
        self.file.write(BOM)
        self._text = io.StringIO(newline="")
        self._csv = csv.writer(self._text)
        self._csv.writerow(head)
        self.rows = 0

    def add(self, cells: list[str | int | None]) -> None:
        """Write a row."""
        self._csv.writerow(cells)
        self.rows += 1

    def flush(self) -> None:
        """Let what was gathered leave memory."""
        self.file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


class Csv:
    """`csv/<kind>.csv`, `csv/history/<kind>.csv`, and `csv/codebook.csv` with the Chinese title of every column."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._tables: dict[tuple[What, str], tuple[Table, tuple[Column, ...]]] = {}

    def add(self, lines: Lines) -> None:
        """Take a window of versions."""
        touched = set()
        for row, line in lines:
            entry = parsed(line)
            for what in tables_of(row):
                table, columns = self._table(what, row.kind)
                table.add([column.value(entry) for column in columns])
                touched.add(table)
        for table in touched:
            table.flush()

    def close(self) -> list[Written]:
        """Finish the files."""
        book = Table(self._directory, CODEBOOK, CODEBOOK_HEAD)
        for kind in sorted({kind for _, kind in self._tables}):
            for one in columns_of(kind):
                cells = [kind, kinds()[kind].title(), one.name, one.title, one.type, one.code_table, one.scope]
                book.add([*cells, one.description])
        book.flush()
        written = [
            table.file.close("csv", what, table.rows, kind) for (what, kind), (table, _) in sorted(self._tables.items())
        ]
        return [*written, book.file.close("csv", "codebook", book.rows)]

    def _table(self, what: What, kind: str) -> tuple[Table, tuple[Column, ...]]:
        found = self._tables.get((what, kind))
        if found is None:
            columns = columns_of(kind)
            table = Table(self._directory, table_name("csv", what, kind), tuple(column.name for column in columns))
            found = self._tables[what, kind] = (table, columns)
        return found
