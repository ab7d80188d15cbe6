"""SM2 signatures with SM3 (GB/T 32918.2): verified here; signed by what holds the key, a program or a cipher machine.

Verifying uses public values only, so plain integers do. Signing in Python would leak the key through its timing.
"""

import subprocess
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from hub.transparency.merkle import SM3
from hub.transparency.note import NoteInvalid, Signer, Witness, timed

SM2 = b"\xffSM2-SM3"
"""What the public part of a key begins with: the type without an assigned byte, and a name (C2SP signed-note)."""

IDENTITY = b"1234567812345678"
"""The signer's distinguishing identifier where none was agreed upon (GM/T 0009-2012)."""

SIGN_WITHIN = 5.0
"""Seconds that a program has for a signature."""

_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

Point = tuple[int, int] | None
"""A point of the curve; None is the one at infinity."""


def _add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % _P == 0:
        return None
    slope = (3 * x1 * x1 + _A) * pow(2 * y1, -1, _P) if left == right else (y2 - y1) * pow(x2 - x1, -1, _P)
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P


def _times(factor: int, point: Point) -> Point:
    found: Point = None
    while factor:
        if factor & 1:
            found = _add(found, point)
        point, factor = _add(point, point), factor >> 1
    return found


def _bytes(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(32, "big") for number in numbers)


class Sm2Verifier(Witness):
    """An SM2 public key, its two coordinates in 64 bytes; its signatures are the time and then r and s."""

    def __init__(self, name: str, key: bytes) -> None:
        x, y = int.from_bytes(key[:32], "big"), int.from_bytes(key[32:], "big")
        if not (x < _P and y < _P) or (y * y - (x * x * x + _A * x + _B)) % _P:
            raise NoteInvalid("the key is not a point of the SM2 curve")
        self.name = name
        self.public = SM2 + key
        self._point = (x, y)

    def _verify(self, message: bytes, signature: bytes) -> bool:
        """GB/T 32918.2-2016, 7.1."""
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        t = (r + s) % _N
        if len(signature) != 64 or not (0 < r < _N and 0 < s < _N) or t == 0:
            return False
        bits = (len(IDENTITY) * 8).to_bytes(2, "big")
        signer = SM3.of(bits + IDENTITY + _bytes(_A, _B, *_G, *self._point))
        e = int.from_bytes(SM3.of(signer + message), "big")
        point = _add(_times(s, _G), _times(t, self._point))
        return point is not None and (e + point[0]) % _N == r


class ProgramSigner(Signer):
    """A key that a program holds: it reads a message and writes the signature, as r and s or in DER.

    The program is the adapter to whatever keeps the key: a signing server, a cipher machine, a token. What
    it signs is verified before it is used.
    """

    def __init__(self, verifier: Sm2Verifier, command: Sequence[str]) -> None:
        self._verifier = verifier
        self._command = command

    @property
    def verifier(self) -> Sm2Verifier:
        """The public half."""
        return self._verifier

    def sign(self, message: bytes, at: int) -> bytes:
        """The time in eight bytes, r and s; raises `NoteInvalid` where the program gives no signature of the key's."""
        try:
            done = subprocess.run(  # noqa: S603 (the operator names the program)
                self._command, input=timed(at, message), capture_output=True, timeout=SIGN_WITHIN, check=True
            )
            raw = done.stdout if len(done.stdout) == 64 else _bytes(*decode_dss_signature(done.stdout))
        except (OSError, subprocess.SubprocessError, ValueError, OverflowError) as error:
            raise NoteInvalid(f"{self._command[0]} did not sign: {error}") from None
        signature = at.to_bytes(8, "big") + raw
        if not self._verifier.verify(message, signature):
            raise NoteInvalid(f"what {self._command[0]} signed is not of the key {self._verifier.name}")
        return signature
