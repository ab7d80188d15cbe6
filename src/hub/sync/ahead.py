"""Reading ahead: where one platform fills what is loaded, the others' versions behind its backlog are fetched past it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.sync.queue import Item, Lane
from hub.sync.source import Source

FULL = 500
"""How many queued versions make a platform one that is passed by."""


@dataclass(slots=True)
class Ahead:
    """One pass over a backlog that began behind position `low`: the lanes are those that were held then.

    A platform that is passed by once is passed by until the ledger is read up to here, and so is every version whose
    thread has a version of such a platform since `low`: order within a thread is kept.
    """

    low: int
    lanes: dict[int, Lane]
    reached: int
    passed_by: set[str] = field(default_factory=set)

    async def window(self, connection: AsyncConnection, source: Source, to: int, limit: int) -> list[Item]:
        """The next versions of the platforms that are not passed by."""
        items, self.reached = await source.ahead(
            connection,
            lanes=list(self.lanes),
            after=self.reached,
            to=to,
            limit=limit,
            low=self.low,
            but=sorted(self.passed_by),
        )
        return [item for item in items if item.position not in self.lanes[item.lane].ahead]

    def goes_on(self, staying: Sequence[Lane]) -> bool:
        """Keep to the lanes that are still held without a break; whether there is anything left to pass."""
        held = {lane.lane: lane for lane in staying}
        self.lanes = {number: lane for number, lane in self.lanes.items() if held.get(number) is lane}
        reads = [lane.read for lane in self.lanes.values()]
        return bool(reads) and max(reads) <= self.reached and not (min(reads) == self.reached > self.low)


def begun(lanes: list[Lane]) -> Ahead | None:
    """A pass over the backlog of these lanes; None while they are not read equally far."""
    if not lanes or len({lane.read for lane in lanes}) > 1:
        return None
    low = lanes[0].read
    return Ahead(low, {lane.lane: lane for lane in lanes}, low)
