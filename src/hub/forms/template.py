"""Writing workbooks: the template of a kind, empty or filled in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from hub.forms.cells import cell_of
from hub.forms.columns import GUIDE, HIDDEN, KEY, RESULT, Column, Sheet, sheets_of
from hub.forms.grid import HEADER, NAMES_ROW
from hub.forms.notes import explanations, needed_words, note_of
from hub.schemas.kind import Kind

MOST_IN_LIST = 200
"""The most values of a drop-down."""

LAST_ROW = 1_048_575
"""The last row that a sheet can have, from 0."""

WIDTHS = (12, 40)
"""The narrowest and the widest column, in characters."""

NEEDED, NEEDED_WITH, FREE, NAMES = "#F8CBAD", "#FFF2CC", "#E2EFDA", "#F2F2F2"
"""The colours of header cells: needed, needed with others, free to leave out, and the row of field names."""


def write_template(file: Path, kind: type[Kind], documents: Iterable[Mapping[str, Any]] = ()) -> None:
    """Write the workbook of a kind, with a row for each of the submissions; raises OSError."""
    filled = list(documents)
    with Book(file, kind) as book:
        for sheet in sheets_of(kind):
            page = book.add(sheet, sheet.columns)
            rows = (row for document in filled for row in rows_of(sheet, document))
            for number, row in enumerate(rows, start=HEADER):
                for at, column in enumerate(sheet.columns):
                    if column in row:
                        page.write_string(number, at, row[column], book.text)


def rows_of(sheet: Sheet, document: Mapping[str, Any]) -> Iterator[dict[Column, str]]:
    """The rows of a submission in a sheet, as the texts of their cells."""
    for ordinal, item in _objects(sheet, document):
        row = {}
        for column in sheet.columns:
            if column is sheet.ordinal:
                row[column] = str(ordinal)
            elif not column.path:
                row[column] = str(document[KEY])
            elif (value := _at(item, column.path)) is not None:
                row[column] = cell_of(column, value)
        yield row


def _objects(sheet: Sheet, document: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects of a sheet, each with the number of the object around it, from 1."""
    if sheet.parent is None:
        return [(1, document)]
    around = enumerate(_objects(sheet.parent, document), start=1)
    return [(number, item) for number, (_, parent) in around for item in _at(parent, sheet.path) or ()]


def _at(value: Any, path: Sequence[str]) -> Any:
    for token in path:
        value = value.get(token) if isinstance(value, Mapping) else None
    return value


class Book:
    """A workbook that is written row by row, so that its length costs no memory."""

    def __init__(self, file: Path, kind: type[Kind], moment: datetime | None = None) -> None:
        self._kind = kind
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": True,
        }
        # The workbook is written at its end: one that cannot be is to be told before its rows are.
        with file.open("ab"):
            pass
        self._book = xlsxwriter.Workbook(file, options)
        if moment is not None:
            self._book.set_properties({"created": moment})
        self._lists: dict[str, list[str]] = {}
        self.text = self.format()
        self._looks = {colour: self._header(colour) for colour in (NEEDED, NEEDED_WITH, FREE, NAMES)}

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._add_guide()
            self._add_hidden()
        try:
            self._book.close()
        except xlsxwriter.exceptions.FileCreateError as failed:
            raise OSError(*failed.args) from None

    def format(self, colour: str | None = None, **more: Any) -> Any:
        """The format of a text cell, with a background where a colour is given."""
        fill = {} if colour is None else {"bg_color": colour}
        return self._book.add_format({"num_format": "@", "valign": "top"} | fill | more)

    def add(self, sheet: Sheet, columns: Sequence[Column | None], result: int | None = None) -> Any:
        """Add a sheet with its header, notes and drop-downs, the columns at the positions given.

        `result` is the position, from 1, of a column for results where there is to be one.
        """
        page = self._book.add_worksheet(sheet.name)
        page.freeze_panes(HEADER, columns.index(sheet.key) + 1)
        page.set_default_row(16)
        for at, column in enumerate(columns):
            width = 0 if column is None else max(len(column.title) * 2, len(column.name)) + 2
            page.set_column(at, at, min(max(width, WIDTHS[0]), WIDTHS[1]), self.text)
        if result is not None:
            page.set_column(result - 1, result - 1, WIDTHS[1], self.text)
        # Row by row: what comes later cannot go back, and neither can a note.
        for number in range(HEADER):
            for at, column in enumerate(columns):
                if column is not None:
                    words = (column.title, column.name, needed_words(column))[number]
                    page.write_string(number, at, words, self._looks[NAMES if number == 1 else _colour(column)])
                    if number == 0:
                        self._note(page, at, note_of(column))
                        self._add_list(page, at, column)
            if result is not None and number < NAMES_ROW:
                page.write_string(number, result - 1, RESULT, self._looks[NAMES])
        return page

    def _note(self, page: Any, at: int, note: str) -> None:
        page.write_comment(0, at, note, {"x_scale": 3, "y_scale": 1 + note.count("\n") / 3, "author": "hub"})

    def _header(self, colour: str) -> Any:
        return self.format(colour, bold=colour != NAMES, border=1, text_wrap=colour != NAMES)

    def _add_list(self, page: Any, at: int, column: Column) -> None:
        shown = [column.shown(code) for code in column.choices or ()]
        if not 0 < len(shown) <= MOST_IN_LIST:
            return
        name = column.table or column.name
        self._lists[name] = shown
        letter = xlsxwriter.utility.xl_col_to_name(list(self._lists).index(name) + 2, col_abs=True)
        # A list of several codes, and one of a table that is not closed, takes what is not in it.
        strict = column.closed and not column.many
        told = {
            "validate": "list",
            "source": f"='{HIDDEN}'!{letter}$2:{letter}${len(shown) + 1}",
            "error_type": "stop" if strict else "information",
            "error_title": column.title[:32],
            "error_message": "请从下拉列表中选择。" if strict else "不在下拉列表中，请核对。",
        }
        page.data_validation(HEADER, at, LAST_ROW, at, told)

    def _add_guide(self) -> None:
        page = self._book.add_worksheet(GUIDE)
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 110)
        word = self.format(bold=True, text_wrap=True)
        text = self.format(text_wrap=True)
        for number, (about, words) in enumerate(explanations(self._kind, sheets_of(self._kind))):
            page.write_string(number, 0, about, word)
            page.write_string(number, 1, words, text)

    def _add_hidden(self) -> None:
        page = self._book.add_worksheet(HIDDEN)
        page.very_hidden()
        about = (("kind", self._kind.name()), ("schema_version", self._kind.schema_version))
        columns = [[word for word, _ in about], [said for _, said in about]]
        columns += [[name, *shown] for name, shown in self._lists.items()]
        for number in range(max(map(len, columns))):
            for at, cells in enumerate(columns):
                if number < len(cells):
                    page.write_string(number, at, cells[number])


def _colour(column: Column) -> str:
    if column.always:
        return NEEDED
    return NEEDED_WITH if column.needed else FREE
