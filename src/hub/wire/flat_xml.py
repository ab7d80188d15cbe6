"""A `<DES>` of elements and texts alone, as most are, read without an XML parser."""

from collections.abc import Iterator
from typing import Any

_NOT_PLAIN = bytes({*range(0x20), *b"&"} - {*b"\t\n"})
"""Escapes; carriage returns, of which a parser makes line feeds; characters that XML has not."""
_NOT_TEXT = (b"]]>", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_SPACE = " \t\n"
_OF_ELEMENTS = ("CONTEXT", "TITLE", "SOURCE")

Section = tuple[str, Any]
"""CONTEXT, TITLE or SOURCE with its members by name, or HUB with its text. A text that is empty is None."""


def flat_sections(raw: bytes) -> list[Section] | None:
    """The sections of a `<DES>` in their order; None where it has anything that a parser has to look at, a fault too."""
    if len(raw.translate(None, _NOT_PLAIN)) != len(raw) or any(mark in raw for mark in _NOT_TEXT):
        return None
    try:
        tags = iter(raw.decode().split("<"))
        if next(tags) or next(tags).rstrip(_SPACE) != "DES>":
            return None
        found: list[Section] = []
        while (tag := next(tags)) != "/DES>":
            name, closed, text = tag.partition(">")
            if name in _OF_ELEMENTS and closed and not text.strip(_SPACE):
                found.append((name, _members(tags, f"/{name}>")))
            elif name == "HUB" and closed and next(tags).rstrip(_SPACE) == "/HUB>":
                found.append((name, text or None))
            else:
                return None
    except (StopIteration, UnicodeDecodeError, NotFlat):
        return None
    return found if next(tags, None) is None else None


class NotFlat(Exception):
    """Here is something that a parser has to look at."""


def add(members: dict[str, Any], name: str, value: Any) -> None:
    """Add an element to the members around it: those of one name are a list."""
    if name not in members:
        members[name] = value
    elif isinstance(members[name], list):
        members[name].append(value)
    else:
        members[name] = [members[name], value]


def _members(tags: Iterator[str], end: str) -> dict[str, Any]:
    members: dict[str, Any] = {}
    while (tag := next(tags)).rstrip(_SPACE) != end:
        name, closed, text = tag.partition(">")
        if not (closed and name.isascii() and name.isidentifier()) or next(tags).rstrip(_SPACE) != f"/{name}>":
            raise NotFlat
        add(members, name, text or None)
    return members
