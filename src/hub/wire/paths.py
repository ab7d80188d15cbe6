"""From a JSON Pointer into a submission to the path of the element that holds it in an envelope."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from hub.schemas.kind import Kind
from hub.wire.elements import by_element, plan_of

_OF_TITLE = {"kind": "/TITLE/DATA_NO", "data_key": "/TITLE/DATA_KEY"}
_OF_CONTEXT = {"data_timestamp": "/CONTEXT/DATA_TIMESTAMP"}
_OF_SOURCE = {
    "code": "ATTACHMENT_CODE",
    "name": "FILE_NAME",
    "media_type": "MEDIA_TYPE",
    "size": "SIZE",
    "sha256": "SHA256",
    "url": "URL",
}


def element_at(pointer: str, kind: type[Kind] | None, context: Mapping[str, Any], hub: Mapping[str, Any]) -> str:
    """The element path, e.g. `/CONTEXT/BID_OPEN_TIME`; an index of a repeated element counts from 1, as in XPath.

    It names the element as it was sent, and one that is missing as the specification spells it; what only HUB holds,
    or would hold, is the pointer behind `/HUB`.
    """
    tokens = pointer.split("/")[1:]
    head, rest = (tokens[0], tokens[1:]) if tokens else ("", [])
    beside = hub.get("body") if head == "body" else hub
    in_hub = isinstance(beside, dict) and (rest[0] if head == "body" and rest else head) in beside
    if not in_hub and head in _OF_TITLE:
        return _OF_TITLE[head]
    if not in_hub and head in _OF_CONTEXT:
        return _OF_CONTEXT[head]
    if not in_hub and head == "attachments" and rest:
        source = f"/SOURCE[{int(rest[0]) + 1}]"
        return source + (f"/{_OF_SOURCE.get(rest[1], rest[1])}" if len(rest) > 1 else "")
    if not in_hub and head == "body" and kind is not None:
        return _in_context(rest, kind, context) or f"/HUB{pointer}"
    return f"/HUB{pointer}"


def withdrawal_element_at(pointer: str, beside: Mapping[str, Any]) -> str:
    """The same for a pointer into a withdrawal, of which HUB holds the members `beside`."""
    head = pointer.split("/")[1]
    of_context = _OF_CONTEXT | {"reason": "/CONTEXT/REASON"}
    if head in _OF_TITLE:
        return _OF_TITLE[head]
    return of_context[head] if head in of_context and head not in beside else f"/HUB/withdrawal{pointer}"


def _in_context(tokens: Sequence[str], kind: type[Kind], context: Mapping[str, Any]) -> str | None:
    """The path below CONTEXT, or None for a field that only the hub knows and that was not sent there."""
    if not tokens:
        return "/CONTEXT"
    one = next((one for one in plan_of(kind) if one.field == tokens[0]), None)
    names = by_element(kind)
    sent = next((name for name in context if one is not None and names.get(name.replace(" ", "")) is one), None)
    if one is not None and one.hub and sent is None:
        return None
    return "/CONTEXT" + _path(tokens, kind, sent)


def _path(tokens: Sequence[str], model: type[BaseModel], sent: str | None = None) -> str:
    one = next((one for one in plan_of(model) if one.field == tokens[0]), None)
    if one is None:
        return "".join(f"/{token}" for token in tokens)
    path, rest = f"/{sent or one.element}", tokens[1:]
    if one.part is None:
        # The values of a joined list stand in one element.
        return path
    if rest and rest[0].isdigit():
        path, rest = f"{path}[{int(rest[0]) + 1}]", rest[1:]
    return path + (_path(rest, one.part) if rest else "")
