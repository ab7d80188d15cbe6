"""Advice about the parties of a record: a code that cannot be its name's, and sides that are the wrong way round."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from pydantic.fields import FieldInfo

from hub.problems import Fault
from hub.schemas.kind import Kind, Scope, is_party_code, scope_of
from hub.schemas.rules import Rule
from hub.schemas.submission import Submission
from hub.schemas.types import Uscc
from hub.schemas.types.personal import is_like_id_number

PARTY_CODE_CLASS = Rule(
    "party-code-class",
    "名称为公司，统一社会信用代码却属机构编制部门赋码（以 1 开头），请核对 {code} 是否为该单位的代码",
    "A company has no code that begins with 1, which is for public bodies; check whether `{code}` is its own.",
)
PARTY_CODES_SWAPPED = Rule(
    "party-codes-swapped",
    "{code} 与 {other} 疑似填反：公司填了机关、事业单位的代码，另一方填了企业的代码",
    "`{code}` and `{other}` seem to be swapped: the company has the code of a public body, the other party that of a "
    "company.",
)
ONE_ON_BOTH_SIDES = Rule(
    "one-on-both-sides",
    "与 {own} 相同，交易双方不应为同一单位，请核对",
    "the same as `{own}`: nobody deals with themselves, please check",
)
SIDES_SWAPPED = Rule(
    "sides-swapped",
    "交易双方疑似填反：公开主体应为 {own} 一方，所填却是本方",
    "The two sides seem to be swapped: the discloser stands here, but is the side of `{own}`.",
)

COMPANY = ("公司", "合伙）", "合伙)")
_USCC = get_args(Uscc)[1]
_PUBLIC_BODY, _COMPANY = "1", "9"
"""The first character of a USCC: who gave it (GB 32100)."""
_FURTHER_CODES = {"tenderer_name": "tender_code"}
"""Codes that the specification does not name after their name."""
_DISCLOSING = ("tenderer_name", "purchaser_name", "transferor_name")
"""The side that brings the deal about and discloses it."""
_OTHER_SIDE = ("supplier_name", "win_bidder_name", "winningbidder_name", "bidder_name", "transferee_name")


@dataclass(frozen=True, slots=True)
class _Parties:
    """The fields of a kind that name its parties: names with their codes, and the two sides of a deal."""

    pairs: tuple[tuple[str, str], ...]
    sides: tuple[str, str] | None


def party_advice(submission: Submission) -> Iterator[Fault]:
    """A warning for each pair of a name and a code, and for the two sides, where they contradict each other.

    A repair is given where two independent facts prove it: codes are swapped only where both change their class, sides
    only where the discloser, who tenders, buys or transfers, stands on the other one.
    """
    body = submission.body
    parties = _parties(type(body))
    for name, code in parties.pairs:
        told = getattr(body, name)
        if told and told.endswith(COMPANY) and _is_of(_PUBLIC_BODY, getattr(body, code)):
            yield _wrong_class(body, code, parties.pairs)
    if parties.sides is not None:
        yield from _sides(submission, *parties.sides)


def _wrong_class(body: Kind, code: str, pairs: tuple[tuple[str, str], ...]) -> Fault:
    for name, other in pairs:
        told, given = getattr(body, name), getattr(body, other)
        one_sort = type(given) is type(getattr(body, code))
        if other != code and told and not told.endswith(COMPANY) and _is_of(_COMPANY, given) and one_sort:
            return _fault(PARTY_CODES_SWAPPED, code, _swapped(body, (code, other)), code=code, other=other)
    return _fault(PARTY_CODE_CLASS, code, {}, code=code)


def _sides(submission: Submission, own: str, other: str) -> Iterator[Fault]:
    body, discloser = submission.body, submission.discloser
    mine, theirs = getattr(body, own), getattr(body, other)
    if mine and mine == theirs:
        yield _fault(ONE_ON_BOTH_SIDES, other, {}, own=own)
    elif theirs and discloser.name == theirs:
        codes = [code for name, code in _parties(type(body)).pairs if name in (own, other)]
        alike = len(codes) == 2 and type(getattr(body, codes[0])) is type(getattr(body, codes[1]))
        known = mine and (alike or not codes)
        repairs = _swapped(body, (own, other), *([(codes[0], codes[1])] if alike else [])) if known else {}
        yield _fault(SIDES_SWAPPED, other, repairs, own=own)


def _swapped(body: Kind, *pairs: tuple[str, str]) -> dict[str, object]:
    """The values of the fields of each pair the other way round; none where one of them is not for everyone's eyes."""
    for name in (name for pair in pairs for name in pair):
        value = getattr(body, name)
        personal = any(is_like_id_number(text) for text in (value if isinstance(value, list) else [value]))
        if scope_of(type(body).model_fields[name]) is not Scope.PUBLIC or personal:
            return {}
    swapped: dict[str, object] = {}
    for one, other in pairs:
        swapped |= {f"/body/{one}": getattr(body, other), f"/body/{other}": getattr(body, one)}
    return swapped


def _fault(broken: Rule, at: str, repairs: dict[str, object], **context: str) -> Fault:
    zh, en = broken.zh.format_map(context), broken.en.format_map(context)
    return Fault(f"/body/{at}", broken.id, zh, en, repairs=repairs or None)


def _is_of(first: str, code: Any) -> bool:
    """Whether the code is a USCC with this first character; False for several codes, for none and for what is no USCC."""
    if isinstance(code, list):
        code = code[0] if len(code) == 1 else None
    return code is not None and len(code) == 18 and code[0] == first and not is_like_id_number(code)


@cache
def _parties(kind: type[Kind]) -> _Parties:
    known = kind.model_fields
    pairs = [
        (name, code)
        for name in known
        if name.endswith("_name")
        for code in (name.removesuffix("_name") + "_code", _FURTHER_CODES.get(name))
        if code in known and code is not None and _names_a_party(known[code])
    ]
    one, other = (next((name for name in names if name in known), None) for names in (_DISCLOSING, _OTHER_SIDE))
    return _Parties(tuple(pairs), (one, other) if one and other else None)


def _names_a_party(info: FieldInfo) -> bool:
    inner = (mark for part in get_args(info.annotation) for mark in getattr(part, "__metadata__", ()))
    return is_party_code(info) or any(mark is _USCC for mark in (*info.metadata, *inner))
