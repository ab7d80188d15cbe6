"""Sections of a notice: the lines under a heading, whatever its numbering."""

from collections.abc import Sequence
from re import compile as pattern

from hub.law.text.lines import Line, line
from hub.law.text.plain import half_width

_NUMBERED = pattern(r"^\d{1,2}\s*[.、)](?!\s*\d)")
_LONGEST_HEADING = 40


def section(lines: Sequence[Line], *words: str) -> list[Line]:
    """The lines of the first section whose heading has one of the words, by the order of the words; else none.

    A line without a number is a heading if it is one of the words, or if it begins with one and has a colon. A text
    that follows the heading on its own line is the first line of the section.
    """
    for word in words:
        for at, heading in enumerate(lines):
            rank = _rank(heading)
            if word in heading.key and (rank or _bare(heading, word)):
                return _body(lines, at, rank)
    return []


def _bare(heading: Line, word: str) -> bool:
    name, colon, _ = heading.key.partition(":")
    return name == word or (bool(colon) and name.startswith(word))


def _body(lines: Sequence[Line], at: int, rank: int) -> list[Line]:
    colon = max(half_width(lines[at].text).find(":"), 0)
    rest = lines[at].text[colon + 1 :].strip() if colon else ""
    body = [line(rest)] if rest else []
    for following in lines[at + 1 :]:
        if 0 < _rank(following) <= (rank or 2):
            break
        body.append(following)
    return body


def _rank(heading: Line) -> int:
    """1 for a heading with a Chinese number, 2 for one with an Arabic number, 0 for any other line."""
    if heading.is_heading:
        return 1
    plain = half_width(heading.text)
    return 2 if _NUMBERED.match(plain) and len(plain.partition(":")[0]) <= _LONGEST_HEADING else 0
