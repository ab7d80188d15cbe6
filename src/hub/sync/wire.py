"""The batch protocol of the targets: a version under the specification's element names is one item."""

import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson

from hub.sync.target import Outcome, Outgoing, Reply, Unreadable
from hub.wire.datasets import branch_of
from hub.wire.elements import to_elements
from hub.wire.moments import compact_time

logger = logging.getLogger(__name__)

ALREADY_RECEIVED = "already-received"
"""The rule under which a target refuses what it has applied before, same position and same digest."""

RECEIPT_KEPT = 200
QUALITY_KEPT = 10_000
"""How much of a receipt and of a note on quality is kept, in characters."""


def item_of(target: str, version: Outgoing) -> bytes:
    """A version as one item of a batch; the idempotency key says target, position and digest."""
    document = orjson.loads(version.document)
    kind, digest = version.kind, version.digest.hex()
    number, name = kind.dataset, kind.dataset_name or kind.name().upper()
    if version.state == "withdrawn":
        fields = {"REASON": document["withdrawal"]["reason"]}
        timestamp = document["withdrawal"]["data_timestamp"]
    else:
        fields = to_elements(kind, document["body"])
        if (branch := branch_of(kind, document["body"])) is not None:
            number, name = branch.number, branch.name
            fields = {branch.renamed.get(element, element): value for element, value in fields.items()}
        timestamp = document["data_timestamp"]
    marks = version.marks
    fields |= {
        "PLATFORM_CODE": marks.platform,
        "PUB_SERVICE_PLAT_CODE": marks.public_service_code,
        "DATA_TIMESTAMP": compact_time(timestamp),
        "TRADE_PLAT": marks.trade_mark,
        "PUB_SERVICE_PLAT": marks.public_service_mark,
    }
    written = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    envelope = {
        "idempotency_key": f"{target}:{version.position}:{digest}",
        "position": version.position,
        "previous": version.previous,
        "number": version.number,
        "record": version.record,
        "thread": version.thread,
        "kind": kind.name(),
        "digest": digest,
        "fields_digest": sha256(written).hexdigest(),
        "data_no": number,
        "data_en": name,
        "data_cn": kind.title(),
        "data_key": version.data_key,
        "data_type": "3" if version.state == "withdrawn" else "1" if version.previous is None else "2",
    }
    if (epoch := version.epoch) is not None:
        envelope["epoch"] = {"number": epoch.number, "began_after": epoch.began_after}
    return orjson.dumps(envelope)[:-1] + b',"fields":' + written + b"}"


def outcomes_of(reply: Reply, sent: Sequence[int]) -> list[Outcome]:
    """The outcomes of a batch, one per position in the same order; raises `Unreadable` for anything else."""
    try:
        results = orjson.loads(reply.body)["results"]
        by_position = {_position(result["position"]): result for result in results}
        outcomes = [_outcome(by_position[position]) for position in sent]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None
    receipts = [outcome.receipt for outcome in outcomes if outcome.receipt is not None]
    if len(by_position) != len(results) or len(set(receipts)) != len(receipts):
        raise Unreadable("a position is answered twice, or two versions have the same receipt")
    return outcomes


def decisions_of(reply: Reply, receipts: Sequence[str]) -> list[Outcome]:
    """What was decided on receipts, in their order; still pending is one that the target does not know (any more).

    So is one of which it says nothing that can be read: the others are not to wait for it. Raises `Unreadable` for
    anything else than `{"receipts": [{"id", "result": {…} or null}]}`.
    """
    try:
        told = {_clean(said["id"], RECEIPT_KEPT): said.get("result") for said in orjson.loads(reply.body)["receipts"]}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None
    return [_decision(told.get(receipt), receipt) for receipt in receipts]


def _decision(result: Any, receipt: str) -> Outcome:
    if result:
        try:
            return _outcome(result)
        except (Unreadable, KeyError, TypeError, AttributeError) as error:
            logger.info("what was decided on receipt %r cannot be read: %s: %s", receipt, type(error).__name__, error)
    return Outcome("pending_receipt", receipt=receipt)


def _outcome(result: Mapping[str, Any]) -> Outcome:
    quality = _quality(result)
    match result["status"]:
        case "accepted" | "duplicate":
            return Outcome("delivered", receipt=_receipt(result["receipt"]), quality=quality)
        case "pending":
            return Outcome("pending_receipt", receipt=_receipt(result["receipt"]), quality=quality)
        case "rejected" if [error["rule"] for error in result.get("errors", [])] == [ALREADY_RECEIVED]:
            # Some platforms refuse as an error what they have: an earlier answer was lost on its way.
            return Outcome("delivered", reason=orjson.dumps(result["errors"]).decode(), quality=quality)
        case "rejected":
            return Outcome("rejected", reason=orjson.dumps(result.get("errors", [])).decode(), quality=quality)
        case "waiting" if result.get("reason") == "behind":
            return Outcome("behind")
        case "waiting":
            return Outcome("waiting", reason=orjson.dumps(result).decode())
        case str(other):
            raise Unreadable(f"an unknown status {other[:40]!r}")
        case _:
            raise Unreadable("a status that is no text")


def _position(said: object) -> int:
    # True and 1.0 would be found under 1.
    if type(said) is not int:
        raise Unreadable("a position that is no whole number")
    return said


def _quality(result: Mapping[str, Any]) -> str | None:
    noted = result.get("quality")
    if not noted:
        return None
    return _clean(noted if isinstance(noted, str) else orjson.dumps(noted).decode(), QUALITY_KEPT)


def _receipt(said: object) -> str:
    if not 0 < len(receipt := _clean(said, RECEIPT_KEPT + 1)) <= RECEIPT_KEPT:
        raise Unreadable("what is given as a receipt is none")
    return receipt


def _clean(said: object, most: int) -> str:
    # What is nested deeply cannot even be written out.
    if type(said) not in (str, int):
        raise Unreadable("what is given as a receipt is none")
    # PostgreSQL keeps no NUL in a text: one in a receipt would stop the courier.
    return str(said).replace("\0", "")[:most]
