"""The rules of the wire that every field has: it is there, it is known, it has its JSON type and its size."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from re import findall
from typing import Any

from hub.schemas.places import Place, sent_name
from hub.schemas.rules import Rule

REQUIRED = Rule("required", "必填项缺失", "The field is required.")
UNKNOWN_FIELD = Rule("unknown-field", "未知字段{meant_zh}", "There is no such field{meant_en}")
WRONG_TYPE = Rule("wrong-type", "JSON 类型不符，应为{zh}", "The JSON type is wrong: {en} belongs here.")
TOO_LONG = Rule("too-long", "长度不得超过 {max_length} 个字符", "The text has more than {max_length} characters.")
TOO_MANY = Rule("too-many", "不得超过 {max_length} 项", "The list has more than {max_length} items.")
TOO_FEW = Rule("too-few", "不得少于 {min_length} 项", "The list has less than {min_length} items.")
NOT_ONE_OF = Rule("not-one-of", "须为下列之一：{expected}", "The value must be one of {expected}.")
OUT_OF_RANGE = Rule("out-of-range", "数值须{zh} {bound}", "The number must be {en} {bound}.")
PATTERN = Rule("pattern", "格式不符，应匹配 {pattern}", "The text does not match {pattern}.")
INVALID = Rule("invalid", "值不合法", "The value is not valid.")

UNKNOWN = "extra_forbidden"
"""Pydantic's error about a field that there is not."""

_NOTHING_MEANT = {"meant_zh": "", "meant_en": "."}
_PLAIN = {
    "missing": REQUIRED,
    "string_too_long": TOO_LONG,
    "too_long": TOO_MANY,
    "too_short": TOO_FEW,
    "string_pattern_mismatch": PATTERN,
}
_TYPES = {
    "string": ("字符串", "a string"),
    "int": ("整数", "an integer"),
    "float": ("数字", "a number"),
    "bool": ("布尔值", "true or false"),
    "list": ("数组", "an array"),
    "dict": ("对象", "an object"),
    "model": ("对象", "an object"),
}
_BOUNDS = {
    "greater_than": ("gt", "大于", "greater than"),
    "greater_than_equal": ("ge", "不小于", "at least"),
    "less_than": ("lt", "小于", "less than"),
    "less_than_equal": ("le", "不大于", "at most"),
}


def wire_rule(error: str, context: Mapping[str, Any], place: Place, *, guess: bool) -> tuple[Rule, Mapping[str, Any]]:
    """The rule that one of pydantic's own errors is about, and what fills its sentences; never the input.

    Which field an unknown one is meant as is looked for where `guess` is set.
    """
    if error == UNKNOWN:
        return UNKNOWN_FIELD, _meant(place) if guess else _NOTHING_MEANT
    return placeless_rule(error, context)


def placeless_rule(error: str, context: Mapping[str, Any]) -> tuple[Rule, Mapping[str, Any]]:
    """The same where nothing is known of the place but that something may be there."""
    if error in ("literal_error", "enum"):
        return NOT_ONE_OF, {"expected": ", ".join(findall(r"'([^']*)'", context["expected"]))}
    if error in _PLAIN:
        return _PLAIN[error], context
    if error in _BOUNDS:
        name, zh, en = _BOUNDS[error]
        return OUT_OF_RANGE, {"zh": zh, "en": en, "bound": context[name]}
    expected, _, how = error.partition("_")
    if expected in _TYPES and how in ("type", "attributes_type", "from_float", "parsing"):
        zh, en = _TYPES[expected]
        return WRONG_TYPE, {"zh": zh, "en": en}
    return INVALID, {}


def converted(value: object) -> Iterator[object]:
    """What a value of the wrong JSON type may be meant as, the likeliest first."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
    if isinstance(value, float) and value.is_integer():
        yield int(value)
    if isinstance(value, str):
        if value.isascii() and value.isdigit() and len(value) < 16:
            yield int(value)
        # The data specification joins several values with semicolons.
        yield [part.strip() for part in value.replace("；", ";").split(";") if part.strip()]
    if isinstance(value, Mapping):
        yield [value]


def _meant(place: Place) -> dict[str, str]:
    known = [sent_name(name, info) for name, info in place.owner.model_fields.items()]
    near = get_close_matches(place.tokens[-1].lower(), known, n=1)
    if not near:
        return _NOTHING_MEANT
    return {"meant_zh": f"，是否应为 {near[0]}", "meant_en": f"; did you mean `{near[0]}`?"}
