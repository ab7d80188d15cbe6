"""What the public sees of a version: one decision, taken once, at append."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import orjson
from pydantic.fields import FieldInfo

from hub.schemas.kind import Kind, Part, Scope, is_party_code, scope_of
from hub.schemas.types import is_id_number

ENVELOPE_HIDDEN = ("secrecy_review",)
"""Envelope fields that are for the government exchange only."""

MASK = "＊"


@dataclass(frozen=True, slots=True)
class Plan:
    """How to project objects of one class: which fields go, which are looked at, which hold further objects."""

    hidden: tuple[str, ...]
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
        hidden=hidden,
        masked=with_scope[Scope.MASKED],
        party_codes=tuple(n for n, i in fields.items() if is_party_code(i) and n not in hidden),
        nested=tuple((name, plan_of(part)) for name, part in inner if part is not None),
    )


WITHDRAWN_UNSEEN = b'"withheld":{"ground":"record_withheld","basis":[]}'
"""What the public sees of the withdrawal of a version that it did not see: not even the reason."""


def ground_of(kind: type[Kind], document: Mapping[str, Any]) -> str | None:
    """Why the public sees nothing of a submission, or None where it sees what `public_member` leaves.

    `on_request` is 依申请公开; `government_only` is a record whose SCOPE (公开范围) is not 1: its envelope, its attachments
    and its free texts would name whom its fields do not.
    """
    if document.get("disclosure") == "on_request":
        return "on_request"
    return "government_only" if _decides_itself(kind) and document["body"].get("scope") != "1" else None


@cache
def _decides_itself(kind: type[Kind]) -> bool:
    return any(scope_of(info) is Scope.PER_RECORD for info in kind.model_fields.values())


def public_member(kind: type[Kind], document: Mapping[str, Any]) -> bytes:
    """The JSON member that the public sees of a submission: its projected document, or why it is withheld.

    `document` is the submission as parsed JSON; it is not changed. Fields of government scope, withheld fields and
    natural persons' ID numbers are left out; a natural person's name keeps its first character.
    """
    if (ground := ground_of(kind, document)) is not None:
        withheld = {"ground": ground, "basis": document["legal_basis"]}
        return b'"withheld":' + orjson.dumps(withheld)
    shown = {name: value for name, value in document.items() if name not in ENVELOPE_HIDDEN}
    shown["body"] = _projected(plan_of(kind), document["body"])
    for withheld in document.get("withheld", ()):
        _remove(shown["body"], withheld["field"].split("/")[1:])
    return b'"document":' + orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)


def _projected(plan: Plan, body: Mapping[str, Any], natural: bool = False) -> dict[str, Any]:
    """The body as the public sees it; `natural` says that an object around it is about a natural person."""
    hidden = plan.hidden
    shown = {name: value for name, value in body.items() if name not in hidden}
    natural = natural or body.get("cf_xdr_lb") == "自然人"
    for name in plan.party_codes:
        value = shown.get(name)
        codes = value if isinstance(value, list) else (value,)
        bodies = [code for code in codes if code is not None and not is_id_number(code)]
        if value is not None and len(bodies) < len(codes):
            natural = True
            if isinstance(value, list):
                shown[name] = bodies
            else:
                del shown[name]
    if natural:
        for name in plan.masked:
            if isinstance(value := shown.get(name), str):
                shown[name] = value[:1] + MASK * (len(value) - 1)
    for name, inner in plan.nested:
        value = shown.get(name)
        if isinstance(value, list):
            shown[name] = [_projected(inner, item, natural) for item in value]
        elif isinstance(value, dict):
            shown[name] = _projected(inner, value, natural)
    return shown


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
