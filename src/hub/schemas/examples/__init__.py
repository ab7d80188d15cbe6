"""Golden examples: one complete, valid and fictional submission of every kind; those of one field form a chain."""

from functools import cache
from importlib.resources import files
from typing import Any, cast

import orjson


def example(kind: str) -> dict[str, Any]:
    """The example submission of the kind named, e.g. `tender_notice`, as a fresh JSON object."""
    return cast(dict[str, Any], orjson.loads(_text(kind)))


@cache
def example_bytes(kind: str) -> bytes:
    """The same as canonical JSON (RFC 8785)."""
    return orjson.dumps(example(kind), option=orjson.OPT_SORT_KEYS)


@cache
def _text(kind: str) -> bytes:
    return files(__name__).joinpath(f"{kind}.json").read_bytes()
