"""The difference of two versions, field by field, with the fields' titles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from hub.schemas.kind import kinds
from hub.schemas.submission import Submission, submission_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; None stands for a field that is not there."""

    pointer: str
    title: str
    before: Any
    after: Any


def differences(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The fields in which two documents of a kind differ, in the order of their pointers."""
    known = kinds().get(kind)
    model: type[BaseModel] = submission_of(known) if known is not None else Submission
    return sorted(_compare("", "", model, before, after), key=lambda difference: difference.pointer)


def _compare(pointer: str, title: str, model: type[BaseModel] | None, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in old.keys() | new.keys():
            info = model.model_fields.get(name) if model is not None else None
            inner = _model_in(info.annotation) if info is not None else None
            label = (info.title if info is not None else None) or name
            yield from _compare(f"{pointer}/{name}", label, inner, old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list) and model is not None:
        for index in range(max(len(old), len(new))):
            left = old[index] if index < len(old) else None
            right = new[index] if index < len(new) else None
            yield from _compare(f"{pointer}/{index}", f"{title} {index + 1}", model, left, right)
    else:
        yield Difference(pointer, title, old, new)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model class inside `X`, `X | None` or `list[X]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner)) is not None), None)
