"""The batch protocol of the targets: a version under the specification's element names is one item."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson

from hub.sync.target import Outcome, Outgoing, Reply, Unreadable
from hub.wire.datasets import branch_of
from hub.wire.elements import to_elements
from hub.wire.moments import compact_time


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
        "data_type": "3" if version.state == "withdrawn" else "1" if version.number == 1 else "2",
    }
    return orjson.dumps(envelope)[:-1] + b',"fields":' + written + b"}"


def outcomes_of(reply: Reply, sent: Sequence[int]) -> list[Outcome]:
    """The outcomes of a batch, one per position in the same order; raises `Unreadable` for anything else."""
    try:
        results = orjson.loads(reply.body)["results"]
        by_position = {result["position"]: result for result in results}
        return [_outcome(by_position[position]) for position in sent]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def _outcome(result: Mapping[str, Any]) -> Outcome:
    match result["status"]:
        case "accepted" | "duplicate":
            # PostgreSQL keeps no NUL in a text: one in a receipt would stop the courier.
            return Outcome("delivered", receipt=str(result["receipt"]).replace("\0", "")[:200])
        case "rejected":
            return Outcome("rejected", reason=orjson.dumps(result.get("errors", [])).decode())
        case "waiting" if result.get("reason") == "behind":
            return Outcome("behind")
        case "waiting":
            return Outcome("waiting", reason=orjson.dumps(result).decode())
        case other:
            raise Unreadable(f"an unknown status {str(other)[:40]!r}")
