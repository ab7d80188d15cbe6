"""Labelled values: `label：value` on one line, or the label on a line of its own and the value on the next ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import compile as pattern

from hub.law.text.amounts import unit_in
from hub.law.text.lines import Line, joined, without_unit
from hub.law.text.plain import half_width, key_of, says_nothing

_LONGEST_RUN = 12
_TORN_OFF = pattern(r"[\d*、,;(\-]")
_DATE = pattern(r"(?:19|20)\d{2}\s*[年\-/.]")
_COLON = pattern(r"[:：]")


@dataclass(frozen=True, slots=True)
class Found:
    """A value with the unit that its label gives in brackets, and the number of the line that its label is in."""

    value: str
    unit: str
    at: int


class Labelled:
    """The values of some lines by their labels; what stands in the notice's own structured fields comes first.

    In a block of which nothing but labels and values is expected (`torn`), a value goes on to the next label.
    """

    def __init__(self, lines: Sequence[Line], fields: Mapping[str, str] | None = None, *, torn: bool = False) -> None:
        self.lines = lines
        self._torn = torn
        self._fields = {key_of(name).rstrip(":"): (name, value) for name, value in (fields or {}).items()}

    def find(self, names: Sequence[str], *, limit: int = 300) -> Found | None:
        """The first value that says something, by the order of the names; None without one."""
        return next(self.all(names, limit=limit), None)

    def value(self, names: Sequence[str], *, limit: int = 300) -> str:
        """Like `find`: the value alone, empty without one."""
        found = self.find(names, limit=limit)
        return found.value if found else ""

    def all(self, names: Sequence[str], *, limit: int = 300) -> Iterator[Found]:
        """Every value that says something, by the order of the names."""
        for name in names:
            wanted = name.lower()
            for label, (written, value) in self._fields.items():
                if (label == wanted or without_unit(label) == wanted) and not says_nothing(value):
                    yield Found(value.strip(), unit_in(written), -1)
            for at, line in enumerate(self.lines):
                if line.key.startswith(wanted):
                    found = self._at(at, wanted, limit)
                    if found:
                        yield found

    def _at(self, at: int, wanted: str, limit: int) -> Found | None:
        line = self.lines[at]
        name, colon, _ = line.key.partition(":")
        if wanted not in (name, without_unit(name)):
            return None
        value = _COLON.split(line.text, maxsplit=1)[1].strip() if colon else ""
        if not value or self._torn:
            run = self._run(at + 1)
            value = _together(value, _continuing(value, run) if self._torn else run, limit)
        return None if says_nothing(value) else Found(value, unit_in(half_width(line.text)), at)

    def block(self, names: Sequence[str], until: Sequence[str]) -> str:
        """The text from one of the labels on, with its tables, to a heading or to one of the labels `until`."""
        for name in names:
            for at, line in enumerate(self.lines):
                if name.lower() in (line.key.partition(":")[0], without_unit(line.key.partition(":")[0])):
                    lines = [line.text for line in self.lines[at + 1 : at + 1 + self._ends(at + 1, until)]]
                    first = _COLON.split(line.text, maxsplit=1)[1:]
                    return "\n".join(text for text in (*first, *lines) if text.strip()).strip()
        return ""

    def _ends(self, start: int, until: Sequence[str]) -> int:
        """How many lines from there on are before a heading or one of the labels."""
        rest = self.lines[start:]
        return next(
            (at for at, line in enumerate(rest) if line.is_heading or line.key.startswith(tuple(until))), len(rest)
        )

    def _run(self, start: int) -> list[Line]:
        """The lines from there on that are neither a heading nor another label."""
        run: list[Line] = []
        for line in self.lines[start : start + _LONGEST_RUN]:
            if line.is_heading or line.is_label:
                break
            run.append(line)
        return run


def _continuing(value: str, run: Sequence[Line]) -> list[Line]:
    """The lines that look as if they were torn off the value; without a value, the first line and what it continues."""
    taken: list[Line] = []
    for line in run:
        so_far = taken[-1].text if taken else value
        plain = half_width(line.text)
        torn = _TORN_OFF.match(plain) or half_width(so_far).endswith(("、", ",", ";", "-"))
        if so_far and (not torn or _DATE.match(plain)):
            break
        taken.append(line)
    return taken


def _together(value: str, run: Sequence[Line], limit: int) -> str:
    """The value with the lines that continue it, where all of them fit; its first line alone where they do not."""
    whole = value + joined(run, "")
    if len(whole) <= limit:
        return whole
    return value or (run[0].text if run else "")
