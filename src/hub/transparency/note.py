"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): a tree head as text that anyone can verify."""

from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
"""The signature type of Ed25519 in C2SP signed notes."""
COSIGNATURE = 0x04
"""The signature type of a time-stamped Ed25519 cosignature (C2SP tlog-cosignature)."""


class NoteInvalid(Exception):
    """The note is malformed, or no signature on it is one of the key's."""


class Signer(ABC):
    """A key that signs notes: one algorithm, one name."""

    @property
    @abstractmethod
    def verifier(self) -> "Verifier":
        """The public half."""

    @abstractmethod
    def sign(self, message: bytes, at: int) -> bytes:
        """The signature over the message, made `at` so many seconds since 1970; not every algorithm says when."""


class Verifier(ABC):
    """The public half of a key: its name, its algorithm, and what it says of a signature."""

    name: str
    public: bytes
    """The signature type's byte and the public key."""

    @abstractmethod
    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over the message is this key's."""

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a note names the key."""
        return sha256(self.name.encode() + b"\n" + self.public).digest()[:4]

    def text(self) -> str:
        """The key as text, `name+id+base64`, for people to hand on."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self.public).decode()}"


class Ed25519Verifier(Verifier):
    """An Ed25519 public key of 32 bytes."""

    def __init__(self, name: str, key: bytes) -> None:
        self.name = name
        self.public = bytes([ED25519]) + key
        self._key = Ed25519PublicKey.from_public_bytes(key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over the message is this key's."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Ed25519Signer(Signer):
    """An Ed25519 private key, from its seed of 32 bytes."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not name or "+" in name or any(character.isspace() for character in name):
            raise ValueError("the name of a key has neither blanks nor plus signs")
        self._name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier(self) -> Ed25519Verifier:
        """The public half."""
        return Ed25519Verifier(self._name, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes, at: int) -> bytes:  # noqa: ARG002 (others say when)
        """The signature of 64 bytes over the message."""
        return self._key.sign(message)


class Witness(Verifier):
    """A public key whose signatures begin with the time, in eight bytes, at which its holder saw the checkpoint."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature, which begins with a time, is this key's."""
        return self._verify(timed(int.from_bytes(signature[:8], "big"), message), signature[8:])

    def seen_at(self, note: str) -> int:
        """When the witness saw the checkpoint, in seconds since 1970; raises `NoteInvalid`."""
        return int.from_bytes(_found(note, self)[:8], "big")

    @abstractmethod
    def _verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature without its time is this key's."""


def timed(moment: int, message: bytes) -> bytes:
    """What a witness signs: the message with the moment before it (C2SP tlog-cosignature)."""
    return b"cosignature/v1\ntime %d\n%b" % (moment, message)


class TimestampVerifier(Witness):
    """The Ed25519 public key of a witness."""

    def __init__(self, name: str, key: bytes) -> None:
        self.name = name
        self.public = bytes([COSIGNATURE]) + key
        self._key = Ed25519PublicKey.from_public_bytes(key)

    def _verify(self, message: bytes, signature: bytes) -> bool:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class TimestampSigner(Signer):
    """A witness's key: it signs checkpoints together with the time."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._name = name
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def verifier(self) -> TimestampVerifier:
        """The public half."""
        return TimestampVerifier(self._name, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes, at: int) -> bytes:
        """The time in eight bytes and the signature of 64."""
        return at.to_bytes(8, "big") + self._key.sign(timed(at, message))


def signed(text: str, *signers: Signer, at: int) -> str:
    """The note: `text`, which ends with a newline, an empty line, and a line per signer, signed `at` (s since 1970)."""
    keys = [signer.verifier for signer in signers]
    signatures = [signer.sign(text.encode(), at) for signer in signers]
    return noted(text, [Signature(key.name, key.key_id, made) for key, made in zip(keys, signatures, strict=True)])


def opened(note: str, verifier: Verifier) -> str:
    """The text of a note that the key signed; raises `NoteInvalid`."""
    _found(note, verifier)
    return text_of(note)


def text_of(note: str) -> str:
    """The text of a note, whoever signed it."""
    return note.rpartition("\n\n")[0] + "\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line of a note: the key's name and its id, and the signature."""

    name: str
    key_id: bytes
    signature: bytes


def signatures_on(note: str) -> list[Signature]:
    """The signatures of a note, not verified; raises `NoteInvalid` where the note is malformed."""
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not text or not lines.endswith("\n"):
        raise NoteInvalid("a note has an empty line before its signatures")
    found = []
    for line in lines[:-1].split("\n"):
        words = line.split(" ")
        try:
            dash, name, body = words[0], words[1], b64decode(words[2], validate=True)
        except (IndexError, ValueError, NotBase64):
            raise NoteInvalid("a signature reads `— name base64`") from None
        if dash != "—" or not name or len(words) != 3 or len(body) < 5:
            raise NoteInvalid("a signature reads `— name base64`")
        found.append(Signature(name, body[:4], body[4:]))
    return found


def noted(text: str, signatures: Sequence[Signature]) -> str:
    """The note that text and signatures make: the one way to write it."""
    lines = [f"— {one.name} {b64encode(one.key_id + one.signature).decode()}\n" for one in signatures]
    return f"{text}\n{''.join(lines)}"


def _found(note: str, verifier: Verifier) -> bytes:
    """The key's signature on the note, which is verified."""
    message = note.rpartition("\n\n")[0].encode() + b"\n"
    for name, key_id, signature in map(astuple, signatures_on(note)):
        if (name, key_id) == (verifier.name, verifier.key_id) and verifier.verify(message, signature):
            return bytes(signature)
    raise NoteInvalid("no signature on the note is one of the key's")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: the log's name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The checkpoint's lines, to be signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def checkpoint_of(text: str) -> Checkpoint:
    """The checkpoint that the text of a note is; raises `NoteInvalid`."""
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], b64decode(lines[2], validate=True)
        if not size.isdecimal() or (size[0] == "0" and size != "0") or len(root) != 32 or not origin:
            raise ValueError
    except (IndexError, ValueError, NotBase64):
        raise NoteInvalid("a checkpoint is the log's name, the number of leaves and the root, one per line") from None
    return Checkpoint(origin, int(size), root)
