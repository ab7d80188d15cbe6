"""The checked copy of a workbook: every fault in its cell, and what became of every record."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from re import search
from typing import Any
from zipfile import BadZipFile, ZipFile

import orjson

from hub.forms.faults import Cell
from hub.forms.grid import Filled, Grid
from hub.forms.template import Book
from hub.problems import Fault

MOST_NOTES = 5000
"""The most notes on cells of a copy: with more of them spreadsheets become too slow to work in. Colours have no limit."""

WRONG, DOUBTFUL, FINE = "#FF9999", "#FFEB84", "#C6EFCE"
"""The colours of a fault, of a warning, and of a record that was accepted."""

LONGEST_RESULT = 500

COARSE = 2.5
"""Seconds by which some file systems are wrong about a file's time."""

LARGEST_NUMBER = 10**300
"""What a workbook can hold as a number, nearly."""


@dataclass(slots=True)
class Marks:
    """What is to be said in a checked copy: faults and warnings by cell, and results by row of the first sheet."""

    faults: dict[Cell, list[Fault]] = field(default_factory=dict)
    warnings: dict[Cell, list[Fault]] = field(default_factory=dict)
    results: dict[int, str] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    """The rows whose result is no acceptance."""

    def fault(self, cell: Cell, fault: Fault) -> None:
        """A fault of the cell."""
        self.faults.setdefault(cell, []).append(fault)

    def warn(self, cell: Cell, warning: Fault) -> None:
        """A warning about the cell."""
        self.warnings.setdefault(cell, []).append(warning)

    def accept(self, row: int, words: str) -> None:
        """The record of the row was accepted."""
        self.results[row] = words
        self.refused.discard(row)

    def refuse(self, row: int, words: str) -> None:
        """The record of the row was not accepted."""
        self.results[row] = words
        self.refused.add(row)


def write_checked(file: Path, filled: Filled, marks: Marks, progress: Callable[[int], None] = lambda _: None) -> None:
    """Write the copy; `progress` is told the rows written so far. Raises OSError."""
    moment = datetime.now(UTC).replace(microsecond=0)
    with Book(file, filled.kind, moment) as book:
        _Copy(book, filled, marks, progress).write()
    os.utime(file, (moment.timestamp(), moment.timestamp()))


def is_as_written(copy: Path) -> bool:
    """Whether a checked copy is as `write_checked` left it: its own time is the file's, until somebody saves it."""
    try:
        if not copy.stat().st_size:
            return True  # It could not be written.
        with ZipFile(copy) as archive:
            said = search(rb"<dcterms:created[^>]*>([^<]+)<", archive.read("docProps/core.xml"))
        moment = datetime.fromisoformat(said[1].decode()) if said is not None else datetime.min.replace(tzinfo=UTC)
        return abs(moment.timestamp() - copy.stat().st_mtime) < COARSE
    except (OSError, BadZipFile, KeyError, ValueError, OverflowError):
        return False


class _Copy:
    def __init__(self, book: Book, filled: Filled, marks: Marks, progress: Callable[[int], None]) -> None:
        self._book = book
        self._filled = filled
        self._marks = marks
        self._progress = progress
        self._notes = 0
        self._written = 0
        self._texts = {colour: book.format(colour) for colour in (WRONG, DOUBTFUL, FINE)} | {None: book.text}
        # Times that were cells of a date format stay such, so that the copy reads as the workbook did.
        dates = {"num_format": "yyyy-mm-dd hh:mm:ss"}
        self._dates = {colour: book.format(colour, **dates) for colour in (WRONG, DOUBTFUL, None)}

    def write(self) -> None:
        first = self._filled.grids[0]
        for grid in self._filled.grids:
            result = (grid.result or len(grid.columns) + 1) if grid is first else None
            page = self._book.add(grid.sheet, grid.columns, result)
            self._rows(page, grid, result)

    def _rows(self, page: Any, grid: Grid, result: int | None) -> None:
        for row in sorted({*grid.rows, *grid.empty}):
            cells = grid.rows.get(row, ())
            for at in range(1, max(len(cells), len(grid.columns)) + 1):
                if at != result:
                    self._cell(page, Cell(grid.sheet.name, row, at), cells[at - 1] if at <= len(cells) else None)
            if result is not None and (words := self._marks.results.get(row)) is not None:
                colour = WRONG if row in self._marks.refused else FINE
                page.write_string(row - 1, result - 1, words[:LONGEST_RESULT], self._texts[colour])
            self._written += 1
            if self._written % 500 == 0:
                self._progress(self._written)

    def _cell(self, page: Any, cell: Cell, value: Any) -> None:
        faults = self._marks.faults.get(cell, ())
        warnings = self._marks.warnings.get(cell, ())
        if value is None and not faults and not warnings:
            return
        colour = WRONG if faults else DOUBTFUL if warnings else None
        at = cell.row - 1, cell.column - 1
        match value:
            case None:
                page.write_blank(*at, None, self._texts[colour])
            case str():
                page.write_string(*at, value, self._texts[colour])
            case bool():
                page.write_boolean(*at, value, self._texts[colour])
            case int() | float() if abs(value) < LARGEST_NUMBER:
                page.write_number(*at, value, self._texts[colour])
            case datetime():
                page.write_datetime(*at, value, self._dates[colour])
            case _:
                page.write_string(*at, str(getattr(value, "text", value)), self._texts[colour])
        if (faults or warnings) and self._notes < MOST_NOTES:
            self._notes += 1
            page.write_comment(*at, note_of((*faults, *warnings)), {"x_scale": 3, "y_scale": 1.5, "author": "hub"})


def note_of(faults: Sequence[Fault]) -> str:
    """The words of faults in a note: both languages, and the repair where there is one."""
    return "\n".join(_words(fault) for fault in faults)


def _words(fault: Fault) -> str:
    words = f"{fault.zh}\n{fault.en} [{fault.rule}]"
    if fault.repair is None:
        return words
    shown = fault.repair if isinstance(fault.repair, str) else orjson.dumps(fault.repair).decode()
    return f"{words}\n应为 repair: {shown}"


def fault_from(shown: Mapping[str, Any]) -> Fault:
    """The fault of an answer or a receipt."""
    return Fault(shown["pointer"], shown["rule"], shown["zh"], shown["en"], shown.get("repair"))
