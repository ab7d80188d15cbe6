"""Citizens' ID numbers: they are checked, and never named, completed or repaired."""

from datetime import date
from re import compile as pattern
from re import sub
from typing import Annotated
from unicodedata import normalize

from hub.schemas.rules import Rule
from hub.schemas.types.check_characters import id_check
from hub.schemas.types.shape import Shape

ID_NUMBER = r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"

_ID_NUMBER = pattern(ID_NUMBER)
_BEGINNING = pattern(r"[0-9]{6}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
"""Region and date of birth: enough to know a person by, whatever follows."""

_LIKE = pattern(
    r"[0-9]{6}(?:18|19|20)[0-9]{6}[0-9]{0,4}[0-9A-Z]{0,2}"
    r"|[0-9]{4,8}(?:18|19|20)[0-9]{2}(?:0[0-9]|1[0-2])[0-3][0-9]{1,5}[0-9A-Z]?"
    r"|[0-9]{15}"
)

_WITHIN = pattern(r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx](?![0-9])")

ID_FORMAT = Rule(
    "id-number-format",
    "不是合法的公民身份号码（18 位，含出生日期）",
    "This is not an ID number: 18 characters with a date of birth.",
)
ID_CHECK = Rule(
    "id-number-check", "公民身份号码的校验码不符", "The check character of the ID number does not fit the rest."
)


def is_id_number(text: str) -> bool:
    """Whether the text, whatever its width, case and spaces, is a valid ID number of a citizen (GB 11643)."""
    # Nearly everything that is asked about is a code of an organisation: nothing of it has to be made plain.
    plain = text.upper() if len(text) <= 18 and text.isascii() else plain_code(text)
    return _ID_NUMBER.fullmatch(plain) is not None and _born(plain) and id_check(plain[:17]) == plain[17]


def is_like_id_number(text: str) -> bool:
    """Whether the text may be a mistyped ID number; deliberately generous, as it only silences what would help."""
    plain = plain_code(text)
    return _LIKE.fullmatch(plain) is not None or _BEGINNING.match(plain) is not None


def mentions_id_number(text: str) -> bool:
    """Whether a longer text has what may be an ID number in it."""
    return _WITHIN.search(normalize("NFKC", text)) is not None


def plain_code(text: str) -> str:
    """The code as its standard writes it: half-width, upper case, without spaces and hyphens."""
    return sub(r"[\s\u200b\ufeff‐-―-]", "", normalize("NFKC", text)).upper()


def check_id_number(text: str) -> str:
    """The ID number itself; raises a rule's error, which never names it, where its date or check character is wrong."""
    if not _born(text):
        raise ID_FORMAT()
    if id_check(text[:17]) != text[17]:
        raise ID_CHECK()
    return text


def _born(text: str) -> bool:
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return True


IdNumber = Annotated[
    str,
    Shape(f"^{ID_NUMBER}$", ID_FORMAT, check=check_id_number, shown={"minLength": 18, "maxLength": 18}),
]
"""A citizen's ID number (GB 11643): 18 characters."""
