"""What goes into the ledger, and what comes back."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from hub.problems import Problem

ANY = b"*"
"""Stands for the digest of whichever version is current."""


@dataclass(slots=True)
class Entry:
    """A validated submission (or withdrawal) that has no position yet.

    `document` is canonical JSON, `digest` the SHA-256 of it (32 bytes), `data_timestamp` microseconds UTC. `public` is
    the JSON member that the public sees, e.g. `"document":{…}`. `terms` is the rest of the receipt:
    `,"targets":[…],"warnings":[…]}`. A withdrawal takes thread, region and terms from the record, and shows the public
    its `unseen` member where the version that it withdraws is withheld.

    `opened` is the member that the public sees from `opens_at` (microseconds UTC) on; both are None where `public`
    stands for ever. `due` is the due date as a JSON object, `due_on`, `days_late` and `provisional` are what of it is
    looked for. `content` is a hash of platform, kind and what the version says; where another record has the same, `twin`
    makes the warning, a JSON object, of that record's data key. Beside the other records of its thread that are of the
    kinds `beside`, `advise` makes warnings, JSON objects, of what the public
    sees of those. `discloser` is the USCC of who discloses it, `parties`
    are the codes of parties that `public` names; both are what the feed is filtered by. `thread_before` is the thread of
    the record's earlier versions where of them more, or less, was public: a record stays in its thread.
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
    """The digest of the version that the sender believes current, `ANY` for whichever; empty bytes where it believes there is none."""
    opened: bytes | None = None
    opens_at: int | None = None
    due: bytes = b"null"
    due_on: str | None = None
    days_late: int = 0
    provisional: bool = False
    content: int | None = None
    twin: Callable[[str], bytes] | None = None
    beside: Collection[str] = ()
    advise: Callable[[Iterable[bytes]], list[bytes]] | None = None
    discloser: str | None = None
    parties: Collection[str] = ()
    thread_before: str | None = None


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
