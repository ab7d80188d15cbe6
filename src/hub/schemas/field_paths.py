"""Paths of fields: every field that a payload class has at any depth, and what a document holds there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from hub.schemas.places import ABSENT, Tokens, field_annotation, sent_name
from hub.schemas.types.coded import Code, Codes


@dataclass(frozen=True, slots=True)
class FieldAt:
    """A field of a class, or of an object inside it: whether it is required there, and the code table of its values."""

    required: bool
    table: str | None


@cache
def fields_at(model: type[BaseModel]) -> Mapping[str, FieldAt]:
    """Every field of the class by its path, names joined by `/`; lists are passed over: `candidates/bid_price`."""
    return dict(_fields(model, ""))


def values_at(document: Mapping[str, Any], path: str) -> Iterator[tuple[Tokens, Any]]:
    """What stands at the path, in every item of the lists on the way, with the reference tokens that lead there.

    The value is `ABSENT` where the last step is missing; where an object on the way is missing nothing is yielded.
    """
    return _values(document, tuple(path.split("/")), ())


def is_there(payload: BaseModel, tokens: Tokens) -> bool:
    """Whether the payload's class has the field that the reference tokens name, and its lists the items.

    A field may be left out, and a list's index too: that names the field in all of its items.
    """
    if "/".join(token for token in tokens if not token.isdigit()) not in fields_at(type(payload)):
        return False
    found: list[Any] = [payload]
    for token in tokens:
        if not token.isdigit():
            items = (item for value in found for item in (value if isinstance(value, list) else [value]))
            found = [getattr(item, token) for item in items if isinstance(item, BaseModel)]
        elif not (found := [value[int(token)] for value in found if _has_item(value, int(token))]):
            return False
    return True


def _has_item(value: Any, index: int) -> bool:
    return isinstance(value, list) and index < len(value)


def _fields(model: type[BaseModel], before: str) -> Iterator[tuple[str, FieldAt]]:
    for name, info in model.model_fields.items():
        leaves = list(_leaves(field_annotation(info)))
        tables = (leaf.table for leaf in leaves if isinstance(leaf, Code | Codes))
        path = before + sent_name(name, info)
        yield path, FieldAt(info.is_required(), next(tables, None))
        for leaf in leaves:
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                yield from _fields(leaf, f"{path}/")


def _leaves(annotation: Any) -> Iterator[Any]:
    inner = (*getattr(annotation, "__metadata__", ()), *get_args(annotation))
    if not inner:
        yield annotation
    for part in inner:
        yield from _leaves(part)


def _values(value: Any, path: Tokens, tokens: Tokens) -> Iterator[tuple[Tokens, Any]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values(item, path, (*tokens, str(index)))
    elif not path:
        yield tokens, value
    elif isinstance(value, Mapping):
        step, *rest = path
        found = value.get(step, ABSENT)
        if found is ABSENT:
            if not rest:
                yield (*tokens, step), ABSENT
        else:
            yield from _values(found, tuple(rest), (*tokens, step))
