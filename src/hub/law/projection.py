"""What the public sees of a version: one decision, taken once, at append."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from re import sub
from typing import Any, Literal, NamedTuple, get_args

import orjson
from pydantic.fields import FieldInfo

from hub.law.parties import parties_of
from hub.law.personal_numbers import MASK, suspicious
from hub.law.text_scan import scanned
from hub.moments import LAST, iso, micros, now
from hub.problems import Fault
from hub.schemas.kind import Kind, Part, Scope, is_party_code, scope_of
from hub.schemas.types import Code, is_id_number

ENVELOPE_HIDDEN = ("secrecy_review",)
"""Envelope fields that are for the government exchange only."""

NATURAL = "自然人"

UNTIL_OPENED = ("attachments", "change")
"""Envelope fields that are left out until the opening: their free text and their files would say who bids."""


class Projection(NamedTuple):
    """What the public sees of a submission, and from when.

    `public` is a JSON member, `"document":{…}` or `"withheld":{…}`. Where fields are sealed until an opening, `public`
    is without them and has the member `"opens_at"` beside the document, and `opened` is the member with them, which
    stands from `opens_at` (microseconds UTC) on. `told` are warnings for the sender. `parties` are the codes of the
    organisations that `public` names.
    """

    public: bytes
    opened: bytes | None = None
    opens_at: int | None = None
    state: Literal["published", "withheld"] = "published"
    told: Sequence[Fault] = ()
    parties: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """How to project objects of one class: which fields go, which are looked at, which hold further objects."""

    natural: bool
    classes: tuple[str, ...]
    """The fields that say 自然人 where the object is about a natural person (行政相对人类别)."""
    hidden: tuple[str, ...]
    sealed: tuple[str, ...]
    masked: tuple[str, ...]
    party_codes: tuple[str, ...]
    nested: tuple[tuple[str, "Plan"], ...]


@cache
def plan_of(model: type[Part] | type[Kind]) -> Plan:
    """The projection plan of a payload class, from its field scopes."""
    fields = model.model_fields
    with_scope = {scope: tuple(n for n, i in fields.items() if scope_of(i) is scope) for scope in Scope}
    hidden = with_scope[Scope.GOVERNMENT]
    inner = ((name, _part_of(info)) for name, info in fields.items() if name not in hidden)
    return Plan(
        natural=model.natural_person,
        classes=tuple(n for n, i in fields.items() if Code("counterpart_class") in i.metadata),
        hidden=hidden,
        sealed=hidden + with_scope[Scope.OPENED],
        masked=with_scope[Scope.MASKED],
        party_codes=tuple(n for n, i in fields.items() if is_party_code(i) and n not in hidden),
        nested=tuple((name, plan_of(part)) for name, part in inner if part is not None),
    )


WITHDRAWN_UNSEEN = b'"withheld":{"ground":"record_withheld","basis":[]}'
"""What the public sees of the withdrawal of a version that it did not see: not even the reason."""


def projected(
    kind: type[Kind], document: Mapping[str, Any], at: int | None = None, body: bytes | None = None
) -> Projection:
    """What the public sees of a submission that is appended at the moment `at` (microseconds UTC), by default now.

    `document` is the submission as parsed JSON, of the edition `kind`; it is not changed. `body` is its body as
    canonical JSON, for who has it: mostly the public sees all of it. Fields of government scope,
    withheld fields and ID numbers are left out; of a natural person's name the first character is shown.
    """
    if (ground := _ground_of(kind, document)) is not None:
        why, told = scanned(None, {"legal_basis": document["legal_basis"]})
        withheld = {"ground": ground, "basis": why["legal_basis"]}
        return Projection(b'"withheld":' + orjson.dumps(withheld), state="withheld", told=told)
    shown = _shown(kind, document, sealed=False)
    opened, told = _member(kind, shown, body if shown["body"] is document["body"] else None)
    open_to_all = Projection(opened, told=told, parties=parties_of(kind, shown["body"]))
    if kind.opening is None:
        return open_to_all
    opening = document["body"].get(kind.opening)
    opens_at = None if opening is None else min(micros(datetime.fromisoformat(opening)), LAST)
    if opens_at is not None and opens_at <= (now() if at is None else at):
        return open_to_all
    shown = _shown(kind, document, sealed=True)
    sealed, _ = _member(kind, shown)
    named = parties_of(kind, shown["body"])
    if opens_at is None:  # Nobody says when; the public is not to see it before.
        return Projection(sealed, told=told, parties=named)
    member = sealed + b',"opens_at":"%b"' % iso(opens_at).encode()
    return Projection(member, opened, opens_at, told=told, parties=named)


def withdrawal_member(document: Mapping[str, Any]) -> bytes:
    """The JSON member that the public sees of a withdrawal, `{"kind", "data_key", "withdrawal": {…}}`."""
    return _member(None, document)[0]


def _member(kind: type[Kind] | None, shown: Mapping[str, Any], body: bytes | None = None) -> tuple[bytes, list[Fault]]:
    told: list[Fault] = []
    whole = shown if body is None else {**shown, "body": orjson.Fragment(body)}
    raw = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
    if suspicious(raw):
        cleaned, told = scanned(kind, shown)
        raw = orjson.dumps(cleaned, option=orjson.OPT_SORT_KEYS)
    return b'"document":' + raw, told


def _shown(kind: type[Kind], document: Mapping[str, Any], *, sealed: bool) -> dict[str, Any]:
    """The submission as the public sees it before the opening (`sealed`) or after it."""
    left_out = ENVELOPE_HIDDEN + UNTIL_OPENED if sealed else ENVELOPE_HIDDEN
    shown = dict(document)
    for name in left_out:
        shown.pop(name, None)
    shown["body"] = _projected(plan_of(kind), document["body"], sealed)
    if withheld := document.get("withheld"):
        shown["body"] = deepcopy(shown["body"])
        for one in withheld:
            _remove(shown["body"], one["field"].split("/")[1:])
    return shown


def _ground_of(kind: type[Kind], document: Mapping[str, Any]) -> str | None:
    """Why the public sees nothing of a submission, or None where it sees what `projected` leaves.

    `on_request` is 依申请公开; what is 不予公开 says itself on which ground; `government_only` is a kind for the government exchange alone, or a record whose SCOPE
    (公开范围) is not 1: its envelope, its attachments and its free texts would name whom its fields do not.
    """
    if kind.government_only:
        return "government_only"
    if document.get("disclosure") == "on_request":
        return "on_request"
    if (ground := document.get("withhold_ground")) is not None:
        return str(ground)
    return "government_only" if _decides_itself(kind) and document["body"].get("scope") != "1" else None


@cache
def _decides_itself(kind: type[Kind]) -> bool:
    return any(scope_of(info) is Scope.PER_RECORD for info in kind.model_fields.values())


def _projected(plan: Plan, body: Mapping[str, Any], sealed: bool, natural: bool = False) -> Mapping[str, Any]:
    """The body as the public sees it, `body` itself where that is all of it.

    `natural` says that an object around it is about a natural person.
    """
    changed: dict[str, Any] = {}
    gone = [name for name in (plan.sealed if sealed else plan.hidden) if name in body]
    natural = natural or plan.natural or any(body.get(name) == NATURAL for name in plan.classes)
    for name in plan.party_codes:
        if (value := body.get(name)) is None:  # One that is still sealed tells as much.
            continue
        codes = value if isinstance(value, list) else (value,)
        bodies = [code for code in codes if not is_id_number(code)]
        if len(bodies) < len(codes):
            natural = True
            if isinstance(value, list):
                changed[name] = bodies
            else:
                gone.append(name)
    if natural:
        for name in plan.masked:
            if name in body:
                if (masked := _masked(changed.get(name, body[name]))) is None:
                    gone.append(name)
                else:
                    changed[name] = masked
    for name, inner in plan.nested:
        value = changed.get(name, body.get(name))
        if isinstance(value, list):
            items = [_projected(inner, item, sealed, natural) for item in value]
            if any(new is not old for new, old in zip(items, value, strict=True)):
                changed[name] = items
        elif isinstance(value, dict) and (shown := _projected(inner, value, sealed, natural)) is not value:
            changed[name] = shown
    if not gone and not changed:
        return body
    shown = {**body, **changed}
    for name in gone:
        shown.pop(name, None)
    return shown


def _masked(value: Any) -> Any:
    """The first character of each name, also of a list or joined by semicolons; None for what is no text."""
    if isinstance(value, list):
        return [masked for item in value if (masked := _masked(item)) is not None]
    if not isinstance(value, str):
        return None
    return sub(r"([^;；])([^;；]*)", lambda name: name[1] + MASK * len(name[2]), value)


def _remove(shown: Any, path: Sequence[str]) -> None:
    """Take a withheld field out, in every item where the path names no index; the envelope still says that it is.

    What a path names only a part of goes as a whole where the part cannot be told: better less than too much.
    """
    step, rest = path[0], path[1:]
    if isinstance(shown, list):
        for item in shown[int(step) : int(step) + 1] if step.isdigit() else shown:
            if not step.isdigit():
                _remove(item, path)
            elif rest:
                _remove(item, rest)
            else:
                item.clear()  # Its place is kept: other paths count on it.
    else:
        inner = shown.get(step)
        holds_objects = isinstance(inner, dict) or (
            isinstance(inner, list) and any(isinstance(item, dict) for item in inner)
        )
        if rest and holds_objects:
            _remove(inner, rest)
        else:
            shown.pop(step, None)


def _part_of(info: FieldInfo) -> type[Part] | None:
    """The Part class inside `X`, `X | None` or `list[X]`."""
    pending: list[Any] = [info.annotation]
    while pending:
        current = pending.pop()
        if isinstance(current, type) and issubclass(current, Part):
            return current
        pending.extend(get_args(current))
    return None
