"""GB/T 2260: the administrative divisions of China down to counties, those of the past too."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hub.schemas.codes.code_table import DATA

_COLLECTIVE = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Names that stand for several places and do not belong in the name of a place under them."""


@dataclass(frozen=True, slots=True)
class Region:
    """A province, prefecture or county.

    `valid_to` is the year in which the code ended, None while it is in use; `successor` is the code in use that took
    over most of it, None where there is none or several did.
    """

    code: str
    name: str
    full_name: str
    valid_to: int | None = None
    successor: str | None = None


@cache
def regions() -> Mapping[str, Region]:
    """Every region by its six-digit code: the codes in use and those that ended in 2000 or later."""
    text = (DATA / "regions.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    names = {row[0]: row[1] for row in rows}
    return {row[0]: Region(row[0], row[1], _full_name(row[0], names), *_end(row)) for row in rows}


def region_name(code: str) -> str:
    """The name with those of the regions above it, e.g. 福建省福州市 for 350100; KeyError for an unknown code."""
    return regions()[code].full_name


def superseded(code: str) -> bool:
    """Whether the code is known and no longer in use."""
    region = regions().get(code)
    return region is not None and region.valid_to is not None


def _full_name(code: str, names: Mapping[str, str]) -> str:
    name = names[code]
    city = names.get(code[:4] + "00", "") if code[4:] != "00" else ""
    province = names.get(code[:2] + "0000", "") if code[2:] != "0000" else ""
    if city in _COLLECTIVE:
        city = ""
    return province + city + name


def _end(row: list[str]) -> tuple[int | None, str | None]:
    return (int(row[2]), row[3] or None) if len(row) > 2 else (None, None)
