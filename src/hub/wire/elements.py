"""A payload under the element names of the data specification, and back: compact times, joined lists, nested rows."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hub.schemas.kind import Kind, Part, element_of, is_hub_field
from hub.schemas.types.coded import Code
from hub.wire.moments import compact_date, compact_time, date_of, time_of

Convert = Callable[[Any], Any]

OTHER_NAMES: Mapping[str, str] = {
    "TENDER_AGENCY_NAM": "TENDER_AGENCY_NAME",
    "NA_MINE_NAME": "NA_ITEM_NAME",
    "QT_MAIN_MINE": "QT_PERAMBULATE_MINE",
    "QT_DIGINGS_AREA": "QT_TOTAL_AREA",
}
"""Elements that are read as the one of a kind's fields: misspellings of single sheets, and names of another branch.

Those that the specification uses throughout (`PRICE_UINT`) are the fields' own element names; there the correct
spelling is what is only read. Spaces inside a name (`POST_ BID_CLOSING_TIME`) are passed over.
"""


@dataclass(frozen=True, slots=True)
class Element:
    """A field on the wire: its names, whether only the hub knows it, and how its value is written and read.

    `read` is None where the text is the value.
    """

    field: str
    element: str
    hub: bool
    write: Convert
    read: Convert | None
    part: type[Part] | None


@cache
def plan_of(model: type[BaseModel]) -> tuple[Element, ...]:
    """The elements of a payload class in the order of its fields."""
    # 双公示 fields have no dataset of the specification; their dates keep their hyphens.
    undefined = issubclass(model, Kind) and model.dataset is None
    return tuple(
        Element(
            name,
            element_of(name, info),
            is_hub_field(info) and not undefined,
            *_converters(info, compact=not undefined),
            _part_in(info),
        )
        for name, info in model.model_fields.items()
    )


@cache
def by_element(model: type[BaseModel]) -> Mapping[str, Element]:
    """The elements of a payload class by every name under which they are read."""
    plan = plan_of(model)
    # The specification's own names come last: they win over another field's correct spelling.
    known = {one.field.upper(): one for one in plan} | {one.element: one for one in plan}
    return {other: known[name] for other, name in OTHER_NAMES.items() if name in known} | known


def to_elements(model: type[BaseModel], body: Mapping[str, Any]) -> dict[str, Any]:
    """A payload under its element names; all values are strings, nested rows lists of objects."""
    return {one.element: one.write(value) for one in plan_of(model) if (value := body.get(one.field)) is not None}


def from_elements(
    model: type[BaseModel], fields: Mapping[str, Any], others: Container[str] = frozenset()
) -> dict[str, Any]:
    """The payload that stands under element names, the specification's or correctly spelt ones, as JSON values.

    Empty elements count as left out. What cannot be read stays as it is, and an element that the payload does not
    have, or has already under its other spelling, stays under its own name, for the payload class to judge; `others`
    are not the payload's and are passed over.
    """
    known = by_element(model)
    body: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None or value == "":
            continue
        one = known.get(name) or known.get(name.replace(" ", ""))
        if one is not None and one.field not in body:
            body[one.field] = value if one.read is None else one.read(value)
        elif name not in others:
            body[name] = value
    return body


def _converters(info: FieldInfo, *, compact: bool) -> tuple[Convert, Convert | None]:
    inside = set(_types_in(info.annotation))
    if (part := _part_in(info)) is not None:
        return partial(_rows, part), partial(_read_rows, part, several=list in inside)
    if datetime in inside:
        extra = info.json_schema_extra
        minutes = isinstance(extra, dict) and extra.get("x-minutes") is True
        return partial(compact_time, length=12 if minutes else 14), time_of
    if date in inside:
        return (compact_date if compact else str), date_of
    if list in inside:
        return ";".join, _split
    if int in inside:
        return _text, _whole_number
    if Code("yes_no") in (*info.metadata, *_marks_in(info.annotation)):
        return _text, _yes_no
    return _text, None


def _part_in(info: FieldInfo) -> type[Part] | None:
    return next((one for one in _types_in(info.annotation) if issubclass(one, Part)), None)


def _types_in(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    if isinstance(origin := getattr(annotation, "__origin__", None), type):
        yield origin
    for inner in get_args(annotation):
        yield from _types_in(inner)


def _marks_in(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for inner in get_args(annotation):
        yield from _marks_in(inner)


def _rows(part: type[Part], value: Any) -> Any:
    if isinstance(value, list):
        return [to_elements(part, item) for item in value]
    return to_elements(part, value)


def _read_rows(part: type[Part], value: Any, *, several: bool) -> Any:
    if several:
        rows = value if isinstance(value, list) else [value]
        return [from_elements(part, row) if isinstance(row, dict) else row for row in rows]
    return from_elements(part, value) if isinstance(value, dict) else value


def _text(value: Any) -> str:
    if value is True or value is False:
        return "1" if value else "0"
    return value if isinstance(value, str) else str(value)


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [item for part in value.split(";") if (item := part.strip())]


def _whole_number(value: Any) -> Any:
    digits = value.strip() if isinstance(value, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else value


def _yes_no(value: Any) -> Any:
    # The older property datasets write T and F.
    return {"T": "1", "F": "0"}.get(value, value) if isinstance(value, str) else value
