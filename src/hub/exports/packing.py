"""Bodies in the content coding that the reader takes: zstd or gzip, at their lightest."""

import gzip
import re
from asyncio import to_thread
from collections.abc import Iterable
from typing import Literal

import zstandard

Coding = Literal["zstd", "gzip"]

WORTH_IT = 1024
"""Bytes from which on a body is packed."""

AT_ONCE = 32 * 1024
"""Bytes up to which packing is quicker than handing the body to a thread."""

_WEIGHT = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")

LEVELS: dict[Coding, int] = {"zstd": 1, "gzip": 1}


def coding_for(accept_encoding: str | None) -> Coding | None:
    """The coding that an `Accept-Encoding` field wants most (RFC 9110, 12.5.3), zstd where both are as good."""
    wanted: dict[str, float] = {}
    for offered in (accept_encoding or "").lower().split(","):
        name, _, parameter = (part.strip() for part in offered.partition(";"))
        given = parameter.removeprefix("q=").strip() if parameter else "1"
        wanted[name] = float(given) if _WEIGHT.fullmatch(given) else 0.0
    others = wanted.get("*", 0.0)
    best = max(LEVELS, key=lambda coding: wanted.get(coding, others))
    q = wanted.get(best, others)
    return best if q > 0 and q >= wanted.get("identity", 0.0) else None


def pack(body: bytes, coding: Coding, level: int | None = None) -> bytes:
    """The body in a coding, at its lightest where no level is given; the same bytes for the same body."""
    level = LEVELS[coding] if level is None else level
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=level).compress(body)
    return gzip.compress(body, level, mtime=0)


async def packed(pieces: Iterable[bytes], length: int, coding: Coding) -> bytes:
    """A body in a coding; a large one leaves the event loop."""
    body = b"".join(pieces)
    return pack(body, coding) if length <= AT_ONCE else await to_thread(pack, body, coding)
