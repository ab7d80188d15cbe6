"""Numbers by which a person is known or paid: citizens' ID numbers, mobile and bank card numbers in running text."""

from collections.abc import Callable, Container
from enum import Enum
from re import Match
from re import compile as pattern

from hub.schemas.codes import regions
from hub.schemas.types import is_id_number

MASK = "＊"
"""Stands for each character of a masked number, its spaces and hyphens too: the text keeps its length."""


class Number(Enum):
    """What a number is."""

    ID = "id"
    BANK_CARD = "bank_card"
    MOBILE = "mobile"


_ID = pattern(
    r"(?<![0-9])[1-9][0-9]{5}"
    r"(?:(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]|[ -](?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][ -])"
    r"[0-9]{3}[0-9Xx](?![0-9])"
)
_BANK_CARD = pattern(
    r"(?<![0-9A-Za-z])(?:62|[345][0-9])[0-9]{2}"
    r"(?:[0-9]{12,15}|(?:[ -][0-9]{4}){3}(?:[ -]?[0-9]{1,3})?)(?![0-9A-Za-z])"
)
_MOBILE = pattern(
    r"(?<![0-9A-Za-z])(?<![0-9]\.)(?:(?:\+|00)?86[ -]?|0)?1[3-9][0-9](?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4})"
    r"(?![0-9A-Za-z]|\.[0-9]| ?[元圆万亿])"  # An amount of money may have as many digits.
)
_LENGTH_OF_ID, _LENGTH_OF_MOBILE = 18, 11
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ＋－　", "0123456789Xx+- ")


def masked(text: str, *, only_id: bool = False, contacts: Container[str] = ()) -> tuple[str, set[Number]]:
    """The text with its numbers masked, and which there were; of whatever width, alone or in groups.

    ID numbers are those of GB 11643 with a date and a check digit that fit. Bank cards have 16–19 digits, begin with
    62, 3, 4 or 5 and pass Luhn's check. Mobile numbers in `contacts`, 11 digits each, stay; `only_id` leaves all but ID
    numbers.
    """
    found: set[Number] = set()
    if len(text) < (_LENGTH_OF_ID if only_id else _LENGTH_OF_MOBILE):
        return text, found
    plain = text.translate(_HALF_WIDTH)

    def hidden(what: Number, holds: Callable[[str], bool]) -> Callable[[Match[str]], str]:
        def replace(match: Match[str]) -> str:
            if not holds(match[0]):
                return match[0]
            found.add(what)
            return MASK * len(match[0])

        return replace

    plain = _ID.sub(hidden(Number.ID, is_id_number), plain)
    if not only_id:
        plain = _BANK_CARD.sub(hidden(Number.BANK_CARD, _is_bank_card), plain)
        plain = _MOBILE.sub(hidden(Number.MOBILE, lambda number: _digits(number)[-11:] not in contacts), plain)
    if not found:
        return text, found
    # Only the numbers change: the rest keeps its width.
    return "".join(MASK if new == MASK else old for old, new in zip(text, plain, strict=True)), found


def mobiles(text: str) -> set[str]:
    """The mobile numbers in the text, 11 digits each."""
    return {_digits(number)[-11:] for number in _MOBILE.findall(text.translate(_HALF_WIDTH))}


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _is_bank_card(text: str) -> bool:
    digits = _digits(text)
    if text[0] != "6" and digits[:6] in regions():
        return False  # It is the code of a project, which begins with its region.
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0


def _class_of(code: int) -> str:
    character = chr(code)
    if code in b" -":
        return "-"
    if code < 128:
        return "0" if character.isdigit() else "a" if character.isalpha() else "."
    return {0xEF: "F", 0xBC: "G"}.get(code, "N" if 0x90 <= code <= 0x99 else ".")


_CLASSES = "".join(map(_class_of, range(256))).encode()
"""The classes of bytes that tell where a number may be: digits are 0, letters a, spaces and hyphens -."""
_GROUPED_ID, _GROUPED_CARD = b"000000-00000000-000", b"0000-0000-0000-0000"
_IN_THREE = b"000-0000-0000"
"""The groups of a mobile number; those of a bank card have them too."""
_MOBILE_IN_THREE = pattern(rb"1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}")
_SHORTEST = b"0" * 11
_RUN = pattern(rb"0+")
_WIDE_MARKS = (("　".encode(), b" "), ("－".encode(), b"-"))
"""What stands for a space or a hyphen between groups."""
_FULL_WIDTH = b"FGN"
"""The three bytes of a digit of full width."""


def suspicious(raw: bytes) -> bool:
    """Whether JSON may have such a number in it, judged by the lengths of its runs of digits; never False where it has.

    It is what every version is asked: some microseconds for a clean document.
    """
    for wide, narrow in _WIDE_MARKS:
        if wide in raw:
            raw = raw.replace(wide, narrow)
    classes = raw.translate(_CLASSES)
    if _GROUPED_ID in classes or _FULL_WIDTH in classes:
        return True
    # A telephone number with its area code has such groups too.
    if _IN_THREE in classes and (_GROUPED_CARD in classes or _MOBILE_IN_THREE.search(raw)):
        return True
    start = classes.find(_SHORTEST)
    while start >= 0:
        end = _RUN.match(classes, start).end()  # type: ignore[union-attr]
        if _may_be_number(raw, classes, start, end):
            return True
        start = classes.find(_SHORTEST, end)
    return False


def _may_be_number(raw: bytes, classes: bytes, start: int, end: int) -> bool:
    length = end - start
    if 17 <= length <= 18 and raw[start + 6 : start + 8] in (b"18", b"19", b"20"):
        return True
    # A letter in front makes it a code, unless it is that of an escape: \n.
    if classes[end] == ord("a") or (classes[start - 1] == ord("a") and raw[start - 2] != ord("\\")):
        return False
    if length <= 15:
        return length in (11, 12, 13, 15) and raw[end - 11 : end - 10] == b"1" and raw[end - 10] >= ord("3")
    return length <= 19 and raw[start] in b"3456"
