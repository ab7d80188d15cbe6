"""Text as notices carry it: cleaned of what no field takes, half-width where it is compared, one line where it must be."""

from html import unescape
from math import isfinite
from re import compile as pattern
from re import sub

_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_FORBIDDEN = pattern("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
_TAG = pattern(r"</?[A-Za-z][^<>]{0,300}>")

EMPTY = frozenset(
    {"", "/", "\\", "-", "--", "---", "—", "——", "*", "**", "无", "空", "暂无", "null", "none", "n/a", "nan"}
)
"""What stands in a field that says nothing."""


def text_of(value: object) -> str:
    """The value as text without forbidden control characters and lone surrogates; empty for what is no text or number."""
    if isinstance(value, str):
        return _FORBIDDEN.sub("", value).strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float):
        return repr(value) if isfinite(value) else ""
    return str(value) if abs(value) < 10**30 else ""


def half_width(text: str) -> str:
    """The text with full-width ASCII as ASCII, character for character, so that places in it stay the same."""
    return text.translate(_HALF)


def spaced(text: str) -> str:
    """The text for reading values out of it: half-width, with one space for every run of spaces and line breaks."""
    return sub(r"\s+", " ", half_width(text))


def key_of(text: str) -> str:
    """The text for comparison: half-width, lower case, without any space."""
    return sub(r"\s+", "", half_width(text)).lower()


def says_nothing(text: str) -> bool:
    """Whether the text stands for an empty field, e.g. `/` or `无`."""
    return key_of(text).rstrip(".。") in EMPTY


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters; what is cut off is shown by an ellipsis."""
    line = sub(r"\s+", " ", text).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def without_markup(text: str) -> str:
    """The text with HTML tags as line breaks and HTML entities as their characters."""
    return _FORBIDDEN.sub("", unescape(_TAG.sub("\n", text)))
