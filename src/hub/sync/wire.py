"""The data specification's form of a payload: element names, compact times, joined lists; and its batch protocol."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cache, partial
from hashlib import sha256
from typing import Any, get_args

import orjson
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hub.schemas.kind import Kind, Part, element_of
from hub.sync.target import Outcome, Outgoing, Reply, Unreadable

BEIJING = timezone(timedelta(hours=8))

Convert = Callable[[Any], Any]


@cache
def plan_of(model: type[BaseModel]) -> tuple[tuple[str, str, Convert], ...]:
    """For each field of a payload class: its name, its element name, and how its value is written."""
    # 双公示 fields have no dataset of the specification; their dates keep their hyphens.
    compact = not (issubclass(model, Kind) and model.dataset is None)
    return tuple(
        (name, element_of(name, info), _converter(info, compact=compact)) for name, info in model.model_fields.items()
    )


def fields_of(model: type[BaseModel], body: Mapping[str, Any]) -> dict[str, Any]:
    """A payload under its element names; all values are strings, nested rows lists of objects."""
    return {
        element: convert(value) for name, element, convert in plan_of(model) if (value := body.get(name)) is not None
    }


def _converter(info: FieldInfo, *, compact: bool) -> Convert:
    inside = set(_walk(info.annotation))
    part = next((t for t in inside if isinstance(t, type) and issubclass(t, Part)), None)
    if part is not None:
        return partial(_rows, part)
    if datetime in inside:
        extra = info.json_schema_extra
        minutes = isinstance(extra, dict) and extra.get("x-minutes") is True
        return partial(compact_time, length=12 if minutes else 14)
    if date in inside:
        return _compact_date if compact else str
    if list in inside:
        return _joined
    return _text


def _walk(annotation: Any) -> list[Any]:
    found = [annotation, getattr(annotation, "__origin__", None)]
    for inner in get_args(annotation):
        found += _walk(inner)
    return [item for item in found if isinstance(item, type)]


def compact_time(value: str, length: int = 14) -> str:
    """`yyyyMMddHHmmss` (or its first `length` digits) in Beijing time, of an RFC 3339 time."""
    if not value.endswith("+08:00"):
        value = datetime.fromisoformat(value.upper().replace("Z", "+00:00")).astimezone(BEIJING).isoformat()
    digits = value[0:4] + value[5:7] + value[8:10] + value[11:13] + value[14:16] + value[17:19]
    return digits[:length]


def _compact_date(value: str) -> str:
    return value.replace("-", "")


def _joined(value: Sequence[str]) -> str:
    return ";".join(value)


def _rows(part: type[BaseModel], value: Any) -> Any:
    if isinstance(value, list):
        return [fields_of(part, item) for item in value]
    return fields_of(part, value)


def _text(value: Any) -> str:
    if value is True or value is False:
        return "1" if value else "0"
    return value if isinstance(value, str) else str(value)


def item_of(target: str, version: Outgoing) -> bytes:
    """A version as one item of a batch; the idempotency key says target, position and digest."""
    document = orjson.loads(version.document)
    kind, digest = version.kind, version.digest.hex()
    if version.state == "withdrawn":
        fields = {"REASON": document["withdrawal"]["reason"]}
        timestamp = document["withdrawal"]["data_timestamp"]
    else:
        fields = fields_of(kind, document["body"])
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
        "data_no": kind.dataset,
        "data_en": kind.dataset_name or kind.name().upper(),
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
