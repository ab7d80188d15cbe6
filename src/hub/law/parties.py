"""Who a document names: the codes of organisations in the fields that are made for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from re import compile as pattern
from typing import Any, get_args

from hub.schemas.kind import Kind, Part, is_party_code
from hub.schemas.types import OrgCode, Uscc, is_id_number

_CODES = (*Uscc.__metadata__, *OrgCode.__metadata__)  # type: ignore[attr-defined]

_CODE = pattern(r"(?<![0-9A-Z])(?:[0-9A-HJ-NPQRTUWXY]{18}|[0-9A-Z]{9})(?![0-9A-Z])")
"""Members of a union stand in one field, with semicolons between them."""


@dataclass(frozen=True, slots=True)
class _Plan:
    codes: tuple[str, ...]
    nested: tuple[tuple[str, "_Plan"], ...]


def parties_of(kind: type[Kind], body: Mapping[str, Any]) -> frozenset[str]:
    """The unified social credit codes and organisation codes that a body of the kind names; never an ID number.

    `body` is what the public sees: fields may be missing, and items of lists may be empty.
    """
    return frozenset(_found(_plan_of(kind), body))


def _found(plan: _Plan, body: Mapping[str, Any]) -> Iterator[str]:
    for name in plan.codes:
        value = body.get(name)
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str):
                yield from (code for code in _CODE.findall(text) if not is_id_number(code))
    for name, inner in plan.nested:
        value = body.get(name)
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, Mapping):
                yield from _found(inner, part)


@cache
def _plan_of(model: type[Part] | type[Kind]) -> _Plan:
    fields = model.model_fields
    codes = tuple(n for n, i in fields.items() if is_party_code(i) or _is_code((i.annotation, *i.metadata)))
    inner = ((n, next(_parts((i.annotation,)), None)) for n, i in fields.items())
    return _Plan(codes, tuple((name, plan) for name, part in inner if part and _names(plan := _plan_of(part))))


def _names(plan: _Plan) -> bool:
    return bool(plan.codes or plan.nested)


def _is_code(annotations: tuple[Any, ...]) -> bool:
    """Whether the field's type is a code of an organisation, or a list of such, or None."""
    return any(any(one is code for code in _CODES) or _is_code(get_args(one)) for one in annotations)


def _parts(annotations: tuple[Any, ...]) -> Iterator[type[Part]]:
    for one in annotations:
        if isinstance(one, type) and issubclass(one, Part):
            yield one
        else:
            yield from _parts(get_args(one))
