"""The signature algorithms that are understood, and how a key's text says which it is of."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import NamedTuple

from hub.transparency.note import COSIGNATURE, ED25519, Ed25519Verifier, NoteInvalid, TimestampVerifier, Verifier
from hub.transparency.sm2 import SM2, Sm2Verifier


class Algorithm(NamedTuple):
    """How the keys of a signature type are read: the bytes that the public part begins with, its length, its class."""

    prefix: bytes
    length: int
    verifier: Callable[[str, bytes], Verifier]


ALGORITHMS = (
    Algorithm(bytes([ED25519]), 32, Ed25519Verifier),
    Algorithm(bytes([COSIGNATURE]), 32, TimestampVerifier),
    Algorithm(SM2, 64, Sm2Verifier),
)
"""Another algorithm is one more pair of classes, and a line here."""


def verifier_of(text: str) -> Verifier:
    """The key that `name+id+base64` describes; raises `NoteInvalid` where it is not one, or of an unknown algorithm."""
    parts = text.strip().split("+", 2)
    try:
        name, key_id, public = parts[0], bytes.fromhex(parts[1]), b64decode(parts[2], validate=True)
    except (IndexError, ValueError, NotBase64):
        raise NoteInvalid("a key reads `name+id+base64`") from None
    for prefix, length, known in ALGORITHMS:
        if public.startswith(prefix) and len(public) == len(prefix) + length:
            verifier = known(name, public[len(prefix) :])
            break
    else:
        raise NoteInvalid("the key is of an algorithm that is not known here")
    if verifier.key_id != key_id:
        raise NoteInvalid("the key's id is not that of its name and key")
    return verifier
