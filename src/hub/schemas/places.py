"""Places in a document: from the location of an error to its JSON Pointer, its value and what belongs there."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from hub.schemas.kind import Scope, scope_of
from hub.schemas.rules import Ruled
from hub.schemas.types.coded import Code, Codes

Tokens = tuple[str, ...]
"""The reference tokens of a JSON Pointer, unescaped."""

ABSENT = object()
"""The value of a place that the document does not have."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document.

    `value` is what stands there or `ABSENT`, `annotation` the type that belongs there, `Any` where none is known,
    `owner` the innermost model that the place is in, `beside` the object that holds it, `hidden` whether the value must
    not be shown to anyone.
    """

    tokens: Tokens
    value: Any
    annotation: Any
    owner: type[Ruled]
    beside: Mapping[str, Any]
    hidden: bool

    @property
    def pointer(self) -> str:
        """The RFC 6901 JSON Pointer."""
        return pointer_to(self.tokens)


def pointer_to(tokens: Sequence[str]) -> str:
    """The RFC 6901 JSON Pointer of the tokens, with `~` and `/` escaped."""
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def tokens_of(pointer: str) -> Tokens:
    """The unescaped reference tokens of a JSON Pointer."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])


def sort_key(tokens: Tokens) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts list indexes as numbers."""
    # By length and digits: a member's name may have more digits than Python turns into a number.
    return tuple((0, len(t), t) if t.isascii() and t.isdigit() else (1, 0, t) for t in tokens)


def locate(model: type[Ruled], document: object, loc: Sequence[int | str]) -> Place:
    """The place that the location of an error names in the document; tags of unions in it are passed over."""
    value: Any = document
    annotation: Any = model
    hidden = False
    owner = model
    beside: Mapping[str, Any] = {}
    tokens: list[str] = []
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
            value, annotation = value[int(step)], _item(annotation)
        elif value is ABSENT or (isinstance(value, Mapping) and (step in value or last)):
            owner = _model(annotation) or owner
            info = _fields(owner).get(str(step))
            beside = value if isinstance(value, Mapping) else {}
            value = value.get(step, ABSENT) if isinstance(value, Mapping) else ABSENT
            annotation = field_annotation(info) if info else Any
            hidden = hidden or (info is not None and scope_of(info) in (Scope.GOVERNMENT, Scope.MASKED))
        else:
            continue
        tokens.append(str(step))
    return Place(tuple(tokens), value, annotation, owner, beside, hidden)


def parts_of(
    model: type[Ruled], document: object, places: AbstractSet[Tokens], tokens: Tokens = ()
) -> Iterator[tuple[type[Ruled], Tokens, Any]]:
    """The objects of the document that a model belongs to: the model, the place and the object, outermost first.

    Only those at `places`, and in them those at `places` again: the rest of a large document is not walked.
    """
    if tokens not in places or not isinstance(document, Mapping):
        return
    yield model, tokens, document
    for name, info in model.model_fields.items():
        sent = sent_name(name, info)
        annotation, value = field_annotation(info), document.get(sent)
        if inner := _model(annotation):
            yield from parts_of(inner, value, places, (*tokens, sent))
        elif isinstance(value, list) and (inner := _model(_item(annotation))):
            for index, item in enumerate(value):
                yield from parts_of(inner, item, places, (*tokens, sent, str(index)))


def field_annotation(info: FieldInfo) -> Any:
    """The field's type with its constraints."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def sent_name(name: str, info: FieldInfo) -> str:
    """The field's name in documents."""
    return info.alias or name


def _fields(model: type[Ruled]) -> dict[str, FieldInfo]:
    return {sent_name(name, info): info for name, info in model.model_fields.items()}


def _arms(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without None and without the marks around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _arms(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for arm in get_args(annotation):
            yield from _arms(arm)
    elif annotation is not NoneType:
        yield annotation


def _model(annotation: Any) -> type[Ruled] | None:
    models = (arm for arm in _arms(annotation) if isinstance(arm, type) and issubclass(arm, Ruled))
    return next(models, None)


def _item(annotation: Any) -> Any:
    """The type of the items of a list."""
    marks = (mark for mark in marks_in(annotation) if isinstance(mark, Codes))
    if mark := next(marks, None):
        return Annotated[str, Code(mark.table)]
    items = (get_args(arm)[0] for arm in _arms(annotation) if get_origin(arm) is list)
    return next(items, Any)


def marks_in(annotation: Any) -> Iterator[Any]:
    """The marks of an annotation and of the types inside it."""
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from marks_in(part)
