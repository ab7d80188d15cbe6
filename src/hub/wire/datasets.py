"""Which kind an envelope is about: by its DATA_NO, or by its DATA_EN where it has no number."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from hub.schemas.kind import Kind, kinds

TOLD_APART: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "503": ("BULLETIN_TYPE", {"2": "prequalification_notice"}, "tender_notice"),
}
"""Datasets of several kinds: the element that tells them apart, the kind by its value, and the kind otherwise."""

MISSPELT_NAMES = {
    "TRANSFER_ENTE_SHAREHOLDER": "TRANSFER_ENTE_HAREHOLDER",
    "QUALI_PERSON_PERFORMANCE": "QUALI_PERSON_PERFORME",
}
"""Correctly spelt DATA_EN, and what the specification writes."""


def numbers_of(kind: type[Kind]) -> tuple[str, ...]:
    """The DATA_NOs of a kind as they stand in an envelope, the one that is written first."""
    return tuple(str(no) for no in (kind.dataset, *kind.other_datasets) if no is not None)


def kind_of(title: Mapping[str, Any], context: Mapping[str, Any], hint: str | None) -> str:
    """The name of the kind that an envelope is about; of several kinds `hint`, where it is one of them.

    Where there is none, it is the DATA_NO or DATA_EN itself, so that what is wrong can be told.
    """
    number, name = str(title.get("DATA_NO") or "").strip(), str(title.get("DATA_EN") or "").strip()
    found = _by_number().get(number, ()) if number else _by_name().get(MISSPELT_NAMES.get(name, name), ())
    if hint is not None and hint in found:
        return hint
    if len(found) > 1 and number in TOLD_APART:
        element, by_value, otherwise = TOLD_APART[number]
        return by_value.get(context.get(element, ""), otherwise)
    return found[0] if found else number or name


@cache
def _by_number() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, kind in kinds().items():
        for number in numbers_of(kind):
            found[number] = (*found.get(number, ()), name)
    return found


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, kind in kinds().items():
        for written in {kind.dataset_name or name.upper(), name.upper()}:
            found[written] = (*found.get(written, ()), name)
    return found
