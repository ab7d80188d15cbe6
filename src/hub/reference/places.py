"""Where rules hold: between the fields or versions of a kind, by the types of its fields, and by what is said of its texts."""

from collections.abc import Callable, Iterator
from typing import Any, get_args

from hub.catalogue.fields import rules_with
from hub.law.text_check import TEXTS
from hub.schemas.codes import table
from hub.schemas.explain import CODE_BEGINS, CODE_ENDED, SUPERSEDED, TABLE_UNCONFIRMED, UNCONFIRMED
from hub.schemas.kind import Kind
from hub.schemas.places import field_annotation, sent_name
from hub.schemas.rules import Rule, Ruled
from hub.schemas.rules_of import rules_in
from hub.schemas.types import RegionCode
from hub.schemas.types.coded import CODE_UNKNOWN, Code, Codes
from hub.schemas.types.shape import Shape

DEEPEST = 3
"""How many functions deep the rules of a type are looked for."""

_REGION = get_args(RegionCode)[1]


def rules_of_fields(kind: type[Kind]) -> Iterator[tuple[str, str]]:
    """The rules that hold for the fields of a kind, each with the field's path; `*` stands for every item of a list."""
    for item in rules_with(kind):
        yield item.id, item.at
    yield from _of_types(kind, "")
    _, stated = TEXTS.get(kind.name(), ("", ()))
    for one in stated:
        yield from ((one.rule.id, field.replace("/", "/*/")) for field in one.fields)


def _of_types(model: type[Ruled], path: str) -> Iterator[tuple[str, str]]:
    for name, info in model.model_fields.items():
        here = path + sent_name(name, info)
        yield from _of_type(field_annotation(info), here)


def _of_type(annotation: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(annotation, type) and issubclass(annotation, Ruled):
        yield from _of_types(annotation, f"{path}/")
    elif getattr(annotation, "__origin__", None) is list:
        for part in get_args(annotation):
            yield from _of_type(part, f"{path}/*")
    else:
        for mark in (*getattr(annotation, "__metadata__", ()), *get_args(annotation)):
            yield from ((rule.id, path) for rule in _of_mark(mark))
            yield from _of_type(mark, path)


def _of_mark(mark: Any) -> Iterator[Rule]:
    if isinstance(mark, Code | Codes):
        known = table(mark.table)
        yield CODE_UNKNOWN if not known.lenient else UNCONFIRMED if known.values else TABLE_UNCONFIRMED
        if any(value.valid_from for value in known.values.values()):
            yield CODE_BEGINS
        if any(value.valid_to for value in known.values.values()):
            yield CODE_ENDED
    if isinstance(mark, Shape):
        said: tuple[Rule | Callable[..., Any] | None, ...] = (mark.why, mark.check, mark.not_text)
        for one in said:
            if isinstance(one, Rule):
                yield one
            elif one is not None and hasattr(one, "__code__"):
                yield from (rule for rule, _ in rules_in(one, DEEPEST))
    if mark is _REGION:
        yield SUPERSEDED
