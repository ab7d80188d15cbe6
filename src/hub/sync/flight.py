"""A flight: one request to a target, from the items to what became of each."""

import logging
from dataclasses import dataclass
from random import Random

from hub.moments import now
from hub.sync.book import Call, Row
from hub.sync.breaker import full_jitter
from hub.sync.client import Answer, Client, NoAnswer
from hub.sync.queue import Item
from hub.sync.target import Outcome, Target, Unreadable

logger = logging.getLogger(__name__)

SHORTEST_WAIT = 0.2
"""Seconds after which, at the earliest, a version that waits is tried again."""

PATIENCE = 3
"""How often a version that the target is not ready for keeps its thread back: what it lacks is mostly on its way already."""


@dataclass(slots=True)
class Flight:
    """A request that is over but not yet stored; `outcomes` is None where the whole request failed."""

    call: Call
    answer: Answer | None
    outcomes: list[Outcome] | None

    def decided(self, random: Random, clock: float) -> tuple[list[Row], list[Item]]:
        """The new delivery rows of the items with an outcome, and the items that travel again with a later request.

        `clock` is the event loop's. A version that has to wait for another, of another thread for instance, is tried
        again at the head of its thread before the thread goes on without it.
        """
        rows: list[Row] = []
        again: list[Item] = []
        for item, outcome in zip(self.call.items, self.outcomes or (), strict=True):
            if outcome.state == "waiting" and not item.due and item.tries < PATIENCE:
                item.tries += 1
                item.rests_until = clock + SHORTEST_WAIT
                again.append(item)
                continue
            if outcome.state == "behind":
                again.append(item)
                continue
            row = Row(item, outcome.state, self.call.id, receipt=outcome.receipt, reason=outcome.reason)
            row.holds, row.quality = outcome.state == "parked", outcome.quality
            if outcome.state in ("waiting", "pending_receipt"):
                pause = max(full_jitter(item.tries + 1, random), SHORTEST_WAIT)
                row.next_try = now() + int(pause * 1_000_000)
            item.tries += 1
            rows.append(row)
        return rows, again


async def fly(target: Target, client: Client, batch: list[Item], random: Random) -> Flight:
    """Send a batch and read the answer; never raises: whatever is met, the request has failed."""
    started = now()
    call = Call((started << 11) | random.getrandbits(11), started, 0, batch, None, None, b"")
    answer = outcomes = None
    if unwritable := _encode(target, batch):
        # Nothing is sent: these are parked, and the others travel with the next request.
        call.finished_at, call.error = now(), f"not sent: {sorted(unwritable)} cannot be written for the target"
        return Flight(call, None, [unwritable.get(item.position, Outcome("behind")) for item in batch])
    try:
        body = target.batch([item.encoded for item in batch])
        answer = await client.send(target.path, body, target.headers(body))
        call.status, call.answer = answer.reply.status, answer.reply.body
        if target.took(answer.reply.status):
            outcomes = target.outcomes(answer.reply, [item.position for item in batch])
        else:
            call.error = f"HTTP {answer.reply.status}"
    except NoAnswer as error:
        call.error = str(error)
    except Unreadable as error:
        call.error = f"unreadable answer: {error}"
    except Exception as error:
        logger.exception("%s: a request of %d version(s)", target.name, len(batch))
        call.error = f"{type(error).__name__}: {error}".replace("\0", "")
    call.finished_at = now()
    return Flight(call, answer, outcomes)


def _encode(target: Target, batch: list[Item]) -> dict[int, Outcome]:
    """Write the items as messages; the outcomes of those that cannot be written, by position."""
    unwritable = {}
    for item in batch:
        try:
            item.encoded = item.encoded or target.encode(item.version)
        except Exception as error:
            logger.exception("position %d cannot be written for %s", item.position, target.name)
            reason = f"it cannot be written for the target: {type(error).__name__}: {error}"
            unwritable[item.position] = Outcome("parked", reason=reason)
    return unwritable
