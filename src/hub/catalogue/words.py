"""Limits, types and principles in words: what the catalogue says in Chinese and in English."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hub.schemas.clocks import CHANGED, FORMED, PUBLISHED, AfterMonth, Ahead, Clock, SameDay, Within
from hub.schemas.kind import Kind, Role, Scope
from hub.schemas.submission import Submission


class Words(NamedTuple):
    """The same in Chinese and in English."""

    zh: str
    en: str


PRINCIPLES = {
    Role.APPROVER: Words("谁批准、谁公开", "who approves discloses"),
    Role.IMPLEMENTER: Words("谁实施、谁公开", "who implements discloses"),
    Role.PRODUCER: Words("谁制作、谁公开", "who produces discloses"),
}
"""The opinion's principles (国办发〔2017〕97号 二（二）)."""

DISCLOSERS = {
    Role.APPROVER: Words("审批部门", "the approving department"),
    Role.IMPLEMENTER: Words(
        "管理或实施公共资源配置的国家机关、企事业单位",
        "the organ, enterprise or institution that manages or implements",
    ),
    Role.PRODUCER: Words("制作或掌握该信息的单位", "the body that made or holds the information"),
}

SCOPES = {
    Scope.PUBLIC: Words("社会公开", "public"),
    Scope.GOVERNMENT: Words("政务公开", "government exchange only"),
    Scope.MASKED: Words("社会公开，自然人脱敏", "public, masked for natural persons"),
    Scope.PER_RECORD: Words("以记录的公开范围为准", "as the record itself says"),
    Scope.OPENED: Words("开标（开启）后社会公开", "public from the opening on"),
}

_EVENTS = {
    FORMED: Words("信息形成或变更之日", "formation or change"),
    CHANGED: Words("信息变更之日", "a change"),
    PUBLISHED: Words("指定媒介发布之日", "publication on the designated medium"),
    "/decided_on": Words("作出行政决定之日", "the administrative decision"),
}


def limit_in_words(kind: type[Kind], clock: Clock) -> Words:
    """The clock as a sentence, e.g. `自信息形成或变更之日起20个工作日内` and `within 20 working days of formation or change`."""
    event = _EVENTS.get(clock.of) or _field_event(kind, clock.of)
    said = _in_words(clock, event)
    if clock.where is not None:
        field = _field_event(kind, clock.where[0])
        said = Words(f"{field.zh}为 {clock.where[1]} 的，{said.zh}", f"{said.en} where {field.en} is {clock.where[1]}")
    if clock.judged == "received":
        return Words(f"{said.zh}共享至公共资源交易平台", f"shared with the trading platform {said.en}")
    return said


def _in_words(clock: Clock, event: Words) -> Words:
    match clock:
        case Within(days=days, working=working):
            return Words(
                f"自{event.zh}起{_days_zh(days, working)}内", f"within {_days_en(days, working)} of {event.en}"
            )
        case Ahead(days=days, working=working):
            return Words(
                f"不迟于{event.zh}前{_days_zh(days, working)}", f"at least {_days_en(days, working)} before {event.en}"
            )
        case AfterMonth(days=days):
            return Words(
                f"自{event.zh.removesuffix('之日')}所在月份终了之日起{_days_zh(days, True)}内",
                f"within {_days_en(days, True)} of the end of the month of {event.en}",
            )
        case SameDay():
            return Words(f"于{event.zh}", f"on the day of {event.en}")
    raise TypeError(f"no words for {clock}")


def _days_zh(days: int, working: bool) -> str:
    return f"{days}个工作日" if working else f"{days}日"


def _days_en(days: int, working: bool) -> str:
    return f"{days} {'working ' if working else ''}day{'' if days == 1 else 's'}"


def _field_event(kind: type[Kind], of: str) -> Words:
    """The event that a field of the envelope (`/formed_at`) or of the body holds, by the field's title."""
    fields = Submission.model_fields if of.startswith("/") else kind.model_fields
    name = of.strip("/").split("/")[0]
    return Words(f"“{fields[name].title}”", f"`{name}`")


def type_in_words(schema: Mapping[str, Any]) -> Words:
    """A JSON Schema without references in it as words, e.g. `字符串，至多200字` and `text of at most 200 characters`."""
    if table := schema.get("x-code-table"):
        return Words(f"代码（{table}）", f"a code of {table}")
    if schema.get("x-region-code"):
        return Words("行政区划代码，6位", "a region code of 6 digits")
    match schema.get("type"):
        case "array":
            inner = type_in_words(schema["items"])
            count = _bounds(schema.get("minItems"), schema.get("maxItems"))
            return Words(f"列表{count.zh}，每项为{inner.zh}", f"a list{count.en} of: {inner.en}")
        case "object":
            return Words("对象", "an object")
        case "integer":
            return Words("整数" + _range_zh(schema), "a whole number" + _range_en(schema))
        case "boolean":
            return Words("布尔值", "true or false")
        case "string":
            return _string(schema)
    return Words("JSON", "JSON")


_FORMATS = {
    "decimal": Words("十进制数（字符串）", "a decimal as a string"),
    "date": Words("日期", "a date"),
    "date-time": Words("带时区的时间", "a time with its offset"),
    "uri": Words("网址", "an address on the web"),
}


def _string(schema: Mapping[str, Any]) -> Words:
    if found := _FORMATS.get(schema.get("format", "")):
        return found
    if listed := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        return Words(f"取值：{'、'.join(listed)}", f"one of: {', '.join(listed)}")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most is None:
        return Words("文本", "text")
    if least == most:
        return Words(f"字符串，{most}位", f"text of exactly {most} characters")
    return Words(f"字符串，至多{most}字", f"text of at most {most} characters")


def _bounds(least: int | None, most: int | None) -> Words:
    if most is None:
        return Words("", "")
    return Words(f"（{least or 0}至{most}项）", f" ({least or 0} to {most})")


def _range_zh(schema: Mapping[str, Any]) -> str:
    return f"，{schema['minimum']}至{schema['maximum']}" if {"minimum", "maximum"} <= schema.keys() else ""


def _range_en(schema: Mapping[str, Any]) -> str:
    return f" from {schema['minimum']} to {schema['maximum']}" if {"minimum", "maximum"} <= schema.keys() else ""


def joined(words: Sequence[Words]) -> Words:
    """Several ones as one."""
    return Words("；".join(one.zh for one in words), "; ".join(one.en for one in words))
