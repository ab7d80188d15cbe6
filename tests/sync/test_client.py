"""What the client makes of answers: bounded, without redirects, with the pause that is asked for."""

import asyncio
import gzip
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from hub.sync.client import ANSWER_LIMIT, Client, NoAnswer, pause_of
from hub.sync.outbound import trusted
from hub.sync.target import Outcome, Reply, Unreadable
from hub.sync.wire import outcomes_of
from tests.sync.mocked import a_mocked_target

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("sent", "pause"), [("7", 7.0), ("0", 0.0), ("", None), ("soon", None), ("²", None), ("-1", None)]
)
def test_a_retry_after_in_seconds(sent: str, pause: float | None) -> None:
    assert pause_of(sent) == pause


def test_a_retry_after_as_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)

    assert 28 < (pause_of(format_datetime(soon, usegmt=True)) or 0) <= 30
    assert pause_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_a_retry_after_of_a_year_that_no_calendar_has_asks_for_nothing() -> None:
    assert pause_of("Mon, 01 Jan 99999999999 00:00:00 GMT") is None


async def _sent(response: httpx.Response, *, seconds: float = 1) -> Reply:
    client = Client("http://target", token="t", seconds=seconds, requests=1)
    try:
        with a_mocked_target() as mock:
            route = mock.post("http://target/batches").mock(return_value=response)
            reply = (await client.send("/batches", b"{}")).reply
            assert route.calls.last.request.headers["authorization"] == "Bearer t"
            return reply
    finally:
        await client.close()


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    assert (await _sent(httpx.Response(302, headers={"location": "http://elsewhere/"}))).status == 302


async def test_an_answer_that_is_too_long_is_none() -> None:
    with pytest.raises(NoAnswer, match="longer than"):
        await _sent(httpx.Response(200, content=b"x" * (ANSWER_LIMIT + 1)))


@pytest.mark.parametrize(
    ("coding", "body", "why"),
    [
        ("gzip", b"no gzip", "cannot be unpacked"),
        ("gzip", gzip.compress(b"{}" * 1000)[:-9], "cut off"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}")), "not asked for"),
        ("gzip", gzip.compress(b"x" * (ANSWER_LIMIT + 1)), "longer than"),
    ],
    ids=["not packed", "cut off", "twice", "too long"],
)
async def test_an_answer_that_cannot_be_unpacked_is_none(coding: str, body: bytes, why: str) -> None:
    with pytest.raises(NoAnswer, match=why):
        await _packed(coding, body)


async def test_a_packed_answer_is_unpacked() -> None:
    assert await _packed("gzip", gzip.compress(b"x" * ANSWER_LIMIT)) == Reply(200, b"x" * ANSWER_LIMIT)


async def _packed(coding: str, body: bytes) -> Reply:
    """What is made of a body with that Content-Encoding."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\ncontent-encoding: {coding}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        return await _posted(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of localhost that nobody else signed, and its key, in one file."""
    made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", *made.split(), "-keyout", key, "-out", file], check=True, capture_output=True)
    file.write_text(key.read_text() + file.read_text())
    return file


async def test_a_certificate_is_trusted_where_its_authority_is(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "localhost", 0, ssl=context) as server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            await _posted(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted.cache_clear()
        try:
            assert await _posted(url) == Reply(200, b"{}")
        finally:
            trusted.cache_clear()


async def _posted(url: str) -> Reply:
    client = Client(url, seconds=5, requests=1)
    try:
        return (await client.send("/batches", b"{}")).reply
    finally:
        await client.close()


class Dripping(httpx.AsyncByteStream):
    """A byte every 20 ms, without end."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.02)


async def test_an_answer_that_drips_without_end_is_none() -> None:
    with pytest.raises(NoAnswer, match="not complete within"):
        await _sent(httpx.Response(200, stream=Dripping()), seconds=0.2)


DEEP = b"[" * 990 + b"]" * 990
"""As deep as a document may be nested, and too deep to be written out."""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"results": 5}',
        b'{"results": []}',
        b'{"results": ["x"]}',
        b'{"results": [{"position": [], "status": "accepted"}]}',
        b'{"results": [{"position": true, "status": "accepted", "receipt": "N1"}]}',
        b'{"results": [{"position": 1.0, "status": "accepted", "receipt": "N1"}]}',
        b'{"results": [{"position": 1, "status": ' + DEEP + b"}]}",
        b'{"results": [{"position": 1, "status": "accepted", "receipt": ' + DEEP + b"}]}",
        b'{"results": [{"position": 1, "status": "waiting", "reason": ' + DEEP + b"}]}",
        b'{"results": [{"position": 1, "status": "rejected", "errors": [{"rule": ' + DEEP + b"}]}]}",
        b'{"results": [{"position": 1, "status": "accepted", "receipt": "N1", "quality": ' + DEEP + b"}]}",
        b'{"results": [{"position": 1}]}',
        b'{"results": [{"position": 1, "status": "accepted"}]}',
        b'{"results": [{"position": 1, "status": "perhaps"}]}',
        b'{"results": [{"position": 2, "status": "accepted", "receipt": "N1"}]}',
        b'{"results": [{"position": 1, "status": "accepted", "receipt": null}]}',
        b'{"results": [{"position": 1, "status": "accepted", "receipt": true}]}',
        b'{"results": [{"position": 1, "status": "accepted", "receipt": {"no": 1}}]}',
        b'{"results": [{"position": 1, "status": "accepted", "receipt": "\\u0000"}]}',
        b'{"results": [{"position": 1, "status": "accepted", "receipt": "' + b"N" * 201 + b'"}]}',
        b'{"results": [{"position": 1, "status": "rejected", "errors": [5]}]}',
        b'{"results": [{"position": 1, "status": "accepted", "receipt": "N1"},'
        b' {"position": 1, "status": "accepted", "receipt": "N2"}]}',
    ],
)
def test_an_answer_that_does_not_say_what_became_of_every_version_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        outcomes_of(Reply(200, body), [1])


def test_outcomes_come_in_the_order_of_what_was_sent() -> None:
    body = (
        b'{"results": [{"position": 3, "status": "waiting", "reason": "behind"},'
        b' {"position": 1, "status": "duplicate", "receipt": "N\\u00001"},'
        b' {"position": 2, "status": "rejected", "errors": [{"rule": "r"}]}]}'
    )

    assert outcomes_of(Reply(200, body), [1, 2, 3]) == [
        Outcome("delivered", receipt="N1"),
        Outcome("rejected", reason='[{"rule":"r"}]'),
        Outcome("behind"),
    ]


def test_a_receipt_that_two_versions_get_is_nobodys() -> None:
    body = (
        b'{"results": [{"position": 1, "status": "accepted", "receipt": "N1"},'
        b' {"position": 2, "status": "duplicate", "receipt": "N1"}]}'
    )

    with pytest.raises(Unreadable, match="same receipt"):
        outcomes_of(Reply(200, body), [1, 2])


def test_what_is_refused_because_it_was_received_before_is_delivered() -> None:
    refused = b'{"position": 1, "status": "rejected", "errors": [{"rule": "already-received"}]}'
    reply = Reply(200, b'{"results": [%b]}' % refused)

    assert outcomes_of(reply, [1]) == [Outcome("delivered", reason='[{"rule":"already-received"}]')]
