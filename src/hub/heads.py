"""Request heads have an end: the parser puts one that goes on and on together anew with every piece of it."""

from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.problems import HeadTooLarge

LONGEST = 64 * 1024
"""The most bytes of a head behind the piece that it begins in."""


@dataclass(slots=True)
class _Head:
    size: int = 0


class BoundedHeads(HttpToolsProtocol):
    """HTTP that answers a head above `LONGEST` with 431, and hangs up."""

    _head: _Head | None = None

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head = _Head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take what the peer has sent."""
        head = self._head
        super().data_received(data)
        if head is not None and head is self._head:
            head.size += len(data)
            if head.size > LONGEST and not self.transport.is_closing():
                self._refuse()

    def _refuse(self) -> None:
        # While an answer to an earlier request is under way, this one would end up inside it.
        if self.cycle is None or self.cycle.response_complete:
            body = HeadTooLarge(limit=LONGEST).body()
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body)
            )
        self.transport.close()
