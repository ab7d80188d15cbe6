"""Workbooks for tests: filled-in templates, and what people do to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from hub.forms.columns import Column, sheets_of
from hub.forms.template import write_template
from hub.schemas.kind import kinds

FIRST = 4
"""The first row below the header."""


def a_workbook(directory: Path, *documents: dict[str, Any], kind: str = "") -> Path:
    """The template of the documents' kind with the documents filled in."""
    file = directory / "form.xlsx"
    write_template(file, kinds()[kind or documents[0]["kind"]], documents)
    return file


@contextmanager
def editing(file: Path) -> Iterator[Workbook]:
    """The workbook as a spreadsheet program has it open; saved at the end."""
    book = load_workbook(file)
    yield book
    book.save(file)


def a_column(kind: str, name: str) -> Column:
    """The column of that name in the first sheet of the kind."""
    return next(column for column in sheets_of(kinds()[kind])[0].columns if column.name == name)


def cell(book: Workbook, sheet: str, name: str, row: int = FIRST) -> Cell:
    """The cell of a row in the column of that field name."""
    page = book[sheet]
    at = next(head.column for head in page[2] if head.value == name)
    found = page.cell(row, at)
    assert isinstance(found, Cell)
    return found


def colour(found: Cell) -> str:
    """The background of a cell, without its opacity."""
    return str(found.fill.start_color.rgb)[2:] if found.fill.fill_type else ""
