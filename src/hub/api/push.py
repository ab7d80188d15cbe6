"""Push: what platforms send."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from itertools import repeat, takewhile

import orjson
from fastapi import APIRouter

from hub.api.describe import BATCH, PUSH, VALIDATE, WITHDRAW
from hub.api.raw import Answer, Call, RawRoute, Streamed
from hub.keys import Sender
from hub.ledger.entry import Entry, Outcome, Receipt
from hub.problems import (
    BodyTooLarge,
    Forbidden,
    InvalidParameter,
    Overloaded,
    Problem,
    Unauthenticated,
    UnsupportedMediaType,
)

logger = logging.getLogger(__name__)

router = APIRouter(route_class=RawRoute, tags=["push 报送"])

GROUP = 50
"""The most lines of a batch that are validated in one go: a few milliseconds in which nobody else is served."""

GROUPS_UNDER_WAY = 8
"""Groups of one batch that may wait for the ledger while the next lines are read: what a batch can hold in memory."""

Groups = asyncio.Queue[asyncio.Task[bytes] | None]
"""The answers to groups of lines in order, then None."""


@router.put("/v1/records/{kind}/{data_key}", **PUSH)
async def put_record(call: Call) -> Answer:
    """Publish a version of a record. Putting the same version again returns the first receipt, byte for byte."""
    sender = await sender_of(call)
    raw = await _json_body(call)
    accepted = call.runtime.intake.submission(raw, sender, kind=call.path["kind"], data_key=call.path["data_key"])
    entry = accepted.entry
    entry.if_match = _if_match(call)
    return _answer(await call.runtime.appender.append(entry))


@router.post("/v1/records/{kind}/{data_key}:withdraw", **WITHDRAW)
async def withdraw_record(call: Call) -> Answer:
    """Withdraw a record: a version with a reason. What the record said before stays visible, for ever."""
    sender = await sender_of(call)
    raw = await _json_body(call)
    entry = call.runtime.intake.withdrawal(raw, sender, call.path["kind"], call.path["data_key"])
    entry.if_match = _if_match(call)
    return _answer(await call.runtime.appender.append(entry))


@router.post("/v1/records:validate", **VALIDATE)
async def validate_record(call: Call) -> Answer:
    """Everything that a push does except storing: all faults, or the digest, targets and warnings it would get."""
    sender = await sender_of(call)
    accepted = call.runtime.intake.submission(await _json_body(call), sender)
    shown = {
        "valid": True,
        "digest": accepted.entry.digest.hex(),
        "thread": accepted.entry.thread,
        "targets": orjson.loads(b"{" + accepted.entry.terms[1:])["targets"],
        "warnings": [fault.document() for fault in accepted.warnings],
    }
    return Answer(200, orjson.dumps(shown))


@router.post("/v1/records:batch", **BATCH)
async def push_batch(call: Call) -> Streamed:
    """Push many versions: NDJSON in, one answer line per input line in the same order, streamed while lines arrive.

    A line is a whole submission, or a withdrawal as `{"kind", "data_key", "withdrawal": {…}}`. A refused line leaves
    the others alone.
    """
    sender = await sender_of(call)
    media = call.header(b"content-type").split(";")[0].strip().lower()
    if media not in ("application/x-ndjson", "application/ndjson", "application/jsonl"):
        raise UnsupportedMediaType("A batch is `application/x-ndjson`.")
    return Streamed(_answers(call, sender))


async def sender_of(call: Call) -> Sender:
    """The platform whose key the request shows; checked before the body is read."""
    authorization = call.header(b"authorization")
    if not authorization:
        raise Unauthenticated("Send `Authorization: Bearer hub_…` with a platform's key.")
    holder = await call.runtime.keys.holder(authorization)
    if not isinstance(holder, Sender):
        raise Forbidden("Only a platform's key may push.")
    return holder


async def _json_body(call: Call) -> bytes:
    media = call.header(b"content-type").split(";")[0].strip().lower()
    if media != "application/json":
        raise UnsupportedMediaType("A submission is `application/json`.")
    return await call.body(call.runtime.settings.max_submission_bytes)


def _if_match(call: Call) -> bytes | None:
    """The digest in If-Match; empty bytes for `If-None-Match: *`, None where neither is given."""
    if call.header(b"if-none-match").strip() == "*":
        return b""
    tag = call.header(b"if-match").strip()
    if not tag:
        return None
    with contextlib.suppress(ValueError):
        return bytes.fromhex(tag.removeprefix("W/").strip('"'))
    raise InvalidParameter('If-Match is the ETag of a version: its digest in quotes, `"…64 hex digits…"`.')


def _answer(outcome: Outcome) -> Answer:
    if isinstance(outcome, Problem):
        return Answer.of(outcome)
    etag = (b"etag", b'"%b"' % outcome.digest.hex().encode())
    return Answer(201 if outcome.created else 200, outcome.body, etag)


async def _answers(call: Call, sender: Sender) -> AsyncIterator[bytes]:
    """One answer line per input line, in order; an answer leaves when it is there, however slowly lines arrive."""
    under_way: Groups = asyncio.Queue(GROUPS_UNDER_WAY)
    reading = asyncio.create_task(_read(call, sender, under_way))
    try:
        while (group := await under_way.get()) is not None:
            yield await group
    finally:
        reading.cancel()


async def _read(call: Call, sender: Sender, under_way: Groups) -> None:
    """Hand the lines in as they arrive; what has arrived when a sender hangs up is appended like the rest."""
    try:
        async for lines in _groups(call):
            await under_way.put(asyncio.create_task(_append_group(call, sender, lines)))
    except BodyTooLarge as problem:
        await under_way.put(asyncio.create_task(_refused(problem)))
    except ConnectionResetError:
        pass
    await under_way.put(None)


async def _refused(problem: Problem) -> bytes:
    return _line(problem.status, problem.body())


async def _groups(call: Call) -> AsyncIterator[list[bytes]]:
    """The lines of the body as they arrive, `GROUP` at most together; an unfinished last line counts as one."""
    limit = call.runtime.settings.max_line_bytes
    rest = b""
    async for chunk in call.chunks():
        *whole, rest = (rest + chunk).split(b"\n")
        short = list(takewhile(lambda line: len(line) <= limit, whole))
        lines = [line for line in short if line.strip()]
        for start in range(0, len(lines), GROUP):
            yield lines[start : start + GROUP]
        if len(short) < len(whole) or len(rest) > limit:
            raise BodyTooLarge(f"A line is longer than {limit} bytes; the batch ends here.", limit=limit)
    if rest.strip():
        yield [rest]


async def _append_group(call: Call, sender: Sender, lines: list[bytes]) -> bytes:
    # Order between groups is kept without a lock: tasks run to their first await in the order they were made, and
    # that await is the appender's queue.
    results: list[Entry | bytes] = [_read_line(call, sender, line) for line in lines]
    entries = [result for result in results if isinstance(result, Entry)]
    answers: Iterator[bytes]
    try:
        answers = map(_shown, await call.runtime.appender.append_all(entries))
    except Overloaded as problem:
        answers = repeat(_shown(problem))
    return b"".join(result if isinstance(result, bytes) else next(answers) for result in results)


def _read_line(call: Call, sender: Sender, line: bytes) -> Entry | bytes:
    """The entry of a line, or its answer where it is refused.

    A problem that was raised is not handed on: with its traceback it would hold the line, and itself, in a cycle that
    only the garbage collector ends.
    """
    intake = call.runtime.intake
    try:
        if b'"withdrawal"' in line and (withdrawal := _withdrawal(line)) is not None:
            kind, data_key, raw = withdrawal
            return intake.withdrawal(raw, sender, kind, data_key)
        return intake.submission(line, sender).entry
    except Problem as problem:
        return _shown(problem)
    except Exception:
        # The other lines are answered all the same.
        logger.exception("a line of a batch failed")
        return _shown(Overloaded("Something unexpected went wrong here; it has been logged."))


def _withdrawal(line: bytes) -> tuple[str, str, bytes] | None:
    with contextlib.suppress(orjson.JSONDecodeError):
        document = orjson.loads(line)
        match document:
            case {"kind": str(kind), "data_key": str(data_key), "withdrawal": dict(withdrawal)} if (
                "body" not in document
            ):
                return kind, data_key, orjson.dumps(withdrawal)
    return None


def _shown(outcome: Outcome) -> bytes:
    if isinstance(outcome, Receipt):
        return b'{"status":%d,"receipt":%b}\n' % (201 if outcome.created else 200, outcome.body)
    return _line(outcome.status, outcome.body())


def _line(status: int, problem: bytes) -> bytes:
    return b'{"status":%d,"problem":%b}\n' % (status, problem)
