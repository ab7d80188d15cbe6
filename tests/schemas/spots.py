"""Every field of a kind where it stands in an example, with what its type says of codes and lengths."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from hub.schemas.kind import kinds
from hub.schemas.places import field_annotation, pointer_to, sent_name
from hub.schemas.rules import Ruled
from hub.schemas.types.coded import Code, Codes
from tests import builders as a

ACHIEVEMENTS = [{"project_name": "榕溪下游排水管网改造工程", "owner": "福州市榕溪水环境建设中心"}]
LACKING: Mapping[str, dict[str, Any]] = {
    "winning_candidate": {"body__bidder_achievements": ACHIEVEMENTS},
    "winning_candidate_publicity": {"body__candidates__0__bidder_achievements": ACHIEVEMENTS},
}
"""Objects that an example leaves out, by kind."""

T = TypeVar("T")


@dataclass(frozen=True)
class Spot:
    """A field in an example: where it stands or would stand, what stands there, and what its type is made of.

    `marks` are the types and constraints of the value itself, `items` those of the items where it is a list.
    """

    tokens: tuple[str, ...]
    required: bool
    value: Any
    marks: tuple[Any, ...]
    items: tuple[Any, ...]

    @property
    def pointer(self) -> str:
        """The JSON Pointer."""
        return pointer_to(self.tokens)

    @property
    def path(self) -> str:
        """The field's path in its kind, without the indexes of lists."""
        return "/".join(token for token in self.tokens[1:] if not token.isdigit())

    def places(self) -> "tuple[Spot, ...]":
        """The field itself, and the first item of the list where one stands here."""
        if not isinstance(self.value, list) or not self.value:
            return (self,)
        return self, Spot((*self.tokens, "0"), True, self.value[0], self.items, ())


def mark(marks: tuple[Any, ...], of: type[T]) -> T | None:
    """The first of the marks that is an `of`."""
    return next((found for found in marks if isinstance(found, of)), None)


def full_example(name: str) -> dict[str, Any]:
    """The example of a kind in which every object has an item."""
    return a.a_submission(name, **deepcopy(LACKING.get(name, {})))


@cache
def spots(name: str) -> tuple[Spot, ...]:
    """Every field of the kind's body, in the objects of `full_example` in which they stand first."""
    return tuple(_spots(kinds()[name], full_example(name)["body"], ("body",)))


def with_value(submission: dict[str, Any], spot: Spot, value: Any) -> dict[str, Any]:
    """The submission with another value there; `...` leaves the field out; KeyError where the object around it is missing."""
    changed = deepcopy(submission)
    place: Any = changed
    for token in spot.tokens[:-1]:
        place = place[int(token) if isinstance(place, list) else token]
    if value is ...:
        place.pop(spot.tokens[-1], None)
    else:
        place[spot.tokens[-1]] = value
    return changed


def _spots(model: type[Ruled], document: Mapping[str, Any], before: tuple[str, ...]) -> Iterator[Spot]:
    for name, info in model.model_fields.items():
        annotation, sent = field_annotation(info), sent_name(name, info)
        value = document.get(sent)
        spot = Spot((*before, sent), info.is_required(), value, tuple(_marks(annotation)), _items(annotation))
        yield spot
        for place in spot.places():
            inner = next((m for m in place.marks if isinstance(m, type) and issubclass(m, Ruled)), None)
            if inner is not None and place.value is not None:
                yield from _spots(inner, place.value, place.tokens)


def _marks(annotation: Any) -> Iterator[Any]:
    """The types that the annotation allows and the constraints on them, not those of a list's items."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *found = get_args(annotation)
        yield from _marks(inner)
        for one in found:
            yield from one.metadata if isinstance(one, FieldInfo) else (one,)
    elif origin in (Union, UnionType):
        for arm in get_args(annotation):
            yield from _marks(arm)
    else:
        yield origin or annotation


def _items(annotation: Any) -> tuple[Any, ...]:
    codes = mark(tuple(_marks(annotation)), Codes)
    if codes is not None:
        return (str, Code(codes.table))
    return tuple(mark for part in _lists(annotation) for mark in _marks(part))


def _lists(annotation: Any) -> Iterator[Any]:
    """The types of the items of the lists that the annotation allows."""
    if get_origin(annotation) is list:
        yield get_args(annotation)[0]
    elif get_origin(annotation) is Annotated:
        yield from _lists(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for arm in get_args(annotation):
            yield from _lists(arm)
