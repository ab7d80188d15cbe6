"""A document as rows for people: titles instead of field names, labels beside codes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from hub.catalogue.fields import REGIONS, FieldItem, envelope_fields, fields_of
from hub.schemas.codes import regions, table
from hub.schemas.kind import Kind

NAMES = {
    "role": {"approver": "谁批准、谁公开", "implementer": "谁实施、谁公开", "producer": "谁制作、谁公开"},
    "disclosure": {"proactive": "主动公开"},
}
"""Words of the envelope that are no code table, by field."""

UNTITLED = {"discloser": "公开主体", "publication": "发布", "media_type": "媒体类型"}
"""Fields of the envelope that have no Chinese title of their own."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A row: how deep it stands, its title, its path in the document, and its value; a heading has none."""

    depth: int
    title: str
    path: str
    value: str | None = None
    code: str | None = None
    """The code behind the value's label."""


def body_of(kind: type[Kind], document: Mapping[str, Any]) -> list[Cell]:
    """The body's fields in the order of the kind."""
    return list(_rows(_body_fields(kind), document.get("body", {}), 0, "/body"))


def envelope_of(document: Mapping[str, Any]) -> list[Cell]:
    """What stands around the body."""
    passed = ("body", "kind", "data_key")
    around = {name: value for name, value in document.items() if name not in passed}
    return list(_rows(_envelope(), around, 0, ""))


def worded(kind: type[Kind], pointer: str, value: Any) -> str:
    """A value at a place of a document, with labels for codes; a dash for nothing."""
    if value is None:
        return "—"
    field = _field_at(kind, pointer)
    label = None if field is None or not isinstance(value, str) else _label(field, value)
    if label is not None:
        return f"{label}（{value}）"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _rows(fields: Sequence[FieldItem], values: Mapping[str, Any], depth: int, path: str) -> Iterator[Cell]:
    known = {field.name: field for field in fields}
    for name in (*(name for name in known if name in values), *(name for name in values if name not in known)):
        yield from _cells(known.get(name), name, values[name], depth, f"{path}/{name}")


def _cells(field: FieldItem | None, name: str, value: Any, depth: int, path: str) -> Iterator[Cell]:
    title = UNTITLED.get(name) or (name if field is None else field.title)
    inner = [] if field is None else field.fields
    if isinstance(value, Mapping):
        yield Cell(depth, title, path)
        yield from _rows(inner, value, depth + 1, path)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield Cell(depth, f"{title} {number + 1}", f"{path}/{number}")
            yield from _rows(inner, item, depth + 1, f"{path}/{number}")
    elif isinstance(value, list):
        shown = [_plain(field, item) for item in value]
        yield Cell(depth, title, path, "；".join(label or code for label, code in shown) or "—")
    else:
        label, code = _plain(field, value)
        yield Cell(depth, title, path, label or code, code if label else None)


def _plain(field: FieldItem | None, value: Any) -> tuple[str | None, str]:
    """The label of a code, if it is one, and the value as text."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return (None if field is None else _label(field, text)), text


def _label(field: FieldItem, text: str) -> str | None:
    if field.code_table == REGIONS:
        region = regions().get(text)
        return None if region is None else region.full_name
    if field.code_table is not None:
        found = table(field.code_table).values.get(text)
        return None if found is None else found.zh
    return NAMES.get(field.name, {}).get(text)


def _field_at(kind: type[Kind], pointer: str) -> FieldItem | None:
    """The field that a JSON Pointer into a document leads to."""
    first, *steps = pointer.split("/")[1:]
    fields = _body_fields(kind) if first == "body" else _envelope()
    found: FieldItem | None = None
    for step in steps if first == "body" else [first, *steps]:
        if step.isdigit():
            continue
        found = next((field for field in fields if field.name == step), None)
        fields = [] if found is None else found.fields
    return found


@cache
def _body_fields(kind: type[Kind]) -> Sequence[FieldItem]:
    return fields_of(kind)


@cache
def _envelope() -> Sequence[FieldItem]:
    return envelope_fields()
