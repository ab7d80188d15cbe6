"""The check characters of the identifiers, each as its standard defines it."""

from functools import lru_cache

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100: without I, O, S, V and Z."""
DEAL_CODE_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

_USCC_VALUE = {character: value for value, character in enumerate(USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORG_VALUE = {character: value for value, character in enumerate(DEAL_CODE_ALPHABET[:36])}
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DEAL_VALUE = {character: value for value, character in enumerate(DEAL_CODE_ALPHABET)}


def uscc_check(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015); KeyError for a character that none has.

    Not cached, because an ID number may be asked about; neither is that of an ID number.
    """
    total = sum(_USCC_VALUE[c] * w for c, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


@lru_cache(maxsize=1024)
def org_check(first8: str) -> str:
    """The ninth character of an organisation code (GB 11714-1997); KeyError for a character that none has."""
    total = sum(_ORG_VALUE[c] * w for c, w in zip(first8, _ORG_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def deal_code_check(first35: str) -> str:
    """The check character of a unified deal code (GB/T 17710, MOD 37-2) over its 35 characters without hyphens."""
    if len(first35) != 35:
        raise ValueError("a deal code has 35 characters before its check character")
    product = 0
    for character in first35:
        product = (product + _DEAL_VALUE[character]) * 2 % 37
    return DEAL_CODE_ALPHABET[(38 - product) % 37]


def id_check(first17: str) -> str:
    """The 18th character of a citizen's ID number (GB 11643-1999); ValueError for anything but digits."""
    total = sum(int(c) * w for c, w in zip(first17, _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]
