"""Codes that a public notice does not carry, made from what it does carry: the same notice always gets the same codes."""

from datetime import date
from hashlib import sha256
from re import fullmatch

from hub.law.text.plain import half_width, key_of
from hub.schemas.submission import DATA_KEY_PATTERN
from hub.schemas.types import deal_code_check, org_check, uscc_check
from hub.schemas.types.check_characters import USCC_ALPHABET

_TENDER_PROJECT = r"[A-Z][0-9]{6}[0-9A-Za-z]{13}"


def number_of(*parts: str, below: int) -> int:
    """A number from 0 that depends on the parts alone."""
    return int.from_bytes(sha256("\x1f".join(parts).encode()).digest()[:16]) % below


def party_code(name: str) -> str:
    """A unified social credit code for a party whose own is not known.

    Its beginning, Y1 (其他登记管理部门) and the region 100000, tells it from those of companies and public bodies; the
    check characters of the code and of the organisation code inside are right.
    """
    number = number_of("party", key_of(name), below=31**8)
    digits = "".join(USCC_ALPHABET[number // 31**place % 31] for place in range(8))
    first17 = f"Y1100000{digits}{org_check(digits)}"
    return first17 + uscc_check(first17)


def data_key(record_id: str, digest: str) -> str:
    """The record's key: its own identifier where it may be one, else one made from the digest of the notice."""
    return record_id if fullmatch(DATA_KEY_PATTERN, record_id) else f"N-{digest[:32]}"


def deal_code(trade: str, platform: str, day: date, record_id: str, section: int = 0) -> str:
    """A unified deal code of the trade class, whose serial is made from the record's identifier."""
    serial = (number_of("deal", record_id, below=1_000_000) + section) % 1_000_000
    parts = (trade, platform, f"{day:%Y%m%d}", f"{serial:06d}")
    return "-".join((*parts, deal_code_check("".join(parts))))


def tender_project_code(found: str, region: str, record_id: str) -> tuple[str, bool]:
    """The tender project's code, and whether it is the notice's own.

    A longer code with the right beginning is a section's: its first 20 characters are the project's.
    """
    plain = half_width(found).strip()
    if fullmatch(f"{_TENDER_PROJECT}(?:[0-9A-Za-z]{{3}})?", plain):
        return plain[:20], True
    number = number_of("project", plain or record_id, below=10**13)
    return f"Z{region}{number:013d}", False
