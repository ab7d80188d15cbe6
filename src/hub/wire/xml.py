"""The specification's XML: `<DES>` with CONTEXT, TITLE, SOURCE and HUB, parsed by the C parser and written back."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers.expat import ErrorString
from xml.sax.saxutils import escape

import orjson

from hub.problems import MalformedDocument
from hub.wire.doubled import refuse_doubled
from hub.wire.envelope import Envelope, Piece, json_of, not_utf8
from hub.wire.flat_xml import Section, add, flat_sections

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_DEEPEST = 8
_ESCAPED = {"\r": "&#13;"}
"""An XML parser makes a line feed of a carriage return that is not escaped."""


def read_xml(piece: Piece) -> Envelope:
    """The envelope that one `<DES>` is; raises `MalformedDocument`, of what is no XML with the line and the column.

    The piece comes from a `Cutter`, which has refused every document type: there are no entities to expand.
    """
    envelope, sources, read = Envelope(), [], set()
    for name, content in flat_sections(piece.raw) or parsed_sections(piece):
        if name in read and name != "SOURCE":
            raise MalformedDocument(f"A DES has one {name}, and here is another: every record has a DES of its own.")
        read.add(name)
        if name == "CONTEXT":
            envelope.context = content
        elif name == "TITLE":
            envelope.title = content
        elif name == "SOURCE":
            sources.append(content)
        else:
            envelope.hub = _hub((content or "").strip() or "{}")
    envelope.sources = sources
    return envelope


def write_xml(envelope: Envelope) -> bytes:
    """The envelope as one `<DES>` in UTF-8, one element a line, without an XML declaration."""
    lines = [
        "<DES>",
        "<CONTEXT>",
        *_lines(envelope.context),
        "</CONTEXT>",
        "<TITLE>",
        *_lines(envelope.title),
        "</TITLE>",
    ]
    for source in envelope.sources:
        lines += ["<SOURCE>", *_lines(source), "</SOURCE>"]
    if envelope.hub:
        lines.append(f"<HUB>{escape(_json(envelope.hub))}</HUB>")
    return "\n".join([*lines, "</DES>"]).encode()


def parsed_sections(piece: Piece) -> Iterator[Section]:
    """The sections of a `<DES>` in their order, whatever it is written like; raises as `read_xml` does."""
    for part in _inside(_parsed(piece)):
        if part.tag in ("CONTEXT", "TITLE", "SOURCE"):
            yield part.tag, _members(part)
        elif part.tag == "HUB" and not len(part):
            yield part.tag, part.text
        elif part.tag == "HUB":
            raise MalformedDocument("HUB should be a JSON object, and here it has elements.")
        else:
            raise MalformedDocument("A DES holds CONTEXT, TITLE, SOURCE and HUB, and nothing else.")


def _parsed(piece: Piece) -> Element:
    parser = XMLParser()  # noqa: S314 (a Cutter has refused document types)
    try:
        parser.feed(piece.raw)
        root: Element = parser.close()
    except ParseError as error:
        line, column = error.position
        told = "" if not_utf8(piece.raw) is None else "; the bytes are not UTF-8, and no other encoding is declared"
        column += piece.column if line == 1 else 0
        raise MalformedDocument(
            f"{ErrorString(error.code)} at line {piece.line + line - 1}, column {column + 1}{told}."
        ) from None
    if root.tag != "DES":
        _without_namespaces(root)
    return root


def _without_namespaces(root: Element) -> None:
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]


def _inside(parent: Element) -> Iterator[Element]:
    """The elements inside an element; raises `MalformedDocument` where a text, which nobody would read, is beside them."""
    beside = (parent.text, *(child.tail for child in parent))
    if any(text is not None and text.strip() for text in beside):
        raise MalformedDocument(f"Inside {parent.tag} there is a text in no element; the markup of a text is escaped.")
    yield from parent


def _members(parent: Element, depth: int = 1) -> dict[str, Any]:
    """The elements inside an element by name: their texts, or objects; those of one name are a list."""
    if depth > _DEEPEST:
        raise MalformedDocument(f"Elements lie more than {_DEEPEST} deep.")
    members: dict[str, Any] = {}
    for child in _inside(parent):
        add(members, child.tag, _members(child, depth + 1) if len(child) else child.text)
    return members


def _hub(text: str) -> dict[str, Any]:
    try:
        hub = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedDocument(f"HUB: {error.msg} at its line {error.lineno}, column {error.colno}.") from None
    if not isinstance(hub, dict):
        raise MalformedDocument("HUB should be a JSON object.")
    refuse_doubled(text.encode(), json_of(hub))
    return hub


def _lines(members: Mapping[str, Any]) -> Iterator[str]:
    for name, value in members.items():
        if isinstance(value, list):
            for item in value:
                yield from _lines({name: item})
        elif isinstance(value, dict):
            yield f"<{name}>"
            yield from _lines(value)
            yield f"</{name}>"
        elif value is not None:
            yield f"<{name}>{escape(value, _ESCAPED)}</{name}>"


def _json(hub: Mapping[str, Any]) -> str:
    """JSON in which the two characters that XML has not are escaped; the others are escaped by JSON's own rules."""
    return orjson.dumps(hub).decode().replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
