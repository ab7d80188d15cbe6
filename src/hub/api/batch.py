"""A batch: documents are cut out of the body as it arrives, and answered in their order while more arrive."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from itertools import repeat, takewhile

from hub.api.raw import Call, HungUp
from hub.keys import Sender
from hub.ledger.entry import Entry, Outcome, Receipt
from hub.problems import UNEXPECTED, BodyTooLarge, MalformedDocument, Overloaded, Problem
from hub.wire.cutting import Cutter
from hub.wire.envelope import Piece
from hub.wire.forms import Form

logger = logging.getLogger(__name__)

GROUP = 50
"""The most documents of a batch that are validated in one go: a few milliseconds in which nobody else is served."""

GROUPS_UNDER_WAY = 8
"""Groups of one batch that may wait for the ledger while the next documents are read: what a batch can hold in memory."""

Groups = asyncio.Queue[asyncio.Task[bytes] | None]
"""The answers to groups of documents in order, then None."""


async def answers(call: Call, sender: Sender, form: Form) -> AsyncIterator[bytes]:
    """One answer line per document, in order; an answer leaves when it is there, however slowly documents arrive."""
    under_way: Groups = asyncio.Queue(GROUPS_UNDER_WAY)
    reading = asyncio.create_task(_read(call, sender, form, under_way))
    try:
        while (group := await under_way.get()) is not None:
            yield await group
    finally:
        reading.cancel()


async def _read(call: Call, sender: Sender, form: Form, under_way: Groups) -> None:
    """Hand the documents in as they arrive; what has arrived when a sender hangs up is appended like the rest."""
    try:
        async for pieces in _lines(call) if form.lines else _cut(call):
            await call.runtime.calendars.refresh()
            await under_way.put(asyncio.create_task(_append_group(call, sender, form, pieces)))
    except (BodyTooLarge, MalformedDocument) as problem:
        await under_way.put(asyncio.create_task(_refused(problem)))
    except HungUp:
        pass
    except Exception:
        # Otherwise the sender would wait for the end of an answer that nobody ends.
        logger.exception("a batch could not be read to its end")
        await under_way.put(asyncio.create_task(_refused(Overloaded(UNEXPECTED))))
    await under_way.put(None)


async def _refused(problem: Problem) -> bytes:
    return _line(problem.status, problem.body())


async def _lines(call: Call) -> AsyncIterator[list[Piece]]:
    """The lines of the body as they arrive, `GROUP` at most together; an unfinished last line counts as one."""
    limit = call.runtime.settings.max_line_bytes
    rest = b""
    async for chunk in call.chunks():
        *whole, rest = (rest + chunk).split(b"\n")
        short = list(takewhile(lambda line: len(line) <= limit, whole))
        lines = [Piece(line) for line in short if line.strip()]
        for start in range(0, len(lines), GROUP):
            yield lines[start : start + GROUP]
        if len(short) < len(whole) or len(rest) > limit:
            raise BodyTooLarge(f"A line is longer than {limit} bytes; the batch ends here.", limit=limit)
    if rest.strip():
        yield [Piece(rest)]


async def _cut(call: Call) -> AsyncIterator[list[Piece]]:
    """The documents of an XML body as they arrive, `GROUP` at most together; a fault in its frame ends the batch."""
    cutter = Cutter(call.runtime.settings.max_line_bytes)
    async for chunk in call.chunks():
        for group in _groups(cutter.feed(chunk)):
            yield group
    for group in _groups(cutter.feed(b"", last=True)):
        yield group


def _groups(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """The pieces in groups; those before a fault are given out before it is raised."""
    group: list[Piece] = []
    try:
        for piece in pieces:
            group.append(piece)
            if len(group) == GROUP:
                yield group
                group = []
    except Problem:
        if group:
            yield group
        raise
    if group:
        yield group


async def _append_group(call: Call, sender: Sender, form: Form, pieces: list[Piece]) -> bytes:
    # Order between groups is kept without a lock: tasks run to their first await in the order they were made, and
    # that await is the appender's queue.
    results: list[Entry | bytes] = [_read_piece(call, sender, form, piece) for piece in pieces]
    entries = [result for result in results if isinstance(result, Entry)]
    told: Iterator[bytes]
    try:
        told = map(_shown, await call.runtime.appender.append_all(entries))
    except Overloaded as problem:
        told = repeat(_shown(problem))
    return b"".join(result if isinstance(result, bytes) else next(told) for result in results)


def _read_piece(call: Call, sender: Sender, form: Form, piece: Piece) -> Entry | bytes:
    """The entry of a document, or its answer where it is refused.

    A problem that was raised is not handed on: with its traceback it would hold the document, and itself, in a cycle
    that only the garbage collector ends.
    """
    try:
        return call.runtime.intake.accepted(form.read(piece, None), sender).entry
    except Problem as problem:
        return _shown(problem)
    except Exception:
        # The other documents are answered all the same.
        logger.exception("a document of a batch failed")
        return _shown(Overloaded(UNEXPECTED))


def _shown(outcome: Outcome) -> bytes:
    if isinstance(outcome, Receipt):
        return b'{"status":%d,"receipt":%b}\n' % (201 if outcome.created else 200, outcome.body)
    return _line(outcome.status, outcome.body())


def _line(status: int, problem: bytes) -> bytes:
    return b'{"status":%d,"problem":%b}\n' % (status, problem)
