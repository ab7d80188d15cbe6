"""Every fault of a document at once, with its place, its rule and its repair; and the warnings of a valid one."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from hub.problems import Fault
from hub.schemas.codes import table
from hub.schemas.places import Place, Tokens, field_annotation, locate, parts_of, pointer_to, sent_name, sort_key
from hub.schemas.rules import RULES, Partial, Rule, Ruled
from hub.schemas.submission import Submission
from hub.schemas.types.coded import CODE_UNKNOWN, Code, Codes, repair_code
from hub.schemas.types.parties import ORG_CHECK, ORG_FORMAT, USCC_CHECK, USCC_FORMAT, USCC_LETTER
from hub.schemas.types.personal import is_like_id_number, mentions_id_number
from hub.schemas.types.projects import DEAL_CHECK, DEAL_FORMAT
from hub.schemas.types.shape import why
from hub.schemas.wire_rules import WRONG_TYPE, converted, wire_rule

UNCONFIRMED = Rule(
    "code-unconfirmed",
    "代码不在“{title_zh}”代码表的已知值中，已接收，请核对",
    "The code is not one of the values known of `{table}`; it was taken, please check it.",
)

OF_CODES = frozenset({USCC_FORMAT, USCC_LETTER, USCC_CHECK, ORG_FORMAT, ORG_CHECK, DEAL_FORMAT, DEAL_CHECK})
"""Rules of codes that name a body or a deal and no person: their repair is shown wherever the code stands."""

MOST_ERRORS = 1000
"""The most errors that are explained: a body of a megabyte may have a hundred thousand."""


def faults(model: type[Ruled], document: object, error: ValidationError) -> list[Fault]:
    """Every fault of `document`, which `model` refused with `error`, sorted by pointer.

    `document` is the parsed JSON. Besides what `error` says these are the broken rules between fields of every object
    that has another fault, as far as its valid fields tell. No text has a value of the document in it; a repair has,
    and is left out for fields that only the government sees or that are masked, unless it is the code of a body or a
    deal, and for ID numbers. Of more than `MOST_ERRORS` errors only so many are explained.
    """
    found: dict[tuple[Tokens, str], Fault] = {}
    for details in error.errors(include_url=False, include_input=False)[:MOST_ERRORS]:
        place = locate(model, document, details["loc"])
        found.setdefault(*_keyed(place, *_broken(details, place)))
    around = {tokens[:length] for tokens, _ in found for length in range(len(tokens))}
    for inner, tokens, value in parts_of(model, document, around):
        for at, broken in inner.broken(Partial(inner, _valid_fields(inner, value))):
            place = locate(model, document, (*tokens, *at.split("/")))
            found.setdefault(*_keyed(place, RULES[broken.type], broken.context or {}))
    return [found[key] for key in sorted(found, key=lambda key: (sort_key(key[0]), key[1]))]


def warnings(submission: Submission) -> list[Fault]:
    """The advice that a valid submission does not follow, and its codes that a lenient table does not list."""
    return sorted(_warnings(submission, ()), key=lambda fault: (sort_key(tuple(fault.pointer.split("/"))), fault.rule))


def _keyed(place: Place, broken: Rule, context: Mapping[str, Any]) -> tuple[tuple[Tokens, str], Fault]:
    repair = None if place.hidden and broken not in OF_CODES else _repair(place, broken, context)
    fault = Fault(place.pointer, broken.id, _filled(broken.zh, context), _filled(broken.en, context), repair)
    return (place.tokens, broken.id), fault


def _filled(sentence: str, context: Mapping[str, Any]) -> str:
    return sentence.format_map(context) if context else sentence


def _broken(details: ErrorDetails, place: Place) -> tuple[Rule, Mapping[str, Any]]:
    """The rule that an error is about, and what fills its sentences."""
    context = details.get("ctx", {})
    if details["type"] in RULES:
        return RULES[details["type"]], context
    if details["type"] == "string_pattern_mismatch" and isinstance(place.value, str):
        broken = why(context["pattern"], place.value)
        if broken is not None:
            return RULES[broken.type], broken.context or {}
    return wire_rule(details["type"], context, place)


def _repair(place: Place, broken: Rule, context: Mapping[str, Any]) -> object:
    """The value that would be right at the place: only one that the field takes, and never an ID number."""
    for proposed in _proposals(place.value, broken, context):
        if proposed is not None and proposed != place.value and not _personal(proposed) and _taken(place, proposed):
            return proposed
    return None


def _proposals(value: object, broken: Rule, context: Mapping[str, Any]) -> Iterator[object]:
    if broken is CODE_UNKNOWN:
        yield repair_code(context["table"], value)
    elif broken is WRONG_TYPE:
        yield from converted(value)
    elif broken.repair:
        yield broken.repair(value)


def _personal(value: object) -> bool:
    if isinstance(value, list):
        return any(_personal(item) for item in value)
    return isinstance(value, str) and (is_like_id_number(value) or mentions_id_number(value))


def _taken(place: Place, proposed: object) -> bool:
    try:
        TypeAdapter(place.annotation).validate_python(proposed)
    except ValidationError:
        return False
    return True


def _valid_fields(model: type[Ruled], value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an object that are valid on their own, as the model would hold them, with the defaults."""
    valid: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        sent = sent_name(name, info)
        if sent in value:
            with suppress(ValidationError):
                valid[name] = _adapter(model, name).validate_python(value[sent])
        elif not info.is_required():
            valid[name] = info.get_default(call_default_factory=True, validated_data={})
    return valid


@cache
def _adapter(model: type[Ruled], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(field_annotation(model.model_fields[name]))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What of a class can warn: its advices, its fields with lenient codes and the fields that hold further objects."""

    advices: tuple[tuple[str, Any], ...]
    codes: tuple[tuple[str, str], ...]
    nested: tuple[str, ...]


@cache
def _plan(model: type[Ruled]) -> _Plan:
    codes: list[tuple[str, str]] = []
    nested: list[str] = []
    for name, info in model.model_fields.items():
        annotation = field_annotation(info)
        codes.extend((name, mark) for mark in _lenient_tables(annotation))
        if any(_may_warn(inner) for inner in _models_in(annotation)):
            nested.append(name)
    return _Plan(model.advices, tuple(codes), tuple(nested))


def _may_warn(model: type[Ruled]) -> bool:
    plan = _plan(model)
    return bool(plan.advices or plan.codes or plan.nested or model.__subclasses__())


def _lenient_tables(annotation: Any) -> Iterator[str]:
    for mark in _leaves(annotation):
        if isinstance(mark, Code | Codes) and (known := table(mark.table)).lenient and known.values:
            yield mark.table


def _models_in(annotation: Any) -> Iterator[type[Ruled]]:
    return (leaf for leaf in _leaves(annotation) if isinstance(leaf, type) and issubclass(leaf, Ruled))


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types and marks that an annotation is made of."""
    inner = (*getattr(annotation, "__args__", ()), *getattr(annotation, "__metadata__", ()))
    if not inner:
        yield annotation
    for part in inner:
        yield from _leaves(part)


def _warnings(model: Ruled, tokens: Tokens) -> Iterator[Fault]:
    plan = _plan(type(model))
    for at, check in plan.advices:
        advised: PydanticCustomError | None = check(model)
        if advised is not None:
            yield _warning((*tokens, *at.split("/")), RULES[advised.type], advised.context or {})
    for name, table_name in plan.codes:
        yield from _unconfirmed(getattr(model, name), table_name, (*tokens, name))
    for name in plan.nested:
        value = getattr(model, name)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _warnings(item, (*tokens, name, str(index)))
        elif value is not None:
            yield from _warnings(value, (*tokens, name))


def _unconfirmed(value: Any, table_name: str, tokens: Tokens) -> Iterator[Fault]:
    known = table(table_name)
    if isinstance(value, list):
        for index, code in enumerate(value):
            yield from _unconfirmed(code, table_name, (*tokens, str(index)))
    elif isinstance(value, str) and not known.has(value):
        yield _warning(tokens, UNCONFIRMED, {"title_zh": known.title_zh, "table": table_name})


def _warning(tokens: Tokens, broken: Rule, context: Mapping[str, Any]) -> Fault:
    return Fault(pointer_to(tokens), broken.id, _filled(broken.zh, context), _filled(broken.en, context))
