"""Repairs: the values that would be right where a rule is broken, and the document that has them."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from re import fullmatch
from typing import Any
from unicodedata import normalize

from pydantic import TypeAdapter, ValidationError

from hub.problems import Fault
from hub.schemas.common_rules import TEN_THOUSAND_YUAN, YUAN, unit_fields
from hub.schemas.places import ABSENT, Place, Tokens, locate, pointer_to, sent_name, tokens_of
from hub.schemas.rules import Rule, Ruled
from hub.schemas.types.coded import CODE_UNKNOWN, repair_code
from hub.schemas.types.numbers import AMOUNT, plain_amount, repair_amount
from hub.schemas.types.parties import ORG_CHECK, ORG_FORMAT, USCC_CHECK, USCC_FORMAT, USCC_LETTER
from hub.schemas.types.personal import is_like_id_number, mentions_id_number
from hub.schemas.types.projects import DEAL_CHECK, DEAL_FORMAT
from hub.schemas.units import IN_YUAN, OF_CODE, unit_beside, unit_in_title
from hub.schemas.wire_rules import WRONG_TYPE, converted

REPAIRS = "repairs"
"""The member of an error's context that has the values of several fields, by their names beside the fault's place."""

OF_CODES = frozenset({USCC_FORMAT, USCC_LETTER, USCC_CHECK, ORG_FORMAT, ORG_CHECK, DEAL_FORMAT, DEAL_CHECK})
"""Rules of codes that name a body or a deal and no person: their repair is shown wherever the code stands."""

_SCALED = r"¥?\+?(-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+))(\.[0-9]+)?([亿万]?)元整?"


def repair_of(place: Place, broken: Rule, context: Mapping[str, Any]) -> object:
    """The value that would be right at the place: only one that the field takes, and never an ID number."""
    if place.hidden and broken not in OF_CODES:
        return None
    for proposed in _proposals(place, broken, context):
        if proposed is not None and proposed != place.value and not _personal(proposed) and _taken(place, proposed):
            return proposed
    return None


def repairs_of(
    model: type[Ruled], document: object, place: Place, broken: Rule, context: Mapping[str, Any]
) -> dict[str, object] | None:
    """The values that would be right together, by pointer: all of them may be shown and taken, or there are none."""
    around = place.tokens[:-1]
    proposed: Mapping[str, object] = context.get(REPAIRS) or {}
    if not proposed and broken is AMOUNT:
        proposed = dict(_with_its_unit(place))
    places = {name: locate(model, document, (*around, *name.split("/"))) for name in proposed}
    for name, target in places.items():
        if target.hidden or _personal(proposed[name]) or not _taken(target, proposed[name]):
            return None
    return {pointer_to((*around, *name.split("/"))): value for name, value in proposed.items()} or None


def repaired(document: Mapping[str, Any], faults: Sequence[Fault]) -> dict[str, Any] | None:
    """The document with every repair of the faults; None where none of them has any. `document` is not changed."""
    changes = [(fault.pointer, fault.repair) for fault in faults if fault.repair is not None]
    changes += [change for fault in faults for change in (fault.repairs or {}).items()]
    if not changes:
        return None
    mended = deepcopy(dict(document))
    for pointer, value in changes:
        put(mended, tokens_of(pointer), value)
    return mended


def put(document: Any, tokens: Tokens, value: object) -> None:
    """Put a value at a place whose object or list is there; `ABSENT` takes out what stands there."""
    *way, last = tokens
    for step in way:
        document = document[int(step)] if isinstance(document, list) else document[step]
    at: Any = int(last) if isinstance(document, list) else last
    if value is ABSENT:
        del document[at]
    else:
        document[at] = value


def _proposals(place: Place, broken: Rule, context: Mapping[str, Any]) -> Iterator[object]:
    if broken is CODE_UNKNOWN:
        yield repair_code(context["table"], place.value)
    elif broken is WRONG_TYPE:
        yield from converted(place.value)
    elif broken is AMOUNT:
        yield _in_its_unit(place)
    elif broken.repair:
        yield broken.repair(place.value)


def _in_its_unit(place: Place) -> str | None:
    """The amount that was sent, in the unit of the field where the amount itself says 元, 万元 or 亿元."""
    unit = _unit(place)
    if unit is None:
        return plain_amount(place.value)
    if scaled := _scaled(place.value):
        number, scale = scaled
        return _plain(number * scale / unit)
    return repair_amount(place.value) if unit == 1 else plain_amount(place.value)


def _unit(place: Place) -> Decimal | None:
    """The unit of the amount in yuan; None where neither its title nor a field beside it says which that is."""
    name = place.tokens[-1]
    info = next((info for field, info in place.owner.model_fields.items() if sent_name(field, info) == name), None)
    if info is not None and (in_title := unit_in_title(info)) is not None:
        return in_title
    beside = unit_beside(place.owner, name)
    code = place.beside.get(beside) if beside else None
    return OF_CODE.get(code) if isinstance(code, str) else None


def _with_its_unit(place: Place) -> Iterator[tuple[str, object]]:
    """The amount and the unit that the amount says, where no unit stands beside it."""
    unit = unit_fields(place.owner).get(place.tokens[-1])
    scaled = _scaled(place.value)
    if unit and scaled and place.beside.get(unit) is None:
        number, scale = scaled
        chosen = YUAN if scale == 1 else TEN_THOUSAND_YUAN
        yield place.tokens[-1], _plain(number * scale / OF_CODE[chosen])
        yield unit, chosen


def _scaled(value: object) -> tuple[Decimal, Decimal] | None:
    """The number and the scale of an amount that says its unit, e.g. 143.6 and 10 000 of `143.6万元`."""
    plain = "".join(normalize("NFKC", value).split()) if isinstance(value, str) and len(value) < 60 else ""
    found = fullmatch(_SCALED, plain)
    if found is None:
        return None
    return Decimal(found[1].replace(",", "") + (found[2] or "")), IN_YUAN[found[3]]


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _personal(value: object) -> bool:
    if isinstance(value, list):
        return any(_personal(item) for item in value)
    return isinstance(value, str) and (is_like_id_number(value) or mentions_id_number(value))


def _taken(place: Place, proposed: object) -> bool:
    try:
        TypeAdapter(place.annotation).validate_python(proposed)
    except ValidationError:
        return False
    return True
