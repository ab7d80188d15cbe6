"""A submission in the specification's envelope, and back; what the specification cannot carry goes beside it in HUB."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import orjson

from hub.problems import MalformedDocument
from hub.schemas.kind import Kind, editions, kinds
from hub.wire.datasets import branch_of, kind_of, told_by
from hub.wire.elements import from_elements, plan_of, to_elements
from hub.wire.moments import compact_time, time_of
from hub.wire.paths import element_at, withdrawal_element_at

NEW, CHANGED, WITHDRAWN = "1", "2", "3"
"""DATA_TYPE 数据操作类型."""

TAIL = frozenset({"PLATFORM_CODE", "PUB_SERVICE_PLAT_CODE", "DATA_TIMESTAMP", "TRADE_PLAT", "PUB_SERVICE_PLAT"})
"""Elements at the end of every dataset; all but the timestamp say who sends, which the key of the request says."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MISSING = object()


class Piece(NamedTuple):
    """The bytes of one document in a stream, and where they begin: the line from 1, the column from 0."""

    raw: bytes
    line: int = 1
    column: int = 0


@dataclass(slots=True)
class Envelope:
    """One `<DES>`: CONTEXT, TITLE, each SOURCE and HUB, whatever it is written in.

    Values are strings, and in `context` nested rows lists of objects; `hub` holds members of the submission as JSON.
    """

    context: dict[str, Any] = field(default_factory=dict)
    title: dict[str, Any] = field(default_factory=dict)
    sources: Sequence[Mapping[str, Any]] = ()
    hub: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """A document as it was sent: parsed, as JSON bytes, and from JSON Pointers to element paths where it has those.

    `document` is a submission, or a withdrawal as `{"kind", "data_key", "withdrawal": {…}}`.
    """

    document: dict[str, Any]
    raw: bytes
    element_at: Callable[[str], str] | None = None

    @property
    def withdraws(self) -> bool:
        """Whether it is a withdrawal."""
        match self.document:
            case {"kind": str(), "data_key": str(), "withdrawal": dict()}:
                return "body" not in self.document
        return False


def enveloped(document: Mapping[str, Any], *, platform: str = "") -> Envelope:
    """A submission or withdrawal, or what a reader sees of one, in its envelope; `submitted` gives it back unchanged.

    `platform` becomes PLATFORM_CODE.
    """
    first, edition = kinds()[document["kind"]], document.get("schema_version", "")
    kind = editions(document["kind"]).get(edition, first)
    withdrawn = document.get("withdrawal")
    envelope = Envelope(title=title_of(kind, document))
    if withdrawn is not None:
        carried = {"REASON": withdrawn["reason"]}
        envelope.context = carried if _fits(carried) else {}
    else:
        elements = to_elements(kind, document["body"])
        branch = branch_of(kind, document["body"])
        renamed = branch.renamed if branch is not None else {}
        for one in plan_of(kind):
            if not one.hub and one.element in elements and _fits(elements[one.element]):
                envelope.context[renamed.get(one.element, one.element)] = elements[one.element]
    if platform:
        envelope.context["PLATFORM_CODE"] = platform
    timestamp = (withdrawn or document)["data_timestamp"]
    envelope.context["DATA_TIMESTAMP"] = compact_time(timestamp)
    envelope.sources = _sources(document.get("attachments", ()))
    if kind is not first:
        envelope.hub = {"schema_version": edition}
    envelope.hub |= _beside(document, _submitted(envelope, None).document)
    return envelope


def submitted(envelope: Envelope, kind: str | None = None) -> Sent:
    """The submission or withdrawal that an envelope holds; `kind` helps where several kinds have its dataset.

    What HUB says wins over what the other parts say; where there is no HUB, the dataset's number may say a field too.
    Nothing is judged here but what DATA_TYPE asks for, which raises `MalformedDocument`: a dataset that no kind has becomes a kind that there is not, and what lacks is left out.
    """
    sent = _submitted(envelope, kind)
    if not envelope.hub and (told := told_by(envelope.title)) and "body" in sent.document:
        body = told | sent.document["body"]
        document = sent.document | {"body": body}
        return replace(sent, document=document, raw=json_of(document))
    return sent


def _submitted(envelope: Envelope, kind: str | None) -> Sent:
    operation = operation_of(envelope)
    if operation not in (NEW, CHANGED, WITHDRAWN):
        # Taken for one of the others, what was to be withdrawn would be published.
        raise MalformedDocument("DATA_TYPE is 1 (new), 2 (changed) or 3 (withdrawn).")
    name = _told(envelope.hub, "kind") or kind_of(envelope.title, envelope.context, kind)
    document = _given({"kind": name, "data_key": envelope.title.get("DATA_KEY")})
    if operation == WITHDRAWN:
        withdrawal = {"data_timestamp": _timestamp(envelope), "reason": envelope.context.get("REASON")}
        beside = _object(envelope.hub.get("withdrawal"))
        document["withdrawal"] = _given(withdrawal) | beside
        document |= {one: value for one, value in envelope.hub.items() if one not in ("withdrawal", "body")}
        return _sent(document, lambda pointer: withdrawal_element_at(pointer, beside))
    known = _edition(name, envelope.hub)
    body = dict(envelope.context) if known is None else from_elements(known, envelope.context, TAIL)
    document |= _given({"data_timestamp": _timestamp(envelope)}) | {"body": body}
    if known is not None:
        document["schema_version"] = known.schema_version
    if envelope.sources:
        document["attachments"] = [_attachment(source) for source in envelope.sources if source.get("IS_DELETE") != "1"]
    document |= {one: value for one, value in envelope.hub.items() if one != "body"}
    body |= _object(envelope.hub.get("body"))
    return _sent(document, lambda pointer: element_at(pointer, known, envelope.context, envelope.hub))


def _edition(name: str, hub: Mapping[str, Any]) -> type[Kind] | None:
    first = kinds().get(name)
    return first and editions(name).get(_told(hub, "schema_version") or "", first)


def _sent(document: dict[str, Any], path: Callable[[str], str]) -> Sent:
    return Sent(document, json_of(document), path)


def operation_of(envelope: Envelope) -> str:
    """The DATA_TYPE of an envelope; where it says none, its record is new."""
    return str(envelope.title.get("DATA_TYPE") or "").strip() or NEW


def json_in(raw: bytes) -> Any:
    """What a JSON document holds; raises `MalformedDocument` with the line and the column."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        said, at = f"{error.msg} at line {error.lineno}, column {error.colno}.", not_utf8(raw)
    if at is not None:
        line, column = 1 + raw.count(b"\n", 0, at), at - raw.rfind(b"\n", 0, at)
        said = f"The bytes are not UTF-8, in which JSON is written, at line {line}, column {column}."
    raise MalformedDocument(said)


def not_utf8(raw: bytes) -> int | None:
    """Where bytes that are not UTF-8 begin; None where all are."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def json_of(document: Mapping[str, Any]) -> bytes:
    """A document that was read, as JSON; raises `MalformedDocument` for what is nested deeper than can be written."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        raise MalformedDocument(f"{error}.") from None


def title_of(kind: type[Kind], document: Mapping[str, Any]) -> dict[str, str]:
    """The TITLE of a document; of a version that a reader does not see, its data key is enough."""
    changed = CHANGED if document.get("change") else NEW
    branch = branch_of(kind, document.get("body", {}))
    return {
        "DATA_NO": str((branch.number if branch is not None else kind.dataset) or ""),
        "DATA_EN": branch.name if branch is not None else kind.dataset_name or kind.name().upper(),
        "DATA_CN": kind.title(),
        "DATA_KEY": document["data_key"],
        "DATA_TYPE": WITHDRAWN if "withdrawal" in document else changed,
        "ROUTE_WAY": "",
        "CA_KEY": "",
    }


def _fits(value: Any) -> bool:
    """Whether XML can carry the value so that it is read as the same."""
    if isinstance(value, str):
        return value != "" and _NOT_IN_XML.search(value) is None
    inner = value.values() if isinstance(value, dict) else value
    return bool(value) and all(map(_fits, inner))


_OF_SOURCE = {
    "code": ("ATTACHMENT_CODE", "FILE_EN_NAME"),
    "name": ("FILE_NAME",),
    "media_type": ("MEDIA_TYPE",),
    "size": ("SIZE",),
    "sha256": ("SHA256",),
    "url": ("URL", "BINARY_CONTENT"),
}
"""An attachment's members and the elements of SOURCE that they are read from; the first one is written."""


def _sources(attachments: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    rows = ({names[0]: str(one[member]) for member, names in _OF_SOURCE.items()} for one in attachments)
    return [row | {"IS_DELETE": "0"} for row in rows if _fits(row)]


def _attachment(source: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        member: next((source[name] for name in names if source.get(name)), None) for member, names in _OF_SOURCE.items()
    }
    size = found["size"]
    if isinstance(size, str) and size.isascii() and size.isdigit() and len(size) < 19:
        found["size"] = int(size)
    return _given(found)


def _beside(document: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `document` that are missing or other in what is read from the rest of the envelope."""
    hub = {
        name: value
        for name, value in document.items()
        if name not in ("body", "withdrawal") and read.get(name, _MISSING) != value
    }
    for name in ("body", "withdrawal"):
        whole, told = document.get(name, {}), read.get(name, {})
        if rest := {one: value for one, value in whole.items() if told.get(one, _MISSING) != value}:
            hub[name] = rest
    return hub


def _timestamp(envelope: Envelope) -> Any:
    return time_of(envelope.context.get("DATA_TIMESTAMP"))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _told(hub: Mapping[str, Any], name: str) -> str | None:
    value = hub.get(name)
    return value if isinstance(value, str) else None


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
