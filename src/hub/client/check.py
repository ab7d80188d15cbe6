"""Proving that nothing is missing: what is kept is summed up and compared with the hub's own sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from hub.client.feed import FeedClient
from hub.client.page import position_of
from hub.client.sink import Item, Sink
from hub.client.trouble import Trouble
from hub.ledger.buckets import PAGE, Sum, page_of, summed
from hub.ledger.reconciling import PREFIX

MOST = 1000
"""The most pages that are asked about at a time."""

LOOKED_INTO = 20
"""The most differing pages of which the positions are found out."""

SUMMED = frozenset({"domain", "platform"})
"""The filters for which the hub has sums."""

WRONG = {
    "missing": "missing",
    "withdrawn": "missing withdrawals",
    "stale": "with another digest than the hub's",
    "surplus": "that the hub does not have",
}

Range = tuple[int, int]


@dataclass(slots=True)
class Check:
    """What a comparison found: how many items are kept, up to which position, and in what they differ.

    `differing` are pages of 1,000 positions; `wrong` has ranges of positions by what is wrong with them, of the first
    differing pages.
    """

    items: int
    up_to: int
    differing: list[Range] = field(default_factory=list)
    wrong: dict[str, list[Range]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether everything there is up to the cursor is kept as the hub has it."""
        return not self.differing

    def told(self) -> list[str]:
        """The finding in lines."""
        if self.complete:
            return [f"complete: {self.items} versions up to position {self.up_to} have the hub's own digests"]
        lines = [f"NOT complete: {len(self.differing)} pages of {PAGE} positions differ from the hub's"]
        return lines + [
            f"  {WRONG[what]}: " + ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in ranges)
            for what, ranges in self.wrong.items()
            if ranges
        ]


async def check_against(client: FeedClient, sink: Sink) -> Check:
    """Compare what the sink keeps with the hub's sums up to the sink's cursor; what differs is found by position.

    The protocol is that of `POST /v1/feed/reconcile`: sums of pages first, then the items of those that differ.
    """
    scope = _scope(client)
    up_to = position_of((await sink.kept()).cursor)
    sums = [Sum() for _ in range(page_of(up_to))] if up_to else []
    items = 0
    async for piece in sink.items():
        for number, among in groupby(piece, key=_page_of_item):
            some = summed(among)
            sums[number - 1].add(some.count, some.total)
        items += len(piece)
    found = Check(items, up_to)
    buckets = [_bucket(number, one, up_to) for number, one in enumerate(sums, 1)]
    for start in range(0, len(buckets), MOST):
        answer = await client.post("/v1/feed/reconcile", scope | {"buckets": buckets[start : start + MOST]})
        found.differing += [(one["from"], one["to"]) for one in answer["differing"]]
    if found.differing:
        found.wrong = await _wrong(client, sink, scope, found.differing[:LOOKED_INTO])
    return found


def _page_of_item(item: Item) -> int:
    return (item[0] - 1) // PAGE + 1  # As `page_of`, written out for a million items.


def _scope(client: FeedClient) -> dict[str, Any]:
    """The filter as the comparison names it; raises `Trouble` where the hub has no sums for it."""
    scope = {name: [value] if isinstance(value, str) else list(value) for name, value in client.filters.items()}
    if scope.keys() - SUMMED or len(scope) > 1 or any(len(values) != 1 for values in scope.values()):
        raise Trouble("the hub has sums of everything, of one domain and of one platform; this filter is another one")
    return {name: values[0] for name, values in scope.items()}


def _bucket(number: int, kept: Sum, up_to: int) -> dict[str, Any]:
    first, last = (number - 1) * PAGE + 1, min(number * PAGE, up_to)
    return {"from": first, "to": last, "count": kept.count, "digest": kept.digest.hex()}


async def _wrong(
    client: FeedClient, sink: Sink, scope: dict[str, Any], pages: Sequence[Range]
) -> dict[str, list[Range]]:
    """The ranges of positions that are to be fetched, fetched anew or removed, by what is wrong with them."""
    held: dict[Range, list[Item]] = {page: [] for page in pages}
    by_page = {page_of(page[0]): held[page] for page in pages}
    async for piece in sink.items():
        for number, among in groupby(piece, key=_page_of_item):
            if number in by_page:
                by_page[number].extend(among)
    asked = [
        {
            "from": first,
            "to": last,
            "have": ranges([position for position, _ in among]),
            "prefixes": "".join(digest.hex()[:PREFIX] for _, digest in among),
        }
        for (first, last), among in held.items()
    ]
    answer = await client.post("/v1/feed/reconcile", scope | {"items": asked})
    return {what: [(a, b) for one in answer["items"] for a, b in one[what]] for what in WRONG}


def ranges(positions: Sequence[int]) -> list[Range]:
    """Rising positions as ranges of neighbours."""
    if not positions:
        return []
    breaks = [(before, after) for before, after in pairwise(positions) if after != before + 1]
    firsts = [positions[0], *(after for _, after in breaks)]
    lasts = [*(before for before, _ in breaks), positions[-1]]
    return list(zip(firsts, lasts, strict=True))
