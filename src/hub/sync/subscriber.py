"""A subscriber: somebody's webhook as a target, and what it is told (https://www.standardwebhooks.com/)."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import ClassVar

import orjson

from hub.moments import iso, now
from hub.schemas.kind import Kind
from hub.sync.target import Outcome, Outgoing, Reply, Target

MESSAGE_TYPES = {"versions": b"versions.appended", "outcomes": b"outcomes.changed"}
PING = b"subscription.ping"

ANSWER_LIMIT = 64 * 1024
"""The most bytes of a subscriber's answer that are read: only its status counts."""

SECRET_PREFIX = "whsec_"  # noqa: S105 (the beginning of all such secrets)


class Subscriber(Target):
    """A webhook. Whatever it does not answer with 2xx is tried again, without end."""

    parks: ClassVar[bool] = False
    path = ""

    def __init__(self, name: str, what: str, url: str, secret: bytes) -> None:
        self.name = self.title = name
        self.url = url
        self._type = MESSAGE_TYPES[what]
        self._secret = secret

    def wants(self, _kind: type[Kind]) -> bool:
        """Its source reads nothing but what it wants."""
        return True

    def encode(self, version: Outgoing) -> bytes:
        """The entry, as its source made it."""
        return version.document

    def batch(self, items: Sequence[bytes]) -> bytes:
        """The message; it says nothing of the moment of sending, so that a repetition has the same bytes."""
        return message(self._type, items)

    def headers(self, body: bytes) -> Mapping[str, str]:
        """The message's id, which a repetition shares, the moment of sending, and the signature over both and the body."""
        return signed(self._secret, message_id(self.name, body), body, now() // 1_000_000)

    def took(self, status: int) -> bool:
        """Any 2xx."""
        return 200 <= status < 300

    def outcomes(self, _reply: Reply, sent: Sequence[int]) -> list[Outcome]:
        """All of it arrived."""
        return [Outcome("delivered")] * len(sent)


def message(kind: bytes, items: Sequence[bytes]) -> bytes:
    """A message body: its type, the moment of its newest entry, and the entries."""
    moments = [orjson.loads(item) for item in items[-1:]]
    moment = moments[0].get("received_at") or moments[0].get("changed_at") if moments else iso(now())
    return b'{"type":"%b","timestamp":"%b","data":[%b]}' % (kind, str(moment).encode(), b",".join(items))


def message_id(name: str, body: bytes) -> str:
    """The id of a message: the same for the same content to the same subscriber."""
    return "msg_" + sha256(name.encode() + b"\0" + body).hexdigest()[:40]


def signed(secret: bytes, identity: str, body: bytes, seconds: int) -> dict[str, str]:
    """The header fields of a signed message: HMAC-SHA256 over `id.timestamp.body`."""
    said = b"%b.%d.%b" % (identity.encode(), seconds, body)
    signature = b64encode(hmac.digest(secret, said, "sha256")).decode()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }


def shown_secret(secret: bytes) -> str:
    """A secret as its owner keeps it: `whsec_` and base64."""
    return SECRET_PREFIX + b64encode(secret).decode()


def read_secret(text: str) -> bytes:
    """The bytes of a secret as it is shown."""
    return b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
