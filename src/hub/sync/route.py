"""A route: what is read, where it is sent, and the name under which that is kept."""

from dataclasses import dataclass

from hub.ledger.bell import Bell
from hub.sync.source import Source
from hub.sync.target import Target


@dataclass(frozen=True, slots=True)
class Route:
    """A target, a subscriber, or a replay to one of them.

    `bell` rings when the source grows. `start` is the position behind which a new route begins, None for what is
    newest when it is first run. Where `statutory`, changes of a state are outcomes, and receipts may come later;
    `renews` is the target whose receipts a replay renews.
    """

    name: str
    target: Target
    source: Source
    bell: Bell
    start: int | None = 0
    statutory: bool = True
    renews: str | None = None
