"""The forms of a document on the wire: by media type, how it is read, and how it is written where readers may ask for it."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from hub.problems import MalformedDocument
from hub.wire.cutting import only
from hub.wire.envelope import Envelope, Piece, Sent, submitted
from hub.wire.v2_json import read_v2_json, write_v2_json
from hub.wire.xml import DECLARATION, read_xml, write_xml

XML = "application/xml"
V2_JSON = "application/vnd.hub.v2+json"


@dataclass(frozen=True, slots=True)
class Form:
    """How documents stand in a request: `read` takes one document, `whole` finds it in a body of that many bytes."""

    media: str
    read: Callable[[Piece, str | None], Sent]
    whole: Callable[[bytes, int], Piece]
    lines: bool
    """Whether a batch is one document per line."""


def read_json(piece: Piece, kind: str | None = None) -> Sent:  # noqa: ARG001
    """The submission that is sent as itself; raises `MalformedDocument`."""
    try:
        document = orjson.loads(piece.raw)
    except orjson.JSONDecodeError as error:
        raise MalformedDocument(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    if not isinstance(document, dict):
        raise MalformedDocument("The document should be a JSON object.")
    return Sent(document, piece.raw)


def _read_v2_json(piece: Piece, kind: str | None) -> Sent:
    return submitted(read_v2_json(piece), kind)


def _read_xml(piece: Piece, kind: str | None) -> Sent:
    return submitted(read_xml(piece), kind)


def _itself(raw: bytes, _limit: int) -> Piece:
    return Piece(raw)


JSON_FORM = Form("application/json", read_json, _itself, lines=True)
V2_JSON_FORM = Form(V2_JSON, _read_v2_json, _itself, lines=True)
XML_FORM = Form(XML, _read_xml, only, lines=False)

OF_ONE = {form.media: form for form in (JSON_FORM, V2_JSON_FORM, XML_FORM)} | {"text/xml": XML_FORM}
"""The forms of a single submission, by the media type of the request."""

OF_BATCH = {
    "application/x-ndjson": JSON_FORM,
    "application/ndjson": JSON_FORM,
    "application/jsonl": JSON_FORM,
    V2_JSON: V2_JSON_FORM,
    XML: XML_FORM,
    "text/xml": XML_FORM,
}
"""The forms of the documents of a batch."""


def written(envelope: Envelope, media: str) -> bytes:
    """The envelope as a document of the media type, `XML` or `V2_JSON`."""
    return DECLARATION + write_xml(envelope) + b"\n" if media == XML else write_v2_json(envelope)
