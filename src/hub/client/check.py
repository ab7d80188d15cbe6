"""Proving that nothing is missing: what is kept is summed up and compared with the hub's own sums."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.client.feed import FeedClient
from hub.client.page import position_of
from hub.client.sink import Sink
from hub.ledger.buckets import PAGE, Sum, item_hash, page_of

MOST = 1000
"""The most pages that are asked for at a time."""

SHOWN = 10
"""The most differing pages that are named."""


@dataclass(slots=True)
class Check:
    """What a comparison found: how many items are kept, up to where, and which pages differ."""

    items: int
    up_to: int
    pages: int
    differing: list[int] = field(default_factory=list)
    """Pages of 1,000 positions, from 1, whose count or digest is not the hub's."""

    @property
    def complete(self) -> bool:
        """Whether everything there is up to the cursor is kept as the hub has it."""
        return not self.differing

    def told(self) -> list[str]:
        """The finding in lines."""
        if self.complete:
            return [f"complete: {self.items} versions up to position {self.up_to} have the hub's own digests"]
        named = ", ".join(f"{(n - 1) * PAGE + 1}–{n * PAGE}" for n in self.differing[:SHOWN])
        return [f"NOT complete: {len(self.differing)} of {self.pages} pages differ: {named}"]


async def check_against(client: FeedClient, sink: Sink) -> Check:
    """Compare what the sink keeps with the hub's counts and digests, page by page up to the sink's cursor."""
    up_to = position_of((await sink.kept()).cursor)
    kept: dict[int, Sum] = {}
    items = 0
    async for piece in sink.items():
        for position, digest in piece:
            kept.setdefault(page_of(position), Sum()).add(1, item_hash(position, digest))
            items += 1
    theirs = await _theirs(client, up_to)
    differing = [
        number for number in sorted(kept.keys() | theirs.keys()) if _told(kept.get(number)) != _told(theirs.get(number))
    ]
    return Check(items, up_to, len(theirs), differing)


def _told(found: Sum | None) -> tuple[int, bytes]:
    return (0, b"\0" * 32) if found is None else (found.count, found.digest)


async def _theirs(client: FeedClient, up_to: int) -> Mapping[int, Sum]:
    """The hub's sums of all pages up to a position; that of a page which it is in the middle of comes from its entries."""
    whole = up_to // PAGE
    found: dict[int, Sum] = {}
    for first in range(1, whole + 1, MOST):
        answer = await client.ask("/v1/feed/digests", by="page", **{"from": first, "to": min(whole, first + MOST - 1)})
        for bucket in answer["buckets"]:
            found[int(bucket["number"])] = Sum(bucket["count"], int(bucket["digest"], 16))
    if up_to > whole * PAGE:
        rest = found[whole + 1] = Sum()
        async for entry in client.entries(str(whole * PAGE)):
            if entry.position > up_to:
                break
            rest.add(1, item_hash(entry.position, bytes.fromhex(entry.data["digest"])))
    return found
