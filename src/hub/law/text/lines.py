"""The lines of a notice's text, mended where the page's markup had torn them."""

from collections.abc import Sequence
from dataclasses import dataclass
from re import compile as pattern

from hub.law.text.plain import half_width, key_of, without_markup
from hub.law.text.vocabulary import LABELS

MOST_CHARACTERS = 300_000
"""So much of a text is read for its facts; the text itself is kept whole."""

_NUMBER = r"(?:第?[一二三四五六七八九十]{1,3}[、.,．]|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}(?:\.\d{1,2})+[、.)]?|\d{1,2}[、.)](?!\d))"
_NUMBERED = pattern(rf"^{_NUMBER}+")
_LONE_NUMBER = pattern(rf"^(?:{_NUMBER}|[一二三四五六七八九十]{{1,3}}|\d{{1,2}}[、.)])$")
_HEADING = pattern(r"^[一二三四五六七八九十]{1,3}[、.．]")
_CLINGS = pattern(r"^(?:[:、,。;)．.]|信息$|元|万元|[年月日时分](?!.*[:]))|^\([^()]{0,4}元[^()]{0,4}\)$")
_AFTER_TIME = pattern(r"(?:\d[年月]|[至到])$")
_BEFORE_LABEL = pattern(
    r"(?<=[\s。；;])(?=(?:"
    + "|".join(sorted(LABELS, key=len, reverse=True)).replace("(", r"[(（]").replace(")", r"[)）]")
    + r")\s*[:：])"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line: as found, and as it is compared, half-width and without spaces and numbering."""

    text: str
    key: str

    @property
    def is_heading(self) -> bool:
        """Whether a Chinese number begins the line, as in 一、项目基本情况."""
        return bool(_HEADING.match(half_width(self.text)))

    @property
    def is_label(self) -> bool:
        """Whether the line begins with one of the known labels."""
        name, colon, value = self.key.partition(":")
        return name in LABELS or without_unit(name) in LABELS or (bool(colon) and not value and len(name) < 20)


def line(text: str) -> Line:
    """The line of that text."""
    return Line(text, _NUMBERED.sub("", key_of(text)))


def without_unit(name: str) -> str:
    """A label or header without the bracket at its end, e.g. 中标金额 for `中标金额(元)`."""
    head, bracket, _ = name.rpartition("(")
    return head if bracket and head else name


def lines_of(text: str) -> list[Line]:
    """The lines of the text that are not blank; labels within a line begin one of their own."""
    plain = without_markup(text[:MOST_CHARACTERS])
    found: list[str] = []
    for raw in plain.splitlines():
        for piece in _BEFORE_LABEL.split(raw) if ":" in raw or "：" in raw else (raw,):
            stripped = piece.strip(" \t\r\n\u3000\xa0\ufeff\u200b")
            if stripped:
                _add(found, stripped)
    return [line(text) for text in found]


def _add(found: list[str], piece: str) -> None:
    plain = half_width(piece)
    last = half_width(found[-1]) if found else ""
    joins = found and (
        (_CLINGS.match(plain) and (plain[0] not in "年月日时分元万" or last[-1].isdigit()))
        or (_AFTER_TIME.search(last) and len(last) < 40 and plain.isdigit() and len(plain) < 5)
        or (_LONE_NUMBER.match(last) and not plain.isdigit() and last[-1] in "、.)．一二三四五六七八九十")
    )
    if joins:
        found[-1] += piece
    else:
        found.append(piece)


def joined(lines: Sequence[Line], separator: str = "\n") -> str:
    """The text of the lines."""
    return separator.join(line.text for line in lines)
