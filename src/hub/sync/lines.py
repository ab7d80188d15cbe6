"""Connections to targets, under httpx: HTTP/1.1 alone, kept open, read by the parser that the hub's servers read with.

httpx makes requests and reads addresses as ever; what it sends through is this transport instead of httpcore, of whose
processor time it takes a quarter. Every answer is bounded: a head, what is between two parts of a body, and what has
arrived and was not read yet.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import cast

import httptools
import httpx

from hub.sync.allowed import Address
from hub.sync.outbound import resolved, trusted

PORTS = {"http": 80, "https": 443}

CONNECT_WITHIN = 5.0
"""Seconds for a connection, with all addresses of its host."""

ADDRESSES = 4
"""How many addresses of a host are tried."""

HEAD_LIMIT = 64 * 1024
"""The most bytes of a head, of trailers or of a chunk's extensions."""

UNREAD_LIMIT = 256 * 1024
"""Bytes of a body that wait to be read before the connection is no longer read."""

IDLE_FOR = 4.0
"""Seconds after which a connection is not used again: many servers close it after five, without regard to what is on its
way to them."""

Where = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a host and port; raises what refuses them."""

Headers = list[tuple[bytes, bytes]]


class Line(asyncio.Protocol):
    """One connection, and the answer that is awaited on it."""

    def __init__(self) -> None:
        self._idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser: httptools.HttpResponseParser | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._lost = False
        self._begin()

    def _begin(self) -> None:
        self._headers: Headers = []
        self._head = False
        self._ended = False
        self._bounded = False
        self._keeps = False
        self._quiet = 0
        self._parts: deque[bytes] = deque()
        self._unread = 0
        self._paused = False

    # What the caller does.

    def is_open(self) -> bool:
        """Whether another request can be sent: it was used lately, and nothing came that was not asked for."""
        whole = self._failure is None and not self._transport.is_closing()
        return whole and self._loop.time() < self._idle_since + IDLE_FOR

    async def answer_to(self, request: bytes) -> tuple[int, Headers]:
        """Send a request; the head of its answer."""
        self._begin()
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)
        while not self._head:
            await self._something()
        return self._parser.get_status_code(), self._headers

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts of the answer's body."""
        while True:
            while self._parts:
                part = self._parts.popleft()
                self._unread -= len(part)
                yield part
            if self._ended:
                return
            if self._paused:
                self._paused = False
                self._transport.resume_reading()
            await self._something()

    def is_over(self) -> bool:
        """End with this answer; whether the connection can be used for another: it is closed where it cannot."""
        # A server that answers before it has read all of a request may end the connection, or stand in the middle of it.
        keeps = self._ended and self._keeps and self._failure is None and not self._transport.get_write_buffer_size()
        if not keeps:
            self.abort()
            return False
        if self._paused:
            self._transport.resume_reading()
        self._parser = None
        self._idle_since = self._loop.time()
        return True

    def abort(self) -> None:
        """Close it at once."""
        self._transport.abort()

    async def _something(self) -> None:
        """Wait until more has arrived; raises what ended the connection."""
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    # What the loop does.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read on in the answer that is awaited."""
        parser = self._parser
        if parser is None or self._ended:
            self._fail(httpx.RemoteProtocolError("the server sent what it was not asked for"))
            return
        self._quiet += len(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(httpx.RemoteProtocolError(f"the answer is no HTTP/1.1: {error}"))
            return
        except httptools.HttpParserUpgrade:
            self._fail(httpx.RemoteProtocolError("the server changed the protocol"))
            return
        if self._quiet > HEAD_LIMIT:
            self._fail(httpx.RemoteProtocolError(f"a head is longer than {HEAD_LIMIT} bytes"))
            return
        if self._unread > UNREAD_LIMIT and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """End a body that goes on until the connection ends; the connection is closed."""
        if self._head and not self._ended and not self._bounded:
            self._ended = True
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits."""
        self._lost = True
        if error is None and self._head and not self._ended and not self._bounded:
            self._ended = True
        self._fail(
            httpx.ReadError(str(error) or type(error).__name__)
            if error is not None
            else httpx.RemoteProtocolError("the server ended the connection before its answer")
        )

    def _fail(self, failure: Exception) -> None:
        if self._failure is None:
            self._failure = failure
        if not self._lost:
            self.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What the parser does.

    def on_message_begin(self) -> None:
        """Refuse a second answer."""
        if self._ended:
            raise ValueError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; trailers say nothing here."""
        if not self._head:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Say that the head is there, unless another one follows it."""
        assert self._parser is not None
        if self._parser.get_status_code() < 200:
            self._headers.clear()
            return
        self._head = True
        self._bounded = any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._headers)

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._quiet = 0
        self._unread += len(body)
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Note the end, unless it was a head before the answer."""
        assert self._parser is not None
        if self._head:
            self._ended = True
            self._keeps = self._parser.should_keep_alive()


class Body(httpx.AsyncByteStream):
    """The body of an answer; closing it gives the line back."""

    def __init__(self, line: Line, give_back: Callable[[Line], None]) -> None:
        self._line = line
        self._give_back: Callable[[Line], None] | None = give_back

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._line.parts()

    async def aclose(self) -> None:
        """Give the line back, once."""
        if self._give_back is not None:
            give_back, self._give_back = self._give_back, None
            give_back(self._line)


class Lines(httpx.AsyncBaseTransport):
    """At most `most` connections to one origin at once, each used again while it is open."""

    def __init__(self, most: int, where: Where = resolved) -> None:
        self._where = where
        self._free = asyncio.Semaphore(most)
        self._idle: list[Line] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request whose body is in memory; raises what httpx raises, and what `where` does."""
        sent = written(request)
        await self._free.acquire()
        line = None
        try:
            line = self._kept() or await self._opened(request.url)
            status, headers = await line.answer_to(sent)
        except BaseException:
            if line is not None:
                line.abort()
            self._free.release()
            raise
        return httpx.Response(status, headers=headers, stream=Body(line, self._given_back))

    async def aclose(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().abort()

    def _given_back(self, line: Line) -> None:
        self._free.release()
        if line.is_over():
            self._idle.append(line)

    def _kept(self) -> Line | None:
        # The one that was used last is the one that is open still.
        while self._idle:
            line = self._idle.pop()
            if line.is_open():
                return line
            line.abort()
        return None

    async def _opened(self, url: httpx.URL) -> Line:
        if url.scheme not in PORTS:
            raise httpx.UnsupportedProtocol(f"an address begins with http:// or https://, not {url.scheme}://")
        host, port = url.raw_host.decode("ascii"), url.port or PORTS[url.scheme]
        secure = url.scheme == "https"
        loop = asyncio.get_running_loop()
        failure: Exception = httpx.ConnectError(f"{host} has no address")
        ends = loop.time() + CONNECT_WITHIN
        try:
            async with asyncio.timeout_at(ends):
                addresses = (await self._where(host, port))[:ADDRESSES]
        except (OSError, TimeoutError, UnicodeError):
            raise httpx.ConnectError(f"{host} cannot be resolved") from None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                # An address that is silent leaves the others their share of the time.
                async with asyncio.timeout_at(loop.time() + (ends - loop.time()) / left):
                    _, line = await loop.create_connection(
                        Line,
                        str(address),
                        port,
                        ssl=trusted() if secure else None,
                        server_hostname=host if secure else None,
                    )
            except TimeoutError:
                failure = httpx.ConnectTimeout(f"no connection to {host} within {CONNECT_WITHIN:g} s")
            except OSError as error:
                failure = httpx.ConnectError(f"no connection to {host}: {error.strerror or error}")
            else:
                return line
        raise failure


def written(request: httpx.Request) -> bytes:
    """A request as it is sent; raises `httpx.LocalProtocolError` for a header that would be more than one line."""
    lines = [request.method.encode("ascii") + b" " + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    head = b"\n".join(lines)
    if head.count(b"\n") >= len(lines) or b"\r" in head or b"\0" in head:
        raise httpx.LocalProtocolError("a header has a line break or a null")
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + request.content
