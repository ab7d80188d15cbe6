"""Tables that were flattened into lines: a run of header lines, then the cells row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from re import compile as pattern

from hub.law.text.amounts import unit_in
from hub.law.text.lines import Line, without_unit
from hub.law.text.parties import is_organisation, valid_codes
from hub.law.text.plain import half_width
from hub.law.text.vocabulary import HEADERS, LABELS, NUMBERING, ORGANISATION, PARTY_CODE, WINNER_PRICE

_RANK = pattern(r"^第([一二三四五六七八九十])(?:名|中标候选人|候选人)?$")
_DIGITS = "一二三四五六七八九十"
_NUMBER = pattern(r"^\d[\d,]*(?:\.\d+)?\s*(?:元|万元|%)?$")
_LONGEST_CELL_LABEL = 6
"""A longer label ends a table even without a colon."""
_MOST_HEADERS, _MOST_CELLS = 24, 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells by header, and all of its cells in their order; `number` is the row's own, 0 without one."""

    headers: tuple[str, ...]
    cells: dict[str, str]
    texts: tuple[str, ...]
    units: dict[str, str]
    number: int

    def cell(self, names: Sequence[str]) -> str:
        """The first cell under one of the headers, by the order of the names; empty without one."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")

    def unit(self, names: Sequence[str]) -> str:
        """The unit in the header of the cell that `cell` gives."""
        return next((self.units.get(name, "") for name in names if self.cells.get(name)), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its headers without their units, and its rows."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]

    def has(self, *groups: Sequence[str]) -> bool:
        """Whether each of the groups names one of the headers."""
        return all(any(name in self.headers for name in group) for group in groups)


def tables(lines: Sequence[Line]) -> Iterator[Table]:
    """Every table of the lines that has a row."""
    at = 0
    while at < len(lines):
        width = _header_width(lines, at)
        if width < 2:
            at += 1
            continue
        headers, units = _headers(lines[at : at + width])
        cells = _cells(lines, at + width)
        rows = tuple(_rows(headers, units, cells))
        if rows:
            yield Table(tuple(headers), rows)
        at += width + (len(cells) if rows else 0)


def _header_width(lines: Sequence[Line], at: int) -> int:
    """How many lines from there on are headers; a numbered table's end where the row 1 begins."""
    if not _is_header(lines[at]):
        return 0
    known = at
    while known < len(lines) and known - at < _MOST_HEADERS and _is_header(lines[known]):
        known += 1
    if _header_name(lines[at].key) in NUMBERING:
        for end in range(at + 2, min(at + _MOST_HEADERS, len(lines))):
            if _number(lines[end].text) == 1:
                return end - at
    return known - at


def _is_header(line: Line) -> bool:
    name, colon, _ = line.key.partition(":")
    return not colon and not line.is_heading and (name in HEADERS or _header_name(name) in HEADERS)


def _header_name(key: str) -> str:
    return key if key in HEADERS else without_unit(key)


def _headers(lines: Sequence[Line]) -> tuple[list[str], dict[str, str]]:
    names: list[str] = []
    units: dict[str, str] = {}
    for line in lines:
        if half_width(line.text).startswith("(") and names:
            units[names[-1]] = unit_in(line.text) or units[names[-1]]
            continue
        name = _header_name(line.key)
        names.append(name)
        units.setdefault(name, unit_in(line.text))
    return names, units


def _cells(lines: Sequence[Line], start: int) -> list[str]:
    cells: list[str] = []
    for at in range(start, min(start + _MOST_CELLS, len(lines))):
        line = lines[at]
        name, colon, _ = line.key.partition(":")
        ends = name in LABELS and (colon or len(name) > _LONGEST_CELL_LABEL)
        if line.is_heading or ends or _header_width(lines, at) >= 2:
            break
        cells.append(line.text)
    return cells


def _rows(headers: Sequence[str], units: dict[str, str], cells: Sequence[str]) -> Iterator[Row]:
    if headers[0] in NUMBERING:
        starts = _starts(cells, len(headers))
        for index, start in enumerate(starts):
            end = starts[index + 1] if index + 1 < len(starts) else len(cells)
            texts = tuple(cells[start:end])
            yield Row(tuple(headers), _aligned(headers, texts), texts, units, _number(texts[0]))
        return
    width = len(headers)
    for start in range(0, len(cells) - 1, width):
        texts = tuple(cells[start : start + width])
        aligned = _aligned(headers, texts)
        if len(texts) < width and (start or not aligned):
            return
        yield Row(tuple(headers), aligned, texts, units, 0)


def _starts(cells: Sequence[str], width: int) -> list[int]:
    """Where the rows begin: at 1, 2, 3, … or at 第一名, 第二名, …; a new 1 begins again.

    A row may have lost two empty cells, the last one before a new 1 one of them: a shorter one is none.
    """
    if not cells or _number(cells[0]) != 1:
        return []
    starts, expected = [0], 2
    for at, cell in enumerate(cells):
        number, length = _number(cell), at - starts[-1]
        if (number == expected and length >= max(2, width - 2)) or (number == 1 and length >= max(2, width - 1)):
            starts.append(at)
            expected = number + 1
    return starts


def _number(cell: str) -> int:
    plain = half_width(cell).strip()
    found = _RANK.match(plain)
    if found:
        return _DIGITS.index(found[1]) + 1
    return int(plain) if plain.isdecimal() and plain.isascii() and len(plain) < 4 else 0


def _aligned(headers: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    """The cells by their headers; where empty cells were lost, those alone that their type gives away."""
    if len(texts) >= len(headers):
        return dict(reversed(list(zip(headers, texts, strict=False))))
    aligned = dict(reversed(list(_as_far_as_they_fit(headers, texts))))
    rest = list(texts)
    for header in headers:
        fits = _TYPES.get(header)
        if fits is None:
            continue
        at = next((at for at, text in enumerate(rest) if fits(text)), None)
        if at is not None:
            aligned.setdefault(header, rest[at])
            del rest[: at + 1]
    return aligned


def _as_far_as_they_fit(headers: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The cells before the columns on people, whose headers have more lines than cells, if name and price fit there."""
    people = next((at for at, header in enumerate(headers) if header in _PEOPLE), 0)
    head = list(zip(headers[:people], texts, strict=False))
    if all(_TYPES[header](text) for header, text in head if header in _TYPES):
        yield from head


def _is_number(text: str) -> bool:
    return bool(_NUMBER.match(half_width(text)))


def _has_code(text: str) -> bool:
    return bool(valid_codes(text))


_PEOPLE = frozenset({"拟任", "项目经理", "项目负责人", "拟任项目经理", "姓名"})
_TYPES = (
    dict.fromkeys(ORGANISATION, is_organisation)
    | dict.fromkeys(PARTY_CODE, _has_code)
    | dict.fromkeys(WINNER_PRICE, _is_number)
)
