"""The forms of a document on the wire, by media type."""

from collections.abc import Callable
from dataclasses import dataclass

from hub.problems import MalformedDocument
from hub.wire.cutting import only
from hub.wire.envelope import Envelope, Piece, Sent, json_in, submitted
from hub.wire.v2_json import read_v2_json, write_v2_json
from hub.wire.xml import DECLARATION, read_xml, write_xml

XML = "application/xml"
V2_JSON = "application/vnd.hub.v2+json"


@dataclass(frozen=True, slots=True)
class Envelopes:
    """How envelopes are read, and written one after the other."""

    read: Callable[[Piece], Envelope]
    write: Callable[[Envelope], bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """How documents stand in a request: as submissions or in `envelopes`, and of a batch one per line or not."""

    envelopes: Envelopes | None
    lines: bool

    def read(self, piece: Piece, kind: str | None = None) -> Sent:
        """The one document of a piece; `kind` is the request's, for envelopes that may be of several kinds."""
        return read_json(piece) if self.envelopes is None else submitted(self.envelopes.read(piece), kind)

    def whole(self, raw: bytes, limit: int) -> Piece:
        """The one document that `raw` is, of at most `limit` bytes."""
        return Piece(raw) if self.lines else only(raw, limit)


def read_json(piece: Piece) -> Sent:
    """The submission that is sent as itself; raises `MalformedDocument`."""
    document = json_in(piece.raw)
    if not isinstance(document, dict):
        raise MalformedDocument("The document should be a JSON object.")
    return Sent(document, piece.raw)


JSON_FORM = Form(None, lines=True)
V2_JSON_FORM = Form(Envelopes(read_v2_json, write_v2_json), lines=True)
XML_FORM = Form(Envelopes(read_xml, write_xml), lines=False)

OF_ONE = {"application/json": JSON_FORM, V2_JSON: V2_JSON_FORM, XML: XML_FORM, "text/xml": XML_FORM}
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
