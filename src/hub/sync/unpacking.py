"""Unpacking what a target packed: one layer, and never more than is wanted, since a few bytes may become gigabytes."""

import zlib

GZIP = "gzip"
_WITH_HEADER = 16 + zlib.MAX_WBITS


class Packed(Exception):
    """It cannot be unpacked: why."""


class Unpacking:
    """The content of a body whose Content-Encoding is `coding`; raises `Packed` for another one than gzip."""

    def __init__(self, coding: str) -> None:
        known = coding.strip().lower()
        if known not in ("", "identity", GZIP):
            raise Packed(f"it is packed as {coding[:40]!r}, which was not asked for")
        self._gzip = zlib.decompressobj(_WITH_HEADER) if known == GZIP else None

    def of(self, chunk: bytes, most: int) -> bytes:
        """The next part of the content, `most` bytes of it at the most."""
        if self._gzip is None:
            return chunk
        try:
            return self._gzip.decompress(chunk, most)
        except zlib.error as error:
            raise Packed(f"it cannot be unpacked: {error}") from None

    def end(self) -> None:
        """Make sure that the body was whole."""
        if self._gzip is not None and not self._gzip.eof:
            raise Packed("it is cut off")
