"""What goes into the ledger, and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass

from hub.problems import Problem


@dataclass(slots=True)
class Entry:
    """A validated submission (or withdrawal) that has no position yet.

    `document` is canonical JSON, `digest` the SHA-256 of it (32 bytes), `data_timestamp` microseconds UTC. `public` is
    the JSON member that the public sees, e.g. `"document":{…}`. `terms` is the rest of the receipt:
    `,"targets":[…],"warnings":[…]}`. A withdrawal takes thread, region and terms from the record, and shows the public
    its `unseen` member where the version that it withdraws is withheld.
    """

    platform: str
    kind: str
    data_key: str
    data_timestamp: int
    timestamp_text: str
    thread: str
    region: str
    digest: bytes
    document: bytes
    public: bytes
    terms: bytes
    state: str = "published"
    unseen: bytes = b""
    explains_change: bool = False
    if_match: bytes | None = None
    """The digest of the version that the sender believes current; empty bytes where it believes there is none."""


@dataclass(slots=True, frozen=True)
class Receipt:
    """回执: what the hub answers for a version, the same bytes for ever; `created` is False when it is given again."""

    body: bytes
    digest: bytes
    created: bool
    position: int


Outcome = Receipt | Problem
"""What became of an entry."""

Follows = Callable[[str, bytes, bytes], Problem | None]
"""`follows(kind, previous_document, document)`: why the one may not follow the other, or None."""
