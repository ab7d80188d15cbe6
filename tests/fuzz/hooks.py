"""What schemathesis cannot know: bodies of lines, and addresses at which there is something."""

from zlib import crc32

import orjson
import schemathesis
from schemathesis import DeserializationContext, HookContext, Response, SerializationContext

from tests.builders import a_uscc
from tests.fuzz.seeding import KNOWN_KEY, KNOWN_KIND

NDJSON = "application/x-ndjson"
KNOWN = {
    "platform": a_uscc(1),
    "kind": KNOWN_KIND,
    "data_key": KNOWN_KEY,
    "number": 1,
    "position": 1,
    "target": "national",
    "slug": "not-found",
}
"""Of every two generated addresses one gets these."""


@schemathesis.serializer(NDJSON)
def lines(_: SerializationContext, value: object) -> bytes:
    """The body as it stands: the document says no more than that it is text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.deserializer(NDJSON)
def first_line(_: DeserializationContext, response: Response) -> object:
    """Every line has the schema that the document gives for the body; the first is checked."""
    for line in response.content.splitlines():
        return orjson.loads(line)
    return _NOTHING


_NOTHING = {
    "status": 200,
    **dict.fromkeys(("record", "state", "digest", "thread", "region_code", "data_timestamp", "received_at"), ""),
    **dict.fromkeys(("position", "number"), 1),
    "previous": None,
}
"""Stands for a body without lines: it has the schema of any line."""


@schemathesis.hook
def map_path_parameters(_: HookContext, path_parameters: dict[str, object]) -> dict[str, object]:
    """Half of the addresses lead to what is there."""
    if path_parameters and crc32(repr(path_parameters).encode()) % 2:
        return {name: KNOWN.get(name, value) for name, value in path_parameters.items()}
    return path_parameters


@schemathesis.hook
def before_call(_: HookContext, case: schemathesis.Case, kwargs: dict[str, object]) -> None:
    """Nobody waits for the feed to grow: it will not."""
    if case.query and str(case.query.get("wait", "")).isdigit():
        case.query["wait"] = 0
