"""Reading a workbook: rows become submissions, and every value keeps the cell that it came from."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.forms.cells import is_empty, value_of, without_yuan
from hub.forms.columns import KEY, Column, Sheet
from hub.forms.faults import EMPTY_ROW, KEY_MISSING, KEY_TWICE, MERGED, ORDINAL, ORPHAN, Cell, WrongCell, fault_at
from hub.forms.grid import Filled, Grid, Progress, read_grids
from hub.problems import Fault
from hub.schemas.places import Tokens


@dataclass(slots=True)
class Item:
    """An object of a submission: where it is in it, and the row that it came from."""

    tokens: Tokens
    value: dict[str, Any]
    grid: Grid
    row: int


@dataclass(slots=True)
class Record:
    """A row of the first sheet as a submission, with the rows of the other sheets that belong to it.

    A record that is `held` has a cell that could not be read; it is not to be pushed.
    """

    document: dict[str, Any]
    row: int
    items: dict[str, list[Item]] = field(default_factory=dict)
    """The objects by the sheet that they are in, in the order of its rows."""
    held: bool = False

    def cell_of(self, pointer: str) -> Cell:
        """The cell that a JSON Pointer into the submission leads to; where there is none, the nearest one around."""
        tokens = tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
        own = self.items[next(iter(self.items))][0]
        inside = (item for items in self.items.values() for item in items if tokens[: len(item.tokens)] == item.tokens)
        nearest = max(inside, key=lambda item: len(item.tokens), default=own)
        return nearest.grid.cell(nearest.row, _column_at(nearest.grid.sheet, tokens[len(nearest.tokens) :]))


def _column_at(sheet: Sheet, rest: Tokens) -> Column:
    """The column of a field, of the list that a value is in, or of the first field of an object."""
    for column in sheet.columns:
        if column.path and (rest[: len(column.path)] == column.path or (rest and column.path[: len(rest)] == rest)):
            return column
    return sheet.key


@dataclass(slots=True)
class Workbook:
    """What was read of a workbook: its records in the order of their rows, and the faults and warnings of its cells."""

    filled: Filled
    records: list[Record]
    faults: list[tuple[Cell, Fault]]
    warnings: list[tuple[Cell, Fault]]


def read_workbook(file: Path, progress: Progress = lambda _: None) -> Workbook:
    """Read a filled-in workbook; `progress` is told the rows read so far.

    Raises `hub.forms.faults.DamagedWorkbook`, `hub.problems.BodyTooLarge` or `hub.problems.MalformedDocument`; what is
    wrong with single cells is in the result.
    """
    return _Reader(read_grids(file, progress)).read()


class _Reader:
    def __init__(self, filled: Filled) -> None:
        self._filled = filled
        self._faults: list[tuple[Cell, Fault]] = []
        self._by_key: dict[str, Record] = {}

    def read(self) -> Workbook:
        first, *others = self._filled.grids
        records = [self._record(first, row) for row in first.rows]
        self._find_doubles(first, records)
        for grid in others:
            for row in grid.rows:
                self._attach(grid, row)
        empty = [(grid, row) for grid in self._filled.grids for row in grid.empty]
        warnings = [(cell, fault_at(cell, EMPTY_ROW)) for cell in (g.cell(row, g.sheet.key) for g, row in empty)]
        return Workbook(self._filled, records, self._faults, warnings)

    def _record(self, grid: Grid, row: int) -> Record:
        kind = self._filled.kind
        document: dict[str, Any] = {"kind": kind.name(), "schema_version": kind.schema_version}
        values, readable = self._values(grid, row)
        _fill(document, grid.sheet, values)
        record = Record(document, row, held=not readable)
        record.items[grid.sheet.name] = [Item((), document, grid, row)]
        key = document.get(KEY)
        if isinstance(key, str):
            self._by_key.setdefault(key, record)
        elif readable:
            record.held = True
            self._fault(grid.cell(row, grid.sheet.key), KEY_MISSING)
        return record

    def _find_doubles(self, grid: Grid, records: list[Record]) -> None:
        """Hold every record whose key another row has: nobody can tell to which of them further rows belong."""
        seen = Counter(record.document.get(KEY) for record in records)
        for record in records:
            if KEY in record.document and seen[record.document[KEY]] > 1:
                record.held = True
                self._fault(grid.cell(record.row, grid.sheet.key), KEY_TWICE)

    def _attach(self, grid: Grid, row: int) -> None:
        """Add the row of a further sheet to the record that it belongs to."""
        sheet = grid.sheet
        values, readable = self._values(grid, row)
        record = self._by_key.get(values.pop(sheet.key, None))
        if record is None:
            if readable:
                self._fault(grid.cell(row, sheet.key), ORPHAN, sheet=self._filled.grids[0].sheet.name)
            return
        record.held = record.held or not readable
        parent = self._parent(record, grid, row, values)
        if parent is None:
            record.held = True
            return
        place = parent.value
        for token in sheet.path[:-1]:
            place = place.setdefault(token, {})
        siblings: list[Any] = place.setdefault(sheet.path[-1], [])
        value: dict[str, Any] = {}
        _fill(value, sheet, values)
        item = Item((*parent.tokens, *sheet.path, str(len(siblings))), value, grid, row)
        siblings.append(value)
        record.items.setdefault(sheet.name, []).append(item)

    def _parent(self, record: Record, grid: Grid, row: int, values: dict[Column, Any]) -> Item | None:
        """The object that the row's list is in; None, and a fault, where the row does not say which."""
        assert grid.sheet.parent is not None  # Only the first sheet has none.
        around = record.items.get(grid.sheet.parent.name, [])
        ordinal = grid.sheet.ordinal
        if ordinal is None:
            return around[0]
        number = values.pop(ordinal, None)
        if isinstance(number, int) and 1 <= number <= len(around):
            return around[number - 1]
        self._fault(grid.cell(row, ordinal), ORDINAL, sheet=grid.sheet.parent.name)
        return None

    def _values(self, grid: Grid, row: int) -> tuple[dict[Column, Any], bool]:
        """The values of a row by column, and whether all of its cells could be read."""
        values: dict[Column, Any] = {}
        readable = True
        for at, (column, cell) in enumerate(zip(grid.columns, grid.rows[row], strict=False), start=1):
            if column is None or is_empty(cell):
                continue
            try:
                values[column] = value_of(column, cell)
            except WrongCell as wrong:
                readable = False
                self._fault(Cell(grid.sheet.name, row, at), wrong.rule)
        if (merged := grid.merged.get(row)) is not None:
            readable = False
            if merged.row == row:
                self._fault(merged, MERGED)
        return without_yuan(values), readable

    def _fault(self, cell: Cell, rule: Any, **context: Any) -> None:
        self._faults.append((cell, fault_at(cell, rule, **context)))


def _fill(target: dict[str, Any], sheet: Sheet, values: dict[Column, Any]) -> None:
    """Put values in their places; the objects that are needed are there even where they are empty."""
    for group in sheet.groups:
        place = target
        for token in group:
            place = place.setdefault(token, {})
    for column, value in values.items():
        *way, last = column.path
        place = target
        for token in way:
            place = place.setdefault(token, {})
        place[last] = value
