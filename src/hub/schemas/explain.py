"""Every fault of a document at once, with its place, its rule and its repair; and the warnings of a valid one."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from hub.problems import Fault
from hub.schemas.codes import regions, table
from hub.schemas.kind import Scope, scope_of
from hub.schemas.party_advice import party_advice
from hub.schemas.places import (
    Place,
    Tokens,
    field_annotation,
    locate,
    parts_of,
    pointer_to,
    sent_name,
    sort_key,
    tokens_of,
)
from hub.schemas.repairs import REPAIRS, repair_of, repairs_of
from hub.schemas.rules import RULES, Partial, Rule, Ruled
from hub.schemas.submission import Submission
from hub.schemas.types import RegionCode, beijing_day
from hub.schemas.types.coded import Code, Codes
from hub.schemas.types.shape import why
from hub.schemas.wire_rules import UNKNOWN, wire_rule

UNCONFIRMED = Rule(
    "code-unconfirmed",
    "代码不在“{title_zh}”代码表的已知值中，已接收，请核对",
    "The code is not one of the values known of `{table}`; it was taken, please check it.",
)

TABLE_UNCONFIRMED = Rule(
    "code-table-unconfirmed",
    "“{title_zh}”代码表的取值尚未确认，代码已接收，请按标准核对",
    "No values of `{table}` are confirmed yet; the code was taken, please check it against the standard.",
)

CODE_ENDED = Rule(
    "code-ended",
    "代码自 {ended} 之后停用，请改用“{title_zh}”代码表的现行代码",
    "The code was valid until {ended}; please use one of `{table}` that is in force.",
)

CODE_BEGINS = Rule(
    "code-not-begun",
    "代码自 {begins} 起启用，数据时间戳早于该日，请核对",
    "The code is valid from {begins}, which is after the data timestamp; please check it.",
)

SUPERSEDED = Rule(
    "region-superseded",
    "行政区划代码已于 {year} 年停用，信息形成时应使用新代码，请核对",
    "The region code ended in {year}, before the information was formed; please check which one followed it.",
)

MOST_ERRORS = 1000
"""The most errors that are explained: a body of a megabyte may have a hundred thousand."""

MOST_GUESSES = 20
"""For so many unknown fields of a document the one that was meant is looked for, which takes a millisecond each."""


def faults(model: type[Ruled], document: object, error: ValidationError) -> list[Fault]:
    """Every fault of `document`, which `model` refused with `error`, sorted by pointer.

    `document` is the parsed JSON. Besides what `error` says these are the broken rules between fields of every object
    that has another fault, as far as its valid fields tell. No text has a value of the document in it; a repair has,
    and is left out for fields that only the government sees or that are masked, unless it is the code of a body or a
    deal, and for ID numbers. Of more than `MOST_ERRORS` errors only so many are explained, and of more than
    `MOST_GUESSES` unknown fields only so many are told with the one that was meant.
    """

    def explained(place: Place, broken: Rule, context: Mapping[str, Any]) -> tuple[tuple[Tokens, str], Fault]:
        return (place.tokens, broken.id), _fault(model, document, place, broken, context)

    found: dict[tuple[Tokens, str], Fault] = {}
    unknown = 0
    for details in error.errors(include_url=False, include_input=False)[:MOST_ERRORS]:
        place = locate(model, document, details["loc"])
        unknown += details["type"] == UNKNOWN
        found.setdefault(*explained(place, *_broken(details, place, guess=unknown <= MOST_GUESSES)))
    around = {tokens[:length] for tokens, _ in found for length in range(len(tokens))}
    for inner, tokens, value in parts_of(model, document, around):
        for at, broken in inner.broken(Partial(inner, _valid_fields(inner, value))):
            place = locate(model, document, (*tokens, *at.split("/")))
            found.setdefault(*explained(place, RULES[broken.type], broken.context or {}))
    return [found[key] for key in sorted(found, key=lambda key: (sort_key(key[0]), key[1]))]


def warnings(submission: Submission) -> list[Fault]:
    """What a valid submission should be checked for: advice that it does not follow, codes that nobody knows any more.

    Those are codes that a lenient table does not list (every code, where none of its values is confirmed), codes that
    are not valid on the day of `data_timestamp`, and region codes that ended in a year before `formed_at`, both by
    Beijing time.
    """
    year, sent_on = beijing_day(submission.formed_at).year, beijing_day(submission.data_timestamp)
    told = [*advice_about(submission, year, sent_on), *party_advice(submission)]
    return sorted(told, key=lambda fault: (sort_key(tokens_of(fault.pointer)), fault.rule)) if told else told


def _fault(model: type[Ruled], document: object, place: Place, broken: Rule, context: Mapping[str, Any]) -> Fault:
    return Fault(
        place.pointer,
        broken.id,
        _filled(broken.zh, context),
        _filled(broken.en, context),
        repair_of(place, broken, context),
        repairs=repairs_of(model, document, place, broken, context),
    )


def _filled(sentence: str, context: Mapping[str, Any]) -> str:
    return sentence.format_map(context) if context else sentence


def _broken(details: ErrorDetails, place: Place, *, guess: bool) -> tuple[Rule, Mapping[str, Any]]:
    """The rule that an error is about, and what fills its sentences."""
    context = details.get("ctx", {})
    if details["type"] in RULES:
        return RULES[details["type"]], context
    if details["type"] == "string_pattern_mismatch" and isinstance(place.value, str):
        broken = why(context["pattern"], place.value)
        if broken is not None:
            return RULES[broken.type], broken.context or {}
    return wire_rule(details["type"], context, place, guess=guess)


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
    """What of a class can warn: its advices, its fields with codes that may be warned about or regions, those with objects."""

    advices: tuple[tuple[str, Any], ...]
    codes: tuple[tuple[str, str], ...]
    regions: tuple[str, ...]
    nested: tuple[str, ...]


@cache
def _plan(model: type[Ruled]) -> _Plan:
    codes: list[tuple[str, str]] = []
    regional: list[str] = []
    nested: list[str] = []
    for name, info in model.model_fields.items():
        annotation = field_annotation(info)
        codes.extend((name, mark) for mark in _tables_that_warn(annotation))
        if any(leaf is _REGION for leaf in _leaves(annotation)):
            regional.append(name)
        if any(_may_warn(inner) for inner in _models_in(annotation)):
            nested.append(name)
    return _Plan(model.advices, tuple(codes), tuple(regional), tuple(nested))


_REGION = get_args(RegionCode)[1]


def _may_warn(model: type[Ruled]) -> bool:
    plan = _plan(model)
    return bool(plan.advices or plan.codes or plan.regions or plan.nested or model.__subclasses__())


def _tables_that_warn(annotation: Any) -> Iterator[str]:
    for mark in _leaves(annotation):
        if isinstance(mark, Code | Codes) and ((known := table(mark.table)).lenient or known.dated):
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


def advice_about(model: Ruled, year: int, sent_on: date, tokens: Tokens = ()) -> Iterator[Fault]:
    """The warnings of one object and of those inside it.

    They are advice, codes that are unknown or not valid on the day `sent_on`, region codes that ended before `year`.
    """
    plan = _plan(type(model))
    for at, check in plan.advices:
        advised: PydanticCustomError | None = check(model)
        if advised is not None:
            context = advised.context or {}
            yield _warning(
                (*tokens, *at.split("/")), RULES[advised.type], context, repairs=_advised(model, tokens, context)
            )
    # What is told nothing costs nothing: this runs for every object of every push.
    for name, table_name in plan.codes:
        value = getattr(model, name)
        if value is not None and (type(value) is list or not table(table_name).settles(value)):
            yield from _doubtful(value, table_name, sent_on, (*tokens, name))
    for name in plan.regions:
        value = getattr(model, name)
        if value is not None and (type(value) is list or regions()[value].valid_to is not None):
            yield from _superseded(value, (*tokens, name), year)
    for name in plan.nested:
        value = getattr(model, name)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from advice_about(item, year, sent_on, (*tokens, name, str(index)))
        elif value is not None:
            yield from advice_about(value, year, sent_on, (*tokens, name))


def _advised(model: Ruled, tokens: Tokens, context: Mapping[str, Any]) -> dict[str, object] | None:
    """The repairs of an advice by pointer; none where a field of them is not for everyone's eyes."""
    proposed: Mapping[str, object] = context.get(REPAIRS) or {}
    if any(scope_of(type(model).model_fields[name]) is not Scope.PUBLIC for name in proposed):
        return None
    return {pointer_to((*tokens, name)): value for name, value in proposed.items()} or None


def _doubtful(value: Any, table_name: str, sent_on: date, tokens: Tokens) -> Iterator[Fault]:
    known = table(table_name)
    if isinstance(value, list):
        for index, code in enumerate(value):
            yield from _doubtful(code, table_name, sent_on, (*tokens, str(index)))
        return
    context = {"title_zh": known.title_zh, "table": table_name}
    code = known.values.get(value)
    if code is None:
        yield _warning(tokens, UNCONFIRMED if known.values else TABLE_UNCONFIRMED, context)
    elif code.valid_to is not None and code.valid_to < sent_on:
        yield _warning(tokens, CODE_ENDED, context | {"ended": code.valid_to})
    elif code.valid_from is not None and sent_on < code.valid_from:
        yield _warning(tokens, CODE_BEGINS, context | {"begins": code.valid_from})


def _superseded(value: Any, tokens: Tokens, year: int) -> Iterator[Fault]:
    if isinstance(value, list):
        for index, code in enumerate(value):
            yield from _superseded(code, (*tokens, str(index)), year)
    elif value is not None and (ended := regions()[value].valid_to) is not None and ended < year:
        yield _warning(tokens, SUPERSEDED, {"year": ended}, regions()[value].successor)


def _warning(
    tokens: Tokens,
    broken: Rule,
    context: Mapping[str, Any],
    repair: object = None,
    repairs: Mapping[str, object] | None = None,
) -> Fault:
    zh, en = _filled(broken.zh, context), _filled(broken.en, context)
    return Fault(pointer_to(tokens), broken.id, zh, en, repair, repairs=repairs)
