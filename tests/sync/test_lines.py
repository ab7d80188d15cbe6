"""Connections to targets: used again while they are sound, and closed as soon as an answer is not one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from ipaddress import ip_address

import httpx
import pytest

from hub.sync.allowed import Address
from hub.sync.lines import HEAD_LIMIT, UNREAD_LIMIT, Lines, Where, written

pytestmark = pytest.mark.anyio

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


class Server:
    """Answers every request with the next of what it was given, as it stands."""

    def __init__(self, answers: Sequence[bytes], *, hangs_up: bool = False) -> None:
        self.answers = list(answers)
        self.hangs_up = hangs_up
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            self.requests.append(head + await reader.readexactly(int(length or 0)))
            writer.write(self.answers.pop(0))
            await writer.drain()
            if self.hangs_up:
                break


@asynccontextmanager
async def listening(answer: Answering) -> AsyncIterator[str]:
    """The address of a server of which no connection is left at the end."""
    handlers = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.add(asyncio.current_task())
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await answer(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with asyncio.timeout(10):
        await asyncio.gather(*filter(None, handlers))


@asynccontextmanager
async def a_server(*answers: bytes, hangs_up: bool = False) -> AsyncIterator[Server]:
    """A server that answers what it is given."""
    server = Server(answers, hangs_up=hangs_up)
    async with listening(server) as server.url:
        yield server


async def _ask(lines: Lines, url: str, body: bytes = b"{}") -> tuple[int, bytes]:
    async with (
        asyncio.timeout(10),
        aclosing(await lines.handle_async_request(httpx.Request("POST", url, content=body))) as response,
    ):
        return response.status_code, b"".join([part async for part in response.aiter_raw()])


async def _answers(count: int, *answers: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """What so many requests one after the other are answered, and over how many connections."""
    async with a_server(*answers) as server:
        lines = Lines(1)
        try:
            return [await _ask(lines, server.url) for _ in range(count)], server.connections
        finally:
            await lines.aclose()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (CHUNKED + b"1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n", b"ok"),
        (CHUNKED + b"2\r\nok\r\n0\r\nx-trailer: 1\r\n\r\n", b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n", b""),
    ],
    ids=["of a length", "in chunks", "with trailers", "after others", "without a body", "without a reason"],
)
async def test_a_connection_is_used_again_after_an_answer_that_is_whole(answer: bytes, body: bytes) -> None:
    answers, connections = await _answers(3, answer, answer, answer)

    assert [answer for _, answer in answers] == [body] * 3
    assert connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad",
        OK + b"?",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ],
    ids=["two answers", "more than an answer", "that closes", "of HTTP/1.0"],
)
async def test_a_connection_is_not_used_again_after_an_answer_of_which_more_may_come(answer: bytes) -> None:
    answers, connections = await _answers(2, answer, OK)

    assert answers[1] == (200, b"ok")
    assert connections == 2


async def test_what_comes_after_an_answer_without_being_asked_for_answers_nothing() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(OK)
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nforge")
        await reader.read()

    async with listening(answer) as url:
        lines = Lines(1)
        assert await _ask(lines, url) == (200, b"ok")
        await asyncio.sleep(0.3)
        assert await _ask(lines, url) == (200, b"ok")
        await lines.aclose()


async def test_a_body_without_a_length_ends_with_the_connection() -> None:
    async with a_server(b"HTTP/1.1 200 OK\r\n\r\nall of it", hangs_up=True) as server:
        assert await _ask(Lines(1), server.url) == (200, b"all of it")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "ended the connection"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", "ended the connection"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", "ended the connection"),
        (CHUNKED + b"2\r\nok\r\n", "ended the connection"),
        (b"SSH-2.0-OpenSSH\r\n", "no HTTP/1.1"),
        (b"<html>", "no HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok", "no HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "no HTTP/1.1"),
        (CHUNKED + b"-1\r\n", "no HTTP/1.1"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "changed the protocol"),
    ],
)
async def test_what_is_no_whole_answer_is_none(answer: bytes, why: str) -> None:
    async with a_server(answer, hangs_up=True) as server:
        with pytest.raises(httpx.RemoteProtocolError, match=why):
            await _ask(Lines(1), server.url)


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"HTTP/1.1 200 ", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\nx-", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 200),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
        (CHUNKED + b"2\r\nok\r\n0\r\n", b"x: y\r\n" * 200),
        (CHUNKED + b"2;", b"x" * 1000),
    ],
    ids=["a reason", "a name", "headers", "heads before the answer", "trailers", "an extension"],
)
async def test_what_never_ends_is_given_up_before_it_fills_the_memory(begin: bytes, more: bytes) -> None:
    sent = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(begin)
        while True:
            writer.write(more)
            await writer.drain()
            sent += len(more)

    async with listening(answer) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            await _ask(Lines(1), url)

    # What lies in the buffers of both sides comes on top.
    assert sent < HEAD_LIMIT + 8 * 2**20


async def test_a_body_that_is_not_read_is_not_taken_from_the_network() -> None:
    async with a_server(b"HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n" + b"x" * 2**26) as server:
        lines = Lines(1)
        response = await lines.handle_async_request(httpx.Request("POST", server.url, content=b"{}"))
        await asyncio.sleep(0.3)
        parts = response.aiter_raw()
        assert len(await anext(parts)) <= 2 * UNREAD_LIMIT
        assert sum([len(part) async for part in parts]) > 2**26 - 2 * UNREAD_LIMIT
        await response.aclose()
        await lines.aclose()


async def test_no_more_connections_than_are_allowed_and_none_is_lost_to_who_gives_up() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")

    async with listening(answer) as url:
        lines = Lines(2)
        for _ in range(3):
            for seconds in (0.0, 0.05, 0.1):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await asyncio.gather(*(_ask(lines, url) for _ in range(3)))
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert await asyncio.gather(*(_ask(lines, url) for _ in range(4))) == [(200, b"ok")] * 4
        assert loop.time() - began >= 0.4


async def test_an_answer_before_all_was_sent_is_taken_and_the_connection_is_not_used_again() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"content-length: 2\r" in head.lower():
            writer.write(OK)
        else:
            writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await asyncio.sleep(0.5)

    async with listening(refuse) as url:
        lines = Lines(1)
        assert await _ask(lines, url, b"x" * 2**26) == (413, b"")
        assert await _ask(lines, url) == (200, b"ok")
        await lines.aclose()


async def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    async with a_server(OK, OK, hangs_up=True) as server:
        lines = Lines(1)
        assert await _ask(lines, server.url) == (200, b"ok")
        await asyncio.sleep(0.1)
        assert await _ask(lines, server.url) == (200, b"ok")
        assert server.connections == 2


async def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.lines.IDLE_FOR", 0.05)
    async with a_server(OK, OK, OK) as server:
        lines = Lines(1)
        await _ask(lines, server.url)
        await _ask(lines, server.url)
        assert server.connections == 1
        await asyncio.sleep(0.1)
        await _ask(lines, server.url)
        assert server.connections == 2
        await lines.aclose()


def _at(*addresses: str) -> Where:
    async def where(_host: str, _port: int) -> list[Address]:
        return [ip_address(address) for address in addresses]

    return where


async def test_another_address_of_the_host_is_tried_where_one_refuses() -> None:
    async with a_server(OK) as server:
        port = httpx.URL(server.url).port
        lines = Lines(1, _at("127.0.0.2", "127.0.0.1"))
        assert await _ask(lines, f"http://target.example:{port}") == (200, b"ok")
        await lines.aclose()

    assert f"Host: target.example:{port}\r\n".encode() in server.requests[0]


async def test_a_silent_address_leaves_the_others_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.lines.CONNECT_WITHIN", 1.0)
    loop = asyncio.get_running_loop()
    connect = loop.create_connection

    async def connected(factory: Callable[[], asyncio.Protocol], host: str, port: int, **options: object) -> object:
        if host == "127.0.0.2":
            await asyncio.sleep(60)
        return await connect(factory, host, port, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(loop, "create_connection", connected)
    async with a_server(OK) as server:
        url = f"http://target.example:{httpx.URL(server.url).port}"
        lines = Lines(1, _at("127.0.0.2", "127.0.0.1"))
        assert await _ask(lines, url) == (200, b"ok")
        await lines.aclose()
    with pytest.raises(httpx.ConnectTimeout, match="within 1 s"):
        await _ask(Lines(1, _at("127.0.0.2")), url)


@pytest.mark.parametrize("url", ["ftp://target.example/", "file:///etc/passwd"])
async def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await _ask(Lines(1), url)


@pytest.mark.parametrize("value", ["a\r\nx-forged: 1", "a\nb", "a\rb", "a\0b"])
def test_a_header_of_more_than_a_line_is_not_sent(value: str) -> None:
    with pytest.raises(httpx.LocalProtocolError):
        written(httpx.Request("POST", "http://target/", headers={"x-reason": value}, content=b"{}"))


def test_a_request_is_written_as_the_protocol_has_it() -> None:
    request = httpx.Request("POST", "http://target:81/a?b=名", headers={"X-Reason": "c"}, content=b"{}")

    assert written(request) == (
        b"POST /a?b=%E5%90%8D HTTP/1.1\r\nHost: target:81\r\nX-Reason: c\r\nContent-Length: 2\r\n\r\n{}"
    )
