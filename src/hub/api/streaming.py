"""The feed as a stream of server-sent events (WHATWG HTML, 9.2)."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hub.api.asking import Place, reached
from hub.api.runtime import Runtime
from hub.exports.dialects import EVENT_STREAM
from hub.ledger.feed import feed_page, page_before
from hub.ledger.read import Filter
from hub.problems import CursorBeyondHead, Unauthenticated

HEARTBEAT = 15.0
"""Seconds after which a silent stream says that it is alive, so that nothing between takes it for dead."""

RETRY = b"retry: 2000\n\n"


async def event_stream(
    request: Request, running: Runtime, wanted: Filter, government: bool, place: Place, last_event_id: str | None
) -> Response:
    """Events from a cursor on, without end; `Last-Event-ID` goes before `after`, and `before=head` begins at the head."""
    after = place.after
    if last_event_id:
        after = await reached(running, last_event_id)
    elif place.backwards:
        async with running.database.reading() as connection:
            after = (await page_before(connection, before=place.before, limit=1)).next
    if after > running.bell.heard:
        # While the answer can still be a refusal.
        async with running.database.reading() as connection:
            await feed_page(connection, after=after, limit=1)
    headers = {"cache-control": "no-store", "vary": "Accept, Authorization", "x-accel-buffering": "no"}
    epoch = (await running.epochs.current()).number
    events = _events(running, after, wanted, government, epoch, request.headers.get("authorization"))
    return StreamingResponse(events, headers=headers, media_type=EVENT_STREAM)


async def _events(
    running: Runtime, after: int, wanted: Filter, government: bool, epoch: int, authorization: str | None
) -> AsyncIterator[bytes]:
    yield RETRY
    while not running.stopping:
        if not await _still(running, government, epoch, authorization):
            return
        try:
            wave = await running.waves.behind(after, wanted, government, epoch)
        except CursorBeyondHead:
            # Versions were lost: the reader comes back, and is told.
            return
        if wave.next > after:
            after = wave.next
            yield wave.events
            continue
        await running.grown(after, HEARTBEAT)
        if running.bell.heard <= after:
            yield b":\n\n"


async def _still(running: Runtime, government: bool, epoch: int, authorization: str | None) -> bool:
    """Whether the key still opens the government's view, and the epoch is still the one that was begun in."""
    if (await running.epochs.current()).number != epoch:
        return False
    if government:
        try:
            await running.keys.holder(authorization or "")
        except Unauthenticated:
            return False
    return True
