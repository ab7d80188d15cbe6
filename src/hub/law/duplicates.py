"""The duplicate guard: the same content under another key is let in, and its sender is told."""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, get_args

import orjson

from hub.problems import Fault
from hub.schemas.kind import Kind, Part
from hub.schemas.rules import Rule
from hub.schemas.types import Guid

SAME_CONTENT = Rule(
    "same-content",
    "与记录 {data_key} 内容相同，是否为同一公告以两个主键报送？",
    "same content as record {data_key}; is it one notice under two keys?",
)

_GUID = get_args(Guid)[1]


def content_of(kind: type[Kind], platform: str, body: Mapping[str, Any], canonical: bytes) -> int:
    """A hash of a platform, a kind and a body without its GUIDs, as a signed number of 64 bits.

    `canonical` is `body` as canonical JSON. A GUID is made anew when a notice is sent twice, so it does not count.
    """
    for path in _guids(kind):
        for guid in _values(body, path):
            canonical = canonical.replace(guid.encode(), b"")
    named = f"{platform}/{kind.name()}/".encode()
    return int.from_bytes(sha256(named + canonical).digest()[:8], "big", signed=True)


def same_content(data_key: str) -> bytes:
    """The warning that a record with this key says the same, as a JSON object."""
    zh, en = (sentence.format(data_key=data_key) for sentence in (SAME_CONTENT.zh, SAME_CONTENT.en))
    return orjson.dumps(Fault("/body", SAME_CONTENT.id, zh, en).document())


@cache
def _guids(model: type[Kind] | type[Part]) -> tuple[tuple[str, ...], ...]:
    """The ways to all fields that hold a GUID, by their type or their name."""
    found: list[tuple[str, ...]] = []
    for name, info in model.model_fields.items():
        marks = [*info.metadata, *_inside(info.annotation)]
        if name.endswith("guid") or any(mark is _GUID for mark in marks):
            found.append((name,))
        part = next((mark for mark in marks if isinstance(mark, type) and issubclass(mark, Part)), None)
        if part is not None:
            found += [(name, *rest) for rest in _guids(part)]
    return tuple(found)


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _inside(part)


def _values(place: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(place, list):
        for item in place:
            yield from _values(item, path)
    elif isinstance(place, str) and place:
        yield place
    elif isinstance(place, dict) and path:
        yield from _values(place.get(path[0]), path[1:])
