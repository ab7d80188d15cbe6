"""What is wrong with a parameter, or with a field of a small body, said in Chinese and English; never the input."""

from collections.abc import Mapping
from typing import Any

from hub.schemas.wire_rules import INVALID, placeless_rule

_MOMENT = (
    "须为带时区的 RFC 3339 时刻，如 2026-11-20T09:30:00+08:00（地址中的 + 写作 %2B）",
    "A moment in RFC 3339 with an offset belongs here, e.g. 2026-11-20T09:30:00+08:00; in an address + is written %2B.",
)

PATTERNS = {
    r"^([0-9]{1,9}\.)?[0-9]{1,18}$": (
        "须为游标，即上一页的 next，如 1204 或 2.1204；0 为从头开始",
        "A cursor belongs here: the `next` of a page, e.g. 1204 or 2.1204; 0 begins with the oldest.",
    ),
    r"^(?:head|([0-9]{1,9}\.)?[0-9]{1,18})$": (
        "须为 head，或上一页的 prev，如 1204 或 2.1204",
        "`head` belongs here, or the `prev` of a page, e.g. 1204 or 2.1204.",
    ),
    r"^[0-9A-Z]{18}$": (
        "须为 18 位统一社会信用代码",
        "A unified social credit code of 18 characters belongs here.",
    ),
    r"^([0-9A-Z]{18}|[0-9A-Z]{9})$": (
        "须为 18 位统一社会信用代码或 9 位组织机构代码",
        "A unified social credit code of 18 characters or an organisation code of 9 belongs here.",
    ),
    r"^[0-9]{2,6}$": (
        "须为行政区划代码或其前几位，2 至 6 位数字，如 35 或 350100",
        "A region code or its first digits belong here, 2 to 6 of them, e.g. 35 or 350100.",
    ),
    r"^[0-9]{2}([0-9]{2}){0,2}$": (
        "须为省、市或县的行政区划代码，2、4 或 6 位数字，如 35、3501 或 350100",
        "The code of a province, a city or a county belongs here, of 2, 4 or 6 digits, e.g. 35, 3501 or 350100.",
    ),
    r"^[0-9A-Z]{0,6}$": (
        "须为代码的前几位，至多 6 位数字或大写字母",
        "The first characters of codes belong here, at most 6 digits or capital letters.",
    ),
    r"^[a-z][a-z0-9_]{0,63}$": (
        "须为小写英文名，如 tender_notice",
        "A name in small letters belongs here, e.g. tender_notice.",
    ),
    r"^[A-Za-z0-9._~-]{1,64}$": (
        "须为来源系统主键，1 至 64 个字母、数字或 . _ ~ -",
        "A platform's key of a record belongs here: 1 to 64 letters, digits or . _ ~ -",
    ),
    r"^([0-9A-Z]{18}/[a-z][a-z0-9_]{0,63}/)?[A-Za-z0-9._~-]{1,64}$": (
        "须为记录号“平台/类别/主键”，或其主键",
        "A record belongs here, as `platform/kind/data_key`, or its data_key alone.",
    ),
    r"^([1-9][0-9]{0,9}|[0-9a-f]{64})$": (
        "须为版本号，或版本的摘要（64 位小写十六进制数字）",
        "The number of a version belongs here, or its digest: 64 hexadecimal digits in small letters.",
    ),
    r"^[a-z][a-z_]{0,31}$": ("须为交换目标名，如 national", "The name of a target belongs here, e.g. national."),
    r"^([1-9][0-9]{0,8}\.)?[1-9][0-9]{0,14}$": (
        "须为页号，如 1 或 2.1",
        "The name of a page belongs here, e.g. 1 or 2.1.",
    ),
    r"^[0-9]{1,9}\.[0-9]{12}-(public|government)$": (
        "须为 /v1/snapshots 所列快照名",
        "The name of a snapshot belongs here, as /v1/snapshots lists it.",
    ),
    r"^[a-z0-9_.]{1,80}(/[a-z0-9_.]{1,80})?$": (
        "须为快照清单 manifest.json 所列文件名",
        "A file belongs here that the snapshot's manifest.json names.",
    ),
    r"^[a-z0-9][a-z0-9_.-]{0,63}$": (
        "须为消费者名：1 至 64 个小写字母、数字或 _ . -，以字母或数字开头",
        "A consumer's name belongs here: 1 to 64 small letters, digits or _ . -, beginning with a letter or digit.",
    ),
    r"^sub_[0-9a-f]{16}$": (
        "须为订阅名，如 sub_0123456789abcdef",
        "The name of a subscription belongs here, e.g. sub_0123456789abcdef.",
    ),
    r"^[a-z-]{1,64}$": (
        "须为问题类型名，如 stale-version",
        "The name of a type of problem belongs here, e.g. stale-version.",
    ),
}
"""What a text has to be that matches a pattern, in Chinese and English."""

_TYPES = {
    "int": ("须为整数", "An integer belongs here."),
    "float": ("须为数字", "A number belongs here."),
    "bool": ("须为 true 或 false", "true or false belongs here."),
    "datetime": _MOMENT,
    "timezone": _MOMENT,
    "date": ("须为日期，如 2026-11-20", "A date belongs here, e.g. 2026-11-20."),
    "missing": ("必填，此处缺少", "A value is needed here."),
    "json": ("请求正文不是合法的 JSON", "The body is not valid JSON."),
    "extra": ("没有这个字段", "There is no such field."),
}
"""What is said of pydantic's own errors by the first word of their types."""


def said_of(error: str, context: Mapping[str, Any], message: str) -> tuple[str, str]:
    """The sentence about one of pydantic's own errors in Chinese and English; `message` is pydantic's."""
    if error == "string_pattern_mismatch" and context["pattern"] in PATTERNS:
        return PATTERNS[context["pattern"]]
    word = error.partition("_")[0]
    if word in _TYPES:
        return _TYPES[word]
    rule, filling = placeless_rule(error, context)
    if rule is INVALID:
        return rule.zh, message
    return rule.zh.format_map(filling), rule.en.format_map(filling)
