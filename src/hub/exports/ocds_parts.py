"""The blocks of an OCDS release: organisations, values, periods, documents; None where the document does not say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from re import split
from typing import Any

from hub.schemas.types import is_id_number

Body = Mapping[str, Any]
Block = dict[str, Any]

CURRENCIES = {
    "156": "CNY",
    "344": "HKD",
    "392": "JPY",
    "410": "KRW",
    "446": "MOP",
    "826": "GBP",
    "840": "USD",
    "901": "TWD",
    "978": "EUR",
}
"""ISO 4217 letters of the numbers that GB/T 12406 has."""

TEN_THOUSAND = "1"
"""万元: the unit code of amounts in ten thousand."""

METHODS = {"1": "open", "2": "selective", "3": "limited", "4": "limited", "5": "direct", "6": "limited"}
"""OCDS `procurementMethod` by 采购方式; of 招标方式 the first two are the same."""


def filled(**members: Any) -> Block:
    """A block of the members that are there."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def value(amount: str | None, currency: str | None, unit: str | None, form: str | None = None) -> Block | None:
    """An OCDS value in whole units of its currency; None where the price is a rate or stands in words."""
    if amount is None or form not in (None, "1"):
        return None
    exact = Decimal(amount) * (10_000 if unit == TEN_THOUSAND else 1)
    number = int(exact) if exact == exact.to_integral_value() else float(exact)
    return filled(amount=number, currency=CURRENCIES.get(currency or "156")) | {"amount": number}


def period(start: str | None = None, end: str | None = None) -> Block | None:
    """An OCDS period; days become the midnight of Beijing that begins them."""
    return filled(startDate=instant(start), endDate=instant(end)) or None


def instant(moment: str | None) -> str | None:
    """A date or a moment as OCDS wants it, a date-time."""
    if moment is None or "T" in moment:
        return moment
    return f"{date.fromisoformat(moment).isoformat()}T00:00:00+08:00"


def document(kind: str, number: str, body: Body, title: str, published: str, url: str = "url") -> list[Block]:
    """The notice itself as a document, where it has an address; named members are fields of the body."""
    if not body.get(url):
        return []
    told = filled(title=body.get(title), url=body[url], datePublished=instant(body.get(published)), language="zh")
    return [{"id": number, "documentType": kind} | told]


def named(name: str | None, code: str | Sequence[str] | None) -> list[Block]:
    """References to the organisations that a pair of fields names: several codes, and names between semicolons."""
    codes = [code] if isinstance(code, str) else list(code or ())
    names = [one for one in split(r"[;；]", name or "") if one]
    if len(names) != len(codes):
        if not codes:
            return [{"id": identity(one, None), "name": one} for one in names]
        names = [name or one for one in codes]
    return [{"id": identity(one, code), "name": one} for one, code in zip(names, codes, strict=True)]


def identity(name: str, code: str | None) -> str:
    """The id of a party: its unified social credit code or organisation code, else a hash of its name."""
    if code and len(code) == 9:
        return f"CN-ORG-{code}"
    return f"CN-USCC-{code}" if code and not is_id_number(code) else f"CN-NAME-{sha256(name.encode()).hexdigest()[:16]}"


def party(
    references: Iterable[Block], *roles: str, address: str | None = None, contact: Block | None = None
) -> list[Block]:
    """The organisations as parties of the release in these roles."""
    return [
        {
            **one,
            "roles": list(roles),
            **filled(
                identifier=_identifier(one),
                address=filled(streetAddress=address),
                contactPoint=filled(**(contact or {})),
            ),
        }
        for one in references
    ]


def _identifier(reference: Block) -> Block | None:
    scheme, _, code = reference["id"].rpartition("-")
    if scheme == "CN-NAME":
        return None
    return {"scheme": scheme, "id": code, "legalName": reference["name"]}


def merged(parties: Iterable[Block]) -> list[Block]:
    """Each organisation once, with all its roles; what is said of it first stands."""
    known: dict[str, Block] = {}
    for one in parties:
        seen = known.setdefault(one["id"], {**one, "roles": []})
        seen["roles"] += [role for role in one["roles"] if role not in seen["roles"]]
        for name, told in one.items():
            seen.setdefault(name, told)
    return list(known.values())
