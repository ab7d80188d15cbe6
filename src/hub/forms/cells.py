"""Cells and values: what a person or a spreadsheet writes, and the JSON value that it stands for."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from hub.forms.columns import Column, Written
from hub.forms.faults import DIGITS, ERROR_VALUE, FORMULA, WrongCell
from hub.schemas.common_rules import YUAN
from hub.schemas.types.coded import repair_code
from hub.schemas.types.numbers import plain_amount, repair_amount
from hub.schemas.types.times import BEIJING, repair_date, repair_instant

MOST_DIGITS = 15
"""The digits of a number that a spreadsheet keeps."""

ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})


def is_empty(cell: Any) -> bool:
    """Whether nothing is filled in."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def value_of(column: Column, cell: Any) -> Any:
    """The JSON value of a cell that is not empty; raises `WrongCell`.

    What the column's own type does not take stays as it was written, for the hub to judge. Times without an offset are
    Beijing time; a drop-down's `code 标签` and a label alone are the code; an amount says 元 where it is in yuan by its
    column's title.
    """
    text = _text(column, cell)
    if column.many:
        parts = re.split(f"[{column.separators}]", text)
        return [_code(column, part.strip()) for part in parts if part.strip()]
    if column.choices is not None:
        return _code(column, text)
    if column.in_yuan and column.written is Written.AMOUNT:
        return repair_amount(text) or text
    return _READ[column.written](text)


def without_yuan(values: Mapping[Column, Any]) -> dict[Column, Any]:
    """The values of a row, amounts without their 元 where the column of their unit says that they are in yuan."""
    units = {column.name: value for column, value in values.items() if column.table == "price_unit"}
    return {
        column: repair_amount(value) or value
        if column.written is Written.AMOUNT and units.get(column.unit) == YUAN
        else value
        for column, value in values.items()
    }


def cell_of(column: Column, value: Any) -> str:
    """The text of a cell for a JSON value; `value_of` gives the value back."""
    if isinstance(value, list):
        return "\n".join(column.shown(str(one)) for one in value)
    return column.shown(str(value))


def _text(column: Column, cell: Any) -> str:
    match cell:
        case str():
            text = cell.replace("\r\n", "\n").replace("\r", "\n").strip()
            if text.startswith("="):
                raise WrongCell(FORMULA)
            if text in ERRORS:
                raise WrongCell(ERROR_VALUE)
            return text
        case bool():
            return "1" if cell else "0"
        case int() | float():
            if abs(cell) >= 10**MOST_DIGITS:
                raise WrongCell(DIGITS)
            return _plain_number(cell)
        case datetime():
            return _moment(column, cell)
        case date() | time() | timedelta():
            return str(cell)
    # What is left are the objects that stand for array formulas and data tables.
    raise WrongCell(FORMULA)


def _plain_number(number: float) -> str:
    """The number as a person sees it, without the noise of its binary form."""
    plain = format(Decimal(format(number, f".{MOST_DIGITS}g")), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _moment(column: Column, moment: datetime) -> str:
    # A spreadsheet counts days as a binary fraction; its seconds are off by a little.
    seconds = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    if column.written is Written.TIME:
        return seconds.isoformat() + BEIJING
    return seconds.date().isoformat() if seconds.time() == time() else seconds.isoformat(" ")


def _whole(text: str) -> Any:
    plain = normalize("NFKC", text)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= MOST_DIGITS else text


_READ: Mapping[Written, Callable[[str], Any]] = {
    Written.TEXT: str,
    Written.TIME: lambda text: repair_instant(text) or text,
    Written.DATE: lambda text: repair_date(text) or text,
    Written.AMOUNT: lambda text: plain_amount(text) or text,
    Written.WHOLE: _whole,
}


def _code(column: Column, text: str) -> str:
    if column.choices is None or text in column.choices:
        return text
    if (code := column.codes.get(text)) is not None:
        return code
    return (repair_code(column.table, text) if column.table else None) or text
