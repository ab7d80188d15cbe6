"""The scan of what the public is shown: personal numbers are masked wherever people wrote them, and the sender is told."""

from collections.abc import Iterator, Mapping
from functools import cache
from re import compile as pattern
from typing import Any, get_args

from hub.law.personal_numbers import MASK, Number, masked, mobiles
from hub.problems import Fault
from hub.schemas.kind import Kind, Part
from hub.schemas.places import field_annotation, pointer_to
from hub.schemas.rules import Rule
from hub.schemas.types import Str, Text
from hub.schemas.types.shape import Shape

RULE_OF = {
    Number.ID: Rule(
        "text-id-number",
        "内容中有公民身份号码，公开时已隐去；请勿在公开内容中填写",
        "there is a citizen's ID number; it is not shown to the public, please leave it out",
    ),
    Number.MOBILE: Rule(
        "text-mobile",
        "文字内容中有手机号码，公开时已隐去；业务联系电话请填入相应的联系方式字段",
        "there is a mobile number in the text; it is masked for the public, business contacts have fields of their own",
    ),
    Number.BANK_CARD: Rule(
        "text-bank-card",
        "文字内容中有银行卡号，公开时已隐去；请勿在公开内容中填写",
        "there is a bank card number in the text; it is masked for the public, please leave it out",
    ),
}

Fields = Mapping[str, Any]
"""Which members of an object are looked at how: True for free text, False for what is left alone, `CONTACTS`, further
`Fields` for objects. Any other text is looked at for ID numbers only."""

CONTACTS = "contacts"
"""How a field for business contacts is looked at: for ID numbers only, and its mobile numbers may stand elsewhere too."""

LONG = 200
"""A field that takes more characters than this is free text."""

_OF_CONTACTS = pattern("联系|电话|渠道")
"""In its title these say of a field, however long, that it is for business contacts, which the public needs."""

_ENVELOPE: Fields = {
    # They name the record, and stand in its header too.
    "data_key": False,
    "kind": False,
    # A USCC that was checked: a body must not go unnamed because the digits of its code might be a person's as well.
    "discloser": {"code": False},
    "change": {"reason": True, "of": True},
    "withheld": {"basis": True},
    "attachments": {"name": True},
    "legal_basis": True,
    "withdrawal": {"reason": True, "legal_basis": True},
}


def scanned(kind: type[Kind] | None, shown: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """What is shown of a submission, or of a withdrawal (`kind` None), without such numbers, and a warning for each.

    An ID number is masked in every text, and left out of the body where it is all that a field says. Mobile and bank
    card numbers are masked in free text: fields of the body without a limit of length or with one of over 200
    characters that are not for contacts, reasons, bases and names of attachments. A mobile number that a field for
    contacts shows as well is a business contact and stays.
    """
    fields = _ENVELOPE if kind is None else {**_ENVELOPE, "body": _fields_of(kind)}
    scan = _Scan(mobiles("\n".join(_contacts(shown, fields))))
    cleaned: dict[str, Any] = scan.look(shown, fields, ())
    return cleaned, scan.told


class _Scan:
    def __init__(self, contacts: set[str]) -> None:
        self._contacts = contacts
        self.told: list[Fault] = []

    def look(self, value: Any, how: Any, tokens: tuple[str, ...]) -> Any:
        """The value without personal numbers; None where it is nothing but an ID number in the body."""
        if how is False:
            return value
        if isinstance(value, str):
            return self._text(value, how, tokens)
        if isinstance(value, list):
            items = (self.look(item, how, (*tokens, str(index))) for index, item in enumerate(value))
            return [item for item in items if item is not None]
        if isinstance(value, dict):
            inner = how if isinstance(how, Mapping) else {}
            members = {name: self.look(item, inner.get(name), (*tokens, name)) for name, item in value.items()}
            return {name: item for name, item in members.items() if item is not None}
        return value

    def _text(self, text: str, how: Any, tokens: tuple[str, ...]) -> str | None:
        cleaned, found = masked(text, only_id=how is not True, contacts=self._contacts)
        if not found:
            return text
        for what in sorted(found, key=lambda number: number.value):
            broken = RULE_OF[what]
            self.told.append(Fault(pointer_to(tokens), broken.id, broken.zh, broken.en))
        whole = Number.ID in found and tokens[0] == "body" and not cleaned.strip().strip(MASK)
        return None if whole else cleaned


def _contacts(value: Any, how: Any) -> Iterator[str]:
    """The texts of the fields for contacts."""
    if isinstance(value, str) and how == CONTACTS:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _contacts(item, how)
    elif isinstance(value, dict) and isinstance(how, Mapping):
        for name, item in value.items():
            yield from _contacts(item, how.get(name))


@cache
def _fields_of(model: type[Kind] | type[Part]) -> Fields:
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        marks = list(_leaves(field_annotation(info)))
        part = next((mark for mark in marks if isinstance(mark, type) and issubclass(mark, Part)), None)
        if part is not None:
            found[name] = _fields_of(part)
        elif _OF_CONTACTS.search(info.title or ""):
            found[name] = CONTACTS
        elif any(map(_is_free, marks)):
            found[name] = True
    return found


def _leaves(annotation: Any) -> Iterator[Any]:
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for part in inner:
        yield from _leaves(part)


_LINES: Shape = get_args(Text)[1]


def _is_free(mark: Any) -> bool:
    if not isinstance(mark, Shape):
        return False
    return mark is _LINES or (mark.pattern == Str(1).pattern and (mark.max_length or 0) > LONG)
