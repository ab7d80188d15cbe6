"""The code tables, one JSON file each, read when first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class CodeValue:
    """One code of a table, with its label in two languages; a bound of its validity is None where it is not known."""

    code: str
    zh: str
    en: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A list of codes.

    `sureness` is `seen` for values read in a standard or in its machine validators, `recalled` for values yet to be
    confirmed, `own` for the hub's own lists. A `lenient` table also takes codes that it does not list.
    """

    name: str
    title_zh: str
    title_en: str
    source: str
    sureness: Literal["seen", "recalled", "own"]
    lenient: bool
    values: Mapping[str, CodeValue]

    def has(self, code: str) -> bool:
        """Whether the table lists the code."""
        return code in self.values

    def settles(self, code: str) -> bool:
        """Whether the table lists the code as one that is valid at any time."""
        value = self.values.get(code)
        return value is not None and value.valid_from is None and value.valid_to is None

    @property
    def dated(self) -> bool:
        """Whether a code of the table has a day on which it began or ended."""
        return any(value.valid_from or value.valid_to for value in self.values.values())

    def label(self, code: str) -> str:
        """The Chinese label of the code; the code itself where the table does not list it."""
        value = self.values.get(code)
        return value.zh if value else code


@cache
def table(name: str) -> CodeTable:
    """The code table of that name; KeyError where there is none."""
    file = DATA / f"{name}.json"
    if not file.is_file():
        raise KeyError(name)
    read: dict[str, Any] = orjson.loads(file.read_bytes())
    values = {row["code"]: CodeValue(**row | _validity(row)) for row in read.pop("values")}
    return CodeTable(name=name, values=values, **read)


def tables() -> tuple[str, ...]:
    """The names of all code tables, sorted."""
    return tuple(sorted(f.name.removesuffix(".json") for f in DATA.iterdir() if f.name.endswith(".json")))


def _validity(row: dict[str, Any]) -> dict[str, date]:
    return {key: date.fromisoformat(row[key]) for key in ("valid_from", "valid_to") if row[key]}
