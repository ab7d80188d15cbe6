"""The sheets of a workbook as they were filled in: which column stands where, and the rows that are not empty."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from hub.forms import archive
from hub.forms.cells import is_empty
from hub.forms.columns import HIDDEN, RESULT, Column, Sheet, sheets_of
from hub.forms.faults import (
    COLUMN,
    COLUMN_TWICE,
    COLUMN_UNKNOWN,
    COLUMN_UNNAMED,
    HEADER_ROW,
    KIND,
    MERGED_HEADER,
    SHEET,
    TOO_MANY_ROWS,
    Cell,
    DamagedWorkbook,
    fault_at,
)
from hub.forms.notes import needed_words
from hub.problems import Fault, MalformedDocument
from hub.schemas.kind import Kind, editions, kinds

HEADER = 3
"""The rows of the header: Chinese title, field name, whether needed."""

NAMES_ROW = 2
NEEDED_ROW = 3
MOST_ROWS = 100_000
LAST_ROW = 1_048_576
"""The last row that a sheet can have."""
MOST_COLUMNS = 512

Progress = Callable[[int], None]


@dataclass(slots=True)
class Grid:
    """A sheet as it was filled in.

    `columns` stand where the workbook has them, None where a column is passed over; `rows` are the cells of the rows
    that are not empty, by their numbers from 1. `merged` are the rows in merged cells with where these begin.
    """

    sheet: Sheet
    columns: tuple[Column | None, ...] = ()
    rows: dict[int, Sequence[Any]] = field(default_factory=dict)
    empty: list[int] = field(default_factory=list)
    merged: dict[int, Cell] = field(default_factory=dict)
    result: int | None = None
    """The position of the column for results, from 1, where the workbook has it already."""

    def cell(self, row: int, column: Column) -> Cell:
        """The cell of a row and a column; of a column that the workbook lacks, that of the record's key."""
        at = column if column in self.columns else self.sheet.key
        return Cell(self.sheet.name, row, self.columns.index(at) + 1)


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled-in workbook: the kind of its records and its sheets, that of the records first."""

    kind: type[Kind]
    grids: tuple[Grid, ...]


def read_grids(file: Path, progress: Progress) -> Filled:
    """Read a workbook; `progress` is told the rows read so far.

    Raises `DamagedWorkbook` with all that differs from the template, `BodyTooLarge`, `MalformedDocument`.
    """
    archive.checked(file)
    try:
        # Cells are read as they come by: the whole workbook as objects would take a hundred times its size.
        with catch_warnings():
            # It warns of styles that it does not know; none matters here.
            simplefilter("ignore", UserWarning)
            book = load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:
        # The reader raises whatever its own lines come upon.
        raise _unreadable(file, error) from None
    try:
        return _filled(book, progress)
    except DamagedWorkbook:
        raise
    except Exception as error:
        raise _unreadable(file, error) from None
    finally:
        book.close()


def _unreadable(file: Path, error: Exception) -> MalformedDocument:
    return MalformedDocument(f"{file.name} is no readable .xlsx workbook ({type(error).__name__}).")


def _filled(book: Any, progress: Progress) -> Filled:
    kind = _kind_of(book)
    faults: list[Fault] = []
    grids = []
    done = 0
    for sheet in sheets_of(kind):
        if sheet.name not in book.sheetnames:
            faults.append(fault_at(Cell(sheet.name, 1, 1), SHEET, sheet=sheet.name))
            continue
        found = book[sheet.name]
        grid = _grid(sheet, found, faults, partial(_tell, progress, done))
        _note_merged(grid, book._archive, found, faults)
        done += len(grid.rows)
        grids.append(grid)
    if faults:
        raise DamagedWorkbook(faults)
    return Filled(kind, tuple(grids))


def _tell(progress: Progress, before: int, rows: int) -> None:
    progress(before + rows)


def _kind_of(book: Any) -> type[Kind]:
    if HIDDEN not in book.sheetnames:
        raise DamagedWorkbook([fault_at(Cell(HIDDEN, 1, 2), KIND, told="–")])
    cells = [row[0] for row in book[HIDDEN].iter_rows(min_row=1, max_row=2, min_col=2, max_col=2, values_only=True)]
    name, version = (*cells, None, None)[:2]
    known = editions(name) if name in kinds() else {}
    if version not in known:
        raise DamagedWorkbook([fault_at(Cell(HIDDEN, 1, 2), KIND, told=f"{name}@{version}")])
    return known[version]


def _grid(sheet: Sheet, found: Any, faults: list[Fault], progress: Progress) -> Grid:
    # What a sheet says of its own dimensions need not be so.
    found.reset_dimensions()
    rows = found.iter_rows(min_row=1, max_row=LAST_ROW, values_only=True)
    header = [_trimmed(row[:MOST_COLUMNS]) for row in islice(rows, HEADER)]
    names = header[NAMES_ROW - 1] if len(header) >= NAMES_ROW else ()
    grid = Grid(sheet)
    grid.columns = tuple(_columns(grid, names, faults))
    faults += _header_faults(grid, header[NEEDED_ROW - 1] if len(header) >= NEEDED_ROW else ())
    unnamed: set[int] = set()
    waiting: list[int] = []
    for number, cells in enumerate(rows, start=HEADER + 1):
        row = [_unescaped(cell) for cell in _trimmed(cells)]
        own = [at for at, cell in enumerate(row) if at + 1 != grid.result and not is_empty(cell)]
        if not own:
            waiting.append(number)
            continue
        grid.empty += waiting
        waiting.clear()
        grid.rows[number] = row[:MOST_COLUMNS]
        if number > HEADER + MOST_ROWS:
            faults.append(fault_at(Cell(sheet.name, number, 1), TOO_MANY_ROWS, most=MOST_ROWS))
            break
        unnamed.update(at for at in own if at >= len(grid.columns) or grid.columns[at] is None)
        if len(grid.rows) % 500 == 0:
            progress(len(grid.rows))
    told = {fault.pointer for fault in faults}
    places = (Cell(sheet.name, NAMES_ROW, at + 1) for at in sorted(unnamed))
    faults += (fault_at(place, COLUMN_UNNAMED) for place in places if place.address not in told)
    return grid


def _trimmed(row: Sequence[Any]) -> Sequence[Any]:
    """The row without the empty cells at its end."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _unescaped(cell: Any) -> Any:
    """The cell with the characters that XML does not carry, which workbooks write as `_x000D_`."""
    return unescape(cell) if isinstance(cell, str) and "_x" in cell else cell


def _columns(grid: Grid, names: Sequence[Any], faults: list[Fault]) -> list[Column | None]:
    sheet = grid.sheet
    known = {column.name: column for column in sheet.columns}
    found: list[Column | None] = []
    for at, cell in enumerate(names, start=1):
        name = "" if is_empty(cell) else str(cell).strip()
        column = known.get(name)
        place = Cell(sheet.name, NAMES_ROW, at)
        if name == RESULT:
            grid.result = at
        elif column is not None and column in found:
            faults.append(fault_at(place, COLUMN_TWICE, name=name))
        elif name and column is None:
            near = get_close_matches(name, known, n=1)
            fault = fault_at(place, COLUMN_UNKNOWN, name=name)
            faults.append(Fault(fault.pointer, fault.rule, fault.zh, fault.en, near[0] if near else None))
        found.append(None if column in found else column)
    for at, column in enumerate(sheet.columns, start=1):
        if column.always and column not in found:
            place = Cell(sheet.name, NAMES_ROW, at)
            faults.append(fault_at(place, COLUMN, name=column.name, title=column.title))
    return found


def _header_faults(grid: Grid, cells: Sequence[Any]) -> Iterator[Fault]:
    """A fault where a record stands in the last row of the header, because one of its rows was deleted."""
    named = zip(grid.columns, cells, strict=False)
    said = [(column, str(cell)) for column, cell in named if column is not None and not is_empty(cell)]
    if said and not any(words.strip() == needed_words(column) for column, words in said):
        yield fault_at(grid.cell(NEEDED_ROW, said[0][0]), HEADER_ROW)


def _note_merged(grid: Grid, source: Any, found: Any, faults: list[Fault]) -> None:
    last = max(grid.rows, default=0)
    for row, column, end in archive.merged_cells(source, found._worksheet_path):
        cell = Cell(grid.sheet.name, row, column)
        if row <= HEADER:
            faults.append(fault_at(cell, MERGED_HEADER))
        else:
            grid.merged |= dict.fromkeys(range(row, min(end, last) + 1), cell)
