"""Text: free strings without control characters, URLs and GUIDs."""

from functools import cache
from re import sub
from typing import Annotated, Any
from unicodedata import category

from pydantic_core import PydanticCustomError

from hub.schemas.rules import Rule
from hub.schemas.types.shape import Shape

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_CONTROL_BUT_LINES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_UNSEEN = r"\u00ad\u180e\u200b-\u200f\u2060\ufeff"
"""What leaves text blank beside spaces: soft hyphens, joiners, marks of direction and of byte order."""

_LINE = rf"^[^{_CONTROL}]*[^\s{_UNSEEN}{_CONTROL}][^{_CONTROL}]*$"
LINES = rf"^[^{_CONTROL_BUT_LINES}]*[^\s{_UNSEEN}{_CONTROL}][^{_CONTROL_BUT_LINES}]*$"
"""What text is that is not blank and has no control characters but line breaks and tabs."""


def _without_control(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    spaced = sub(r"[\t\n\r]+", " ", value)
    return "".join(c for c in spaced if category(c) != "Cc").strip() or None


def _without_control_but_lines(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return "".join(c for c in value if c in "\t\n\r" or category(c) != "Cc") or None


def _hyphenated(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    digits = sub(r"[^0-9A-Za-z]", "", value)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _stripped(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) else None


BLANK = Rule("blank", "不得为空白", "The text is blank.")
CONTROL = Rule(
    "control-character",
    "不得含控制字符（包括换行和制表符）",
    "The text has control characters; line breaks and tabs count as such here.",
    _without_control,
)
CONTROL_BUT_LINES = Rule(
    "control-character-in-text",
    "不得含换行和制表符以外的控制字符",
    "The text has control characters other than line breaks and tabs.",
    _without_control_but_lines,
)
LENGTH = Rule("exact-length", "长度须恰为 {length} 个字符", "The text must have exactly {length} characters.")
URL = Rule(
    "url-format",
    "须为以 http:// 或 https:// 开头、不含空格的网址",
    "The address must start with http:// or https:// and have no spaces.",
    _stripped,
)
GUID = Rule(
    "guid-format",
    "须为 36 位 GUID（8-4-4-4-12 位十六进制数）",
    "A GUID has 36 characters: 8-4-4-4-12 hexadecimal digits.",
    _hyphenated,
)


def _is_blank(text: str) -> bool:
    return not sub(rf"[\s{_UNSEEN}]+", "", text)


def _why_line(text: str) -> PydanticCustomError:
    return BLANK() if _is_blank(text) else CONTROL()


def _why_lines(text: str) -> PydanticCustomError:
    return BLANK() if _is_blank(text) else CONTROL_BUT_LINES()


@cache
def Str(length: int) -> Shape:
    """One line of 1 to `length` characters that is not blank: `Annotated[str, Str(600)]`."""
    return Shape(_LINE, _why_line, max_length=length, shown={"minLength": 1})


@cache
def ExactStr(length: int) -> Shape:
    """One line of exactly `length` characters, none of them a space: `Annotated[str, ExactStr(26)]`."""
    return Shape(
        rf"^[^\s{_CONTROL}]{{{length}}}$",
        lambda text: LENGTH(length=length) if text.strip() else BLANK(),
        shown={"minLength": length, "maxLength": length},
    )


Text = Annotated[str, Shape(LINES, _why_lines, shown={"minLength": 1})]
"""Text of any length that is not blank; line breaks and tabs are its only control characters."""

ShortText = Annotated[str, Str(200)]
"""One line of 1 to 200 characters."""

Url = Annotated[
    str,
    Shape(
        rf"^https?://[^\s{_CONTROL}/?#<>]+([/?#][^\s{_CONTROL}<>]*)?$",
        URL,
        max_length=500,
        shown={"format": "uri", "examples": ["https://www.example.cn/notice/1.html"]},
    ),
]
"""An http or https address of up to 500 characters."""

Guid = Annotated[
    str,
    Shape(
        r"^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
        GUID,
        shown={"minLength": 36, "maxLength": 36, "examples": ["0c1f7a52-6f4e-4d7b-9f0e-2b8f6f1f9a10"]},
    ),
]
"""A GUID of 36 characters."""
