"""Codes of bodies and persons: USCC, organisation code, and what may stand for a party."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from re import compile as pattern
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.rules import Rule
from hub.schemas.types.check_characters import org_check, uscc_check
from hub.schemas.types.personal import is_id_number, is_like_id_number, plain_code
from hub.schemas.types.shape import Shape, shown_as

_C = "[0-9A-HJ-NPQRTUWXY]"
USCC = rf"{_C}{{2}}[0-9]{{6}}{_C}{{10}}"
_ORG = "[0-9A-Z]{8}[0-9X]"
_USCC_SHAPE = pattern(USCC)
_ORG_SHAPE = pattern(_ORG)
LOOKALIKES = str.maketrans("IOSZ", "1052")
"""Letters that a USCC never has, and the digits they are mistaken for; V has no such digit."""
_SWAPPED = str.maketrans("IO10", "10IO")
_LICENCE = pattern(r"[1-9][0-9]{14}")
_CENTURIES = ("18", "19", "20")
"""The seventh and eighth character of an ID number, which is not among the codes that are kept for the next time."""
_BORN_IN_19XX = pattern(r"[0-9]{6}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")


def repair_uscc(value: Any) -> str | None:
    """The USCC that the value is meant to be; None where that is not clear or where it may be an ID number."""
    if not isinstance(value, str) or is_like_id_number(value):
        return None
    plain = plain_code(value)
    if _USCC_SHAPE.fullmatch(plain):
        return plain[:17] + uscc_check(plain[:17])
    swapped = plain.translate(LOOKALIKES)
    fits = _USCC_SHAPE.fullmatch(swapped) and not is_like_id_number(swapped) and uscc_check(swapped[:17]) == swapped[17]
    return swapped if fits else None


def repair_org_code(value: Any) -> str | None:
    """The organisation code that the value is meant to be, e.g. without its hyphen or with 0 where O was read."""
    if not isinstance(value, str):
        return None
    plain = plain_code(value)
    if not _ORG_SHAPE.fullmatch(plain):
        return None
    if org_check(plain[:8]) == plain[8]:
        return plain
    meant = [code for code in _one_lookalike(plain) if org_check(code[:8]) == code[8]]
    return meant[0] if len(meant) == 1 else plain[:8] + org_check(plain[:8])


def _one_lookalike(code: str) -> Iterator[str]:
    """The code with one of its 0, 1, O and I as what it is mistaken for."""
    for place, character in enumerate(code):
        if (other := character.translate(_SWAPPED)) != character and place < 8:
            yield code[:place] + other + code[place + 1 :]


def repair_party_code(value: Any) -> str | None:
    """The USCC or organisation code that the value is meant to be; never an ID number."""
    if not isinstance(value, str) or is_like_id_number(value):
        return None
    return repair_org_code(value) if len(plain_code(value)) == 9 else repair_uscc(value)


USCC_FORMAT = Rule(
    "uscc-format",
    "统一社会信用代码须为 18 位：2 位数字或大写字母、6 位行政区划数字、10 位数字或大写字母",
    "A USCC has 18 characters: 2 digits or capitals, 6 digits of the region, 10 digits or capitals.",
    repair_uscc,
)
USCC_LETTER = Rule(
    "uscc-letter",
    "统一社会信用代码不含字母 I、O、S、V、Z",
    "A USCC never has the letters I, O, S, V and Z.",
    repair_uscc,
)
USCC_PERSONAL = Rule(
    "uscc-personal",
    "此处须填统一社会信用代码，所填内容疑似公民身份号码",
    "A USCC belongs here; this looks like a citizen's ID number.",
)
LICENCE_NUMBER = Rule(
    "uscc-licence-number",
    "所填为 15 位营业执照注册号，须填“三证合一”后的 18 位统一社会信用代码，可在国家企业信用信息公示系统查询",
    "This is a business licence number of 15 digits; the USCC of 18 characters that replaced it belongs here and is "
    "found in the national enterprise credit information publicity system.",
)
USCC_CHECK = Rule(
    "uscc-check",
    "统一社会信用代码的校验码应为 {right}，不是 {wrong}",
    "The check character should be {right}, not {wrong}.",
    repair_uscc,
)
ORG_FORMAT = Rule(
    "org-code-format",
    "组织机构代码须为 9 位：8 位数字或大写字母加 1 位校验码",
    "An organisation code has 9 characters: 8 digits or capitals and the check character.",
    repair_org_code,
)
ORG_CHECK = Rule(
    "org-code-check",
    "组织机构代码的校验码应为 {right}，不是 {wrong}",
    "The check character should be {right}, not {wrong}.",
    repair_org_code,
)
PARTY_FORMAT = Rule(
    "party-code-format",
    "须为统一社会信用代码（18 位）、组织机构代码（9 位）或公民身份号码（18 位）",
    "A party's code is a USCC (18 characters), an organisation code (9) or an ID number (18).",
    repair_party_code,
)
PARTY_CHECK = Rule(
    "party-code-check",
    "校验码不符：既不是合法的统一社会信用代码，也不是合法的公民身份号码",
    "The check character fits neither a USCC nor an ID number.",
)


def _is_licence_number(plain: str) -> bool:
    """Whether the code is a business licence number (工商行政管理市场主体注册号编制规则), and no ID number of 15 digits."""
    if not _LICENCE.fullmatch(plain) or _BORN_IN_19XX.fullmatch(plain):
        return False
    product = 10
    for digit in plain[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(plain[14])) % 10 == 1


def _why_uscc(text: str) -> PydanticCustomError:
    if _is_licence_number(plain_code(text)):
        return LICENCE_NUMBER()
    if is_like_id_number(text):
        return USCC_PERSONAL()
    plain = plain_code(text)
    if _USCC_SHAPE.fullmatch(plain):
        right = uscc_check(plain[:17])
        return USCC_FORMAT() if right == plain[17] else USCC_CHECK(right=right, wrong=plain[17])
    letters = len(plain) == 18 and plain.isascii() and plain.isalnum() and any(c in "IOSVZ" for c in plain)
    return USCC_LETTER() if letters else USCC_FORMAT()


def check_uscc(text: str) -> str:
    """The USCC itself; raises the error of the rule that it breaks (a ValueError)."""
    if not _USCC_SHAPE.fullmatch(text):
        raise _why_uscc(text)
    return _checked_uscc(text)


def _checking_uscc(personal: Rule) -> Callable[[str], str]:
    """A check that is made once for each code; `personal` is broken by a wrong one that looks like an ID number."""

    @lru_cache(maxsize=8192)
    def check(text: str) -> str:
        if (right := uscc_check(text[:17])) != text[17]:
            raise personal() if is_like_id_number(text) else USCC_CHECK(right=right, wrong=text[17])
        return text

    return check


_checked_uscc = _checking_uscc(USCC_PERSONAL)
_checked_party_uscc = _checking_uscc(PARTY_CHECK)


def _checked_org_code(text: str) -> str:
    if (right := org_check(text[:8])) != text[8]:
        raise ORG_CHECK(right=right, wrong=text[8])
    return text


def _why_org_code(text: str) -> PydanticCustomError:
    plain = plain_code(text)
    if _ORG_SHAPE.fullmatch(plain) and (right := org_check(plain[:8])) != plain[8]:
        return ORG_CHECK(right=right, wrong=plain[8])
    return ORG_FORMAT()


def _why_party_code(text: str) -> PydanticCustomError:
    if _is_licence_number(plain_code(text)):
        return LICENCE_NUMBER()
    if is_like_id_number(text):
        return PARTY_FORMAT()
    plain = plain_code(text)
    if len(plain) == 18:
        why = _why_uscc(text)
        return PARTY_FORMAT() if why.type == USCC_FORMAT.id else why
    return _why_org_code(text) if _ORG_SHAPE.fullmatch(plain) else PARTY_FORMAT()


def _why_licence_number(text: str) -> PydanticCustomError:
    # Whatever its check digit, fifteen digits in this field are the number of an old licence.
    return LICENCE_NUMBER() if _LICENCE.fullmatch(plain_code(text)) else _why_party_code(text)


def _checked_party_code(text: str) -> str:
    if len(text) == 9:
        return _checked_org_code(text)
    if text[6:8] in _CENTURIES and is_id_number(text):
        return text
    return _checked_party_uscc(text)


Uscc = Annotated[str, Shape(f"^{USCC}$", _why_uscc, check=_checked_uscc, shown=shown_as(18, "91350100M000100Y43"))]
"""统一社会信用代码 (GB 32100-2015): 18 characters, the last of them a check character."""

OrgCode = Annotated[str, Shape(f"^{_ORG}$", _why_org_code, check=_checked_org_code, shown=shown_as(9, "MA347WHE4"))]
"""组织机构代码 (GB 11714-1997): 9 characters, the last of them a check character."""

PartyCode = Annotated[
    str,
    Shape(
        rf"^(?:{_C}{{18}}|{_ORG})$",
        _why_party_code,
        check=_checked_party_code,
        shown={"minLength": 9, "maxLength": 18, "examples": ["91350100M000100Y43"]},
    ),
]
"""The code of a party: USCC, organisation code or, for a natural person, ID number."""

LicenceNumber = Annotated[
    str,
    Shape(
        # Not the pattern of a party code, letter for letter: what breaks it is told by the pattern.
        rf"^(?:{_ORG}|{_C}{{18}})$",
        _why_licence_number,
        check=_checked_party_code,
        shown={"minLength": 9, "maxLength": 18, "examples": ["91350100M000100Y43"]},
    ),
]
"""营业执照号码: a party code; the 15 digits of a licence from before 2015 are refused by their own rule."""

PartyCodes = Annotated[list[PartyCode], Field(min_length=1, max_length=100)]
