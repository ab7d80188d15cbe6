"""Markers in the fields of a submission that not everybody may see."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from hub.schemas.kind import Part, Scope, scope_of
from hub.schemas.places import field_annotation
from hub.schemas.rules import Ruled
from tests.builders import a_uscc, an_id_number

Place = tuple[dict[str, Any], str, FieldInfo]
"""An object, and one of its fields."""


def part_in(annotation: Any) -> type[Part] | None:
    """The class of the objects that a field holds."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((part for inner in get_args(annotation) if (part := part_in(inner)) is not None), None)


def fields(
    model: type[Ruled], value: dict[str, Any], natural: bool = False
) -> Iterator[tuple[dict[str, Any], str, FieldInfo, bool]]:
    """Every field of an object and of the objects in it: where it stands, and whether it is about a natural person.

    Fields that the object does not have are among them.
    """
    natural = natural or bool(getattr(model, "natural_person", False))
    for name, info in model.model_fields.items():
        yield value, name, info, natural
        part = part_in(info.annotation)
        inner = value.get(name)
        if part is not None and inner is not None:
            for item in inner if isinstance(inner, list) else [inner]:
                yield from fields(part, item, natural)


def hidden(model: type[Ruled], value: dict[str, Any]) -> Iterator[Place]:
    """The fields that the public does not see, or not before the opening, or not as they are."""
    for place, name, info, natural in fields(model, value):
        scope = scope_of(info)
        if scope in (Scope.GOVERNMENT, Scope.OPENED) or (scope is Scope.MASKED and natural):
            yield place, name, info


def mark(model: type[Ruled], body: dict[str, Any]) -> list[str]:
    """Put a value of its own, and one that the field takes, into every hidden field that the body has; the values."""
    marks: list[str] = []
    for place, name, info in hidden(model, body):
        if name in place and (marked := _marked(info, place[name], len(marks) + 1)) is not None:
            place[name], found = marked
            marks.append(found)
    return marks


def _marked(info: FieldInfo, old: Any, number: int) -> tuple[Any, str] | None:
    """A value that the field takes, and what of it to look for; None for codes and times, which others have too."""
    text = f"暗号{number:03d}不得外泄"
    for proposed in (an_id_number(100 + number), a_uscc(700 + number), f"98{number:03d}7.43", text):
        if _takes(info, text) and proposed != text:
            continue
        value = [proposed] if isinstance(old, list) else proposed
        if _takes(info, value):
            return value, proposed
    return None


def _takes(info: FieldInfo, value: Any) -> bool:
    try:
        TypeAdapter(field_annotation(info)).validate_python(value)
    except ValidationError:
        return False
    return True


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
