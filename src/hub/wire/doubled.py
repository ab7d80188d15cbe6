"""Names that a JSON object has twice: I-JSON (RFC 7493) forbids them, and canonical JSON could hold only one of the values."""

from json import loads
from typing import Any

from hub.problems import MalformedDocument


def refuse_doubled(raw: bytes, read: bytes) -> None:
    """Raise `MalformedDocument` where an object of `raw` has a name twice; `read` is what was read of it, on one line.

    What is not doubled costs next to nothing, and nothing at all where `raw` has no white space and no escapes either.
    """
    # A parser keeps one of two values, so what it read is shorter: white space and escapes only ever add, and so do
    # numbers but for those with an exponent, which no field takes. It also has fewer colons, unless some were escaped.
    if len(raw) == len(read) or (raw.count(b":") == read.count(b":") and rb"\u003" not in raw):
        return
    try:
        # Numbers stay as they are written: Python does not read those of very many digits.
        loads(raw, object_pairs_hook=_once, parse_int=str, parse_float=str)
    except RecursionError:
        raise MalformedDocument("It is nested too deep.") from None


def _once(members: list[tuple[str, Any]]) -> None:
    names: set[str] = set()
    for name, _ in members:
        if name in names:
            raise MalformedDocument(f"An object has the member `{name[:100]}` twice.")
        names.add(name)
