"""The envelope of the specification in JSON: the same element names, `{"CONTEXT", "TITLE", "SOURCE", "HUB"}`."""

from typing import Any

import orjson

from hub.problems import MalformedDocument
from hub.wire.doubled import refuse_doubled
from hub.wire.envelope import Envelope, Piece, json_in, json_of

_MEMBERS = {"CONTEXT": dict, "TITLE": dict, "SOURCE": list, "HUB": dict}


def read_v2_json(piece: Piece) -> Envelope:
    """The envelope that a JSON object is; raises `MalformedDocument`, where it is no JSON with the line and the column."""
    members = json_in(piece.raw)
    refuse_doubled(piece.raw, json_of(members))
    if not isinstance(members, dict) or not members.keys() <= _MEMBERS.keys():
        raise MalformedDocument("The document should be a JSON object of CONTEXT, TITLE, SOURCE and HUB.")
    for name, value in members.items():
        if not isinstance(value, _MEMBERS[name]):
            raise MalformedDocument(f"{name} should be a JSON {'array' if _MEMBERS[name] is list else 'object'}.")
    sources: list[Any] = members.get("SOURCE", [])
    if not all(isinstance(source, dict) for source in sources):
        raise MalformedDocument("SOURCE should be a JSON array of objects.")
    return Envelope(members.get("CONTEXT", {}), members.get("TITLE", {}), sources, members.get("HUB", {}))


def write_v2_json(envelope: Envelope) -> bytes:
    """The envelope as one JSON object on one line."""
    members: dict[str, Any] = {"CONTEXT": envelope.context, "TITLE": envelope.title}
    if envelope.sources:
        members["SOURCE"] = envelope.sources
    if envelope.hub:
        members["HUB"] = envelope.hub
    return orjson.dumps(members)
