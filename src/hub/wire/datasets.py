"""Which kind an envelope is about: by its DATA_NO, or by its DATA_EN where it has no number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hub.schemas.kind import Kind, kinds

TOLD_APART: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "503": ("BULLETIN_TYPE", {"2": "prequalification_notice"}, "tender_notice"),
}
"""Datasets of several kinds: the element that tells them apart, the kind by its value, and the kind otherwise."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One dataset of a kind that has several: DATA_NO and DATA_EN, the fields that it goes with, its own element names."""

    number: int
    name: str
    fields: Mapping[str, str]
    renamed: Mapping[str, str] = field(default_factory=dict)


_EXPLORATION, _MINING = {"right_type": "exploration"}, {"right_type": "mining"}
_OIL_GAS, _NO_OIL_GAS = {"is_oil_gas": "1"}, {"is_oil_gas": "0"}
_OF_A_MINE = {
    "NA_ITEM_NAME": "NA_MINE_NAME",
    "QT_PERAMBULATE_MINE": "QT_MAIN_MINE",
    "QT_TOTAL_AREA": "QT_DIGINGS_AREA",
}

BRANCHES: Mapping[str, tuple[Branch, ...]] = {
    "mining_transfer_announcement": (
        Branch(650, "EXPLOR_BID_AUCTION_TRANS_ANN", _EXPLORATION),
        Branch(651, "MINING_BID_AUCTION_TRANS_ANN", _MINING),
    ),
    "mining_transfer_result": (
        Branch(652, "EXPLOR_BID_AUC_TRANS_RES_ANN", _EXPLORATION),
        Branch(653, "MINING_BID_AUC_TRANS_RES_ANN", _MINING),
    ),
    "mining_other_mode_publicity": (
        Branch(654, "EXPLOR_TRANS_PUB_INFO", _EXPLORATION),
        Branch(655, "MINING_TRANS_PUB_INFO", _MINING),
    ),
    "mining_registration_result": (
        Branch(657, "NON_OIL_GAS_EXPLOR_REG_ANN", _EXPLORATION | _NO_OIL_GAS),
        Branch(658, "NON_OIL_GAS_MINING_REG_ANN", _MINING | _NO_OIL_GAS, _OF_A_MINE),
        Branch(659, "OIL_GAS_EXPLOR_REG_ANN", _EXPLORATION | _OIL_GAS),
        Branch(660, "OIL_GAS_MINING_REG_ANN", _MINING | _OIL_GAS),
    ),
}
"""The datasets of kinds that have one for each branch of the trade; which one a record belongs to, its fields say."""

MISSPELT_NAMES = {
    "TRANSFER_ENTE_SHAREHOLDER": "TRANSFER_ENTE_HAREHOLDER",
    "QUALI_PERSON_PERFORMANCE": "QUALI_PERSON_PERFORME",
}
"""Correctly spelt DATA_EN, and what the specification writes."""


def branch_of(kind: type[Kind], body: Mapping[str, Any]) -> Branch | None:
    """The dataset of a payload, whose number, name and elements are not those of the kind; None where they are."""
    branches = BRANCHES.get(kind.name(), ())
    found = (one for one in branches if all(body.get(name) == value for name, value in one.fields.items()))
    return next(found, None)


def told_by(title: Mapping[str, Any]) -> Mapping[str, str]:
    """The fields that a DATA_NO says by itself."""
    number = str(title.get("DATA_NO") or "").strip()
    return next((one.fields for all_of in BRANCHES.values() for one in all_of if str(one.number) == number), {})


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
        return by_value.get(str(context.get(element)), otherwise)
    return found[0] if found else number or name


@cache
def _by_number() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, kind in kinds().items():
        for number in (kind.dataset, *kind.other_datasets):
            if number is not None:
                found[str(number)] = (*found.get(str(number), ()), name)
    return found


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, kind in kinds().items():
        for written in {kind.dataset_name or name.upper(), name.upper()}:
            found[written] = (*found.get(written, ()), name)
    return found
