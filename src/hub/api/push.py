"""Push: what platforms send."""

import contextlib
from typing import Any

import orjson
from fastapi import APIRouter

from hub.api.batch import answers
from hub.api.bodies import refuse_packed
from hub.api.describe import BATCH, PUSH, VALIDATE, WITHDRAW
from hub.api.raw import Answer, Call, RawRoute, Streamed
from hub.intake import Accepted
from hub.keys import Sender
from hub.ledger.entry import ANY, Outcome
from hub.problems import (
    Forbidden,
    InvalidParameter,
    InvalidSubmission,
    Problem,
    Unauthenticated,
    UnsupportedMediaType,
)
from hub.suggesting import suggestion
from hub.wire.envelope import Sent
from hub.wire.forms import JSON_FORM, OF_BATCH, OF_ONE, Form

NOBODYS = bytes(32)
"""A digest that no version has."""

router = APIRouter(route_class=RawRoute, tags=["push 报送"])


@router.put("/v1/records/{kind}/{data_key}", summary="报送记录的一个版本 Publish a version of a record", **PUSH)
async def put_record(call: Call) -> Answer:
    """Publish a version of a record. Putting the same version again returns the first receipt, byte for byte.

    Besides the submission in JSON the specification's envelope is taken, in XML or in JSON; one with DATA_TYPE 3
    withdraws the record.
    """
    sender = await writer_of(call)
    accepted = await _accepted(call, sender, kind=call.path["kind"], data_key=call.path["data_key"])
    entry = accepted.entry
    entry.if_match = _if_match(call)
    return _answer(await call.runtime.appender.append(entry))


@router.post("/v1/records/{kind}/{data_key}:withdraw", summary="撤回记录 Withdraw a record", **WITHDRAW)
async def withdraw_record(call: Call) -> Answer:
    """Withdraw a record: a version with a reason. What the record said before stays visible, for ever."""
    sender = await writer_of(call)
    raw = await _json_body(call)
    entry = call.runtime.intake.withdrawal(raw, sender, call.path["kind"], call.path["data_key"])
    entry.if_match = _if_match(call)
    return _answer(await call.runtime.appender.append(entry))


@router.post(
    "/v1/records:validate", summary="校验报送内容，不存储 Validate a submission without storing it", **VALIDATE
)
async def validate_record(call: Call) -> Answer:
    """Everything that a push does except storing: all faults, or the digest, targets and warnings it would get.

    With `repair=true` the answer, 200 or 422, also has the document with all suggested repairs made, whether that one
    is valid, and which faults or warnings it has left. Whether it is what was meant, only the sender knows.
    """
    sender = await sender_of(call)
    intake, repair = call.runtime.intake, call.flag("repair")
    sent = _read(call, *await _body(call))
    try:
        accepted = intake.accepted(sent, sender)
    except InvalidSubmission as problem:
        if repair:
            problem.members |= {"valid": False, **suggestion(intake, sent, sender, problem).members()}
        raise
    terms = accepted.entry.terms
    shown: dict[str, Any] = {
        "valid": True,
        "digest": accepted.entry.digest.hex(),
        "thread": accepted.entry.thread,
        "targets": orjson.loads(b"{" + terms[1:])["targets"] if terms else [],
        "warnings": [fault.document() for fault in accepted.warnings],
    }
    if repair:
        shown |= suggestion(intake, sent, sender, accepted).members()
    return Answer(200, orjson.dumps(shown))


@router.post("/v1/records:batch", summary="批量报送 Push many versions", **BATCH)
async def push_batch(call: Call) -> Streamed:
    """Push many versions: documents in, one answer line per document in the same order, streamed while they arrive.

    A line of NDJSON is a whole submission, or a withdrawal as `{"kind", "data_key", "withdrawal": {…}}`. The
    specification's envelopes come one after the other: in XML, inside any root element or none; in JSON, one a line.
    A refused document leaves the others alone.
    """
    sender = await writer_of(call)
    form = OF_BATCH.get(_media(call))
    if form is None:
        raise UnsupportedMediaType(f"A batch is one of: {', '.join(OF_BATCH)}.")
    return Streamed(answers(call, sender, form))


async def sender_of(call: Call) -> Sender:
    """The platform whose key the request shows; checked before the body is read."""
    authorization = call.header(b"authorization")
    if not authorization:
        raise Unauthenticated("Send `Authorization: Bearer hub_…` with a platform's key.")
    holder = await call.runtime.keys.holder(authorization)
    if not isinstance(holder, Sender):
        raise Forbidden("Only a platform's key may push.")
    await call.runtime.calendars.refresh()
    return holder


async def writer_of(call: Call) -> Sender:
    """The same where something may be stored; raises `LedgerBehindCheckpoint`."""
    sender = await sender_of(call)
    call.runtime.guard.let_write()
    return sender


async def _accepted(call: Call, sender: Sender, **path: Any) -> Accepted:
    """The submission that the body is, in any form; only an envelope may be a withdrawal."""
    form, raw = await _body(call)
    if form is JSON_FORM:
        return call.runtime.intake.submission(raw, sender, **path)
    return call.runtime.intake.accepted(_read(call, form, raw), sender, **path)


async def _body(call: Call) -> tuple[Form, bytes]:
    form = OF_ONE.get(_media(call))
    if form is None:
        raise UnsupportedMediaType(f"A submission is one of: {', '.join(OF_ONE)}.")
    return form, await call.body(call.runtime.settings.max_submission_bytes)


def _read(call: Call, form: Form, raw: bytes) -> Sent:
    return form.read(form.whole(raw, call.runtime.settings.max_submission_bytes), call.path.get("kind"))


async def _json_body(call: Call) -> bytes:
    if _media(call) != "application/json":
        raise UnsupportedMediaType("A withdrawal is `application/json`.")
    return await call.body(call.runtime.settings.max_submission_bytes)


def _media(call: Call) -> str:
    """The body's media type; raises `UnsupportedContentCoding`."""
    refuse_packed(call.header(b"content-encoding"))
    return call.header(b"content-type").split(";")[0].strip().lower()


def _if_match(call: Call) -> bytes | None:
    """The digest in If-Match, `ANY` for `*`; empty bytes for `If-None-Match: *`, None where neither is given."""
    if call.header(b"if-none-match").strip() == "*":
        return b""
    tag = call.header(b"if-match").strip()
    if not tag:
        return None
    if tag == "*":
        return ANY
    with contextlib.suppress(ValueError):
        digest = bytes.fromhex(tag.removeprefix("W/").strip('"'))
        # One of another length is no version's, and must not pass for what stands for none or for any.
        return digest if len(digest) == len(NOBODYS) else NOBODYS
    raise InvalidParameter('If-Match is the ETag of a version: its digest in quotes, `"…64 hex digits…"`.')


def _answer(outcome: Outcome) -> Answer:
    if isinstance(outcome, Problem):
        return Answer.of(outcome)
    etag = (b"etag", b'"%b"' % outcome.digest.hex().encode())
    evidence = (b"link", b'</v1/versions/%d/evidence>; rel="evidence"' % outcome.position)
    return Answer(201 if outcome.created else 200, outcome.body, etag, evidence)
