"""Which addresses a subscriber may have: the open Internet's, as what they are, and nothing that leads inside."""

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from hub.problems import InvalidParameter
from hub.sync.allowed import Allowed, is_public
from hub.sync.client import Client, NoAnswer
from hub.sync.outbound import Checked, Refused, resolved
from tests.sync.hooks import a_hook

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not Allowed(["public"]).lets("hook.example.cn", ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "114.114.114.114", "223.5.5.5", "::ffff:8.8.8.8", "2400:3200::1", "2606:4700::1111"],
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert Allowed(["public"]).lets("hook.example.cn", ip_address(address))


def test_what_is_listed_is_allowed_and_nothing_else() -> None:
    allowed = Allowed(["10.1.0.0/16", "hook.gov.cn", "fd00::/8", " 192.168.7.7 "])

    assert allowed.lets("any", ip_address("10.1.2.3"))
    assert allowed.lets("any", ip_address("fd12::1"))
    assert allowed.lets("any", ip_address("192.168.7.7"))
    assert allowed.lets("HOOK.gov.cn", ip_address("127.0.0.1"))
    assert not allowed.lets("any", ip_address("10.2.0.1"))
    assert not allowed.lets("sub.hook.gov.cn", ip_address("127.0.0.1"))
    assert not allowed.lets("any", ip_address("8.8.8.8"))


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example.cn/",
        "http://127.0.0.1/",
        "https://user@hook.example.cn/",
        "https://hook.example.cn/#part",
        "https:///path",
        "https://hook.example.cn:99999/",
        "https://[::1",
        "https://例.cn/",
        "https://xn--/",
        "https://xn--a-ecp.ru/",
        "https://0177.0.0.1/",
        "ftp://hook.example.cn/",
        "file:///etc/passwd",
        "//hook.example.cn/",
    ],
)
def test_a_url_that_no_subscriber_has_is_refused(url: str) -> None:
    with pytest.raises(InvalidParameter):
        Allowed(["public"]).check_url(url)


def test_plain_http_needs_an_address_that_an_operator_named() -> None:
    allowed = Allowed(["public", "10.1.0.0/16", "hook.gov.cn"])

    allowed.check_url("https://hook.example.cn/a?b=c")
    allowed.check_url("http://hook.gov.cn/a")
    allowed.check_url("http://10.1.2.3:8080/a")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]"])
async def test_no_way_of_writing_it_leads_to_loopback(host: str) -> None:
    with a_hook() as hook:
        port = httpx.URL(hook.url).port
        client = Client(f"http://{host}:{port}", seconds=5, requests=1, allowed=Allowed(["public"]))
        try:
            with pytest.raises(NoAnswer):
                await client.send("/", b"{}")
        finally:
            await client.close()

    assert hook.requests == []


class Resolver:
    """Answers for every host with the next of its lists of addresses, as a rebinding name server does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.asked = 0
        self._answers = answers
        monkeypatch.setattr("hub.sync.outbound.resolved", self)

    async def __call__(self, _host: str, _port: int) -> list[Any]:
        self.asked += 1
        return [ip_address(address) for address in self._answers[min(self.asked, len(self._answers)) - 1]]


async def test_the_connection_is_made_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    with a_hook() as hook:
        url = f"http://rebinding.gov.cn:{httpx.URL(hook.url).port}"
        client = Client(url, seconds=5, requests=1, allowed=Allowed(["127.0.0.1/32"]))
        try:
            hook.headers = {"connection": "close"}
            await client.send("", b"{}")
            with pytest.raises(NoAnswer, match="may not connect"):
                await client.send("", b"{}")
        finally:
            await client.close()

    assert len(hook.requests) == 1


async def test_one_address_that_leads_inside_refuses_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(Refused):
        await Checked(Allowed(["public"]))("both.example.cn", 443)


async def test_a_refusal_does_not_tell_where_the_name_led(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["10.77.0.1"])
    client = Client("https://inside.example.cn", seconds=5, requests=1, allowed=Allowed(["public"]))
    try:
        with pytest.raises(NoAnswer) as caught:
            await client.send("/", b"{}")
    finally:
        await client.close()

    assert "10.77" not in str(caught.value)


async def test_the_host_stays_the_one_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["127.0.0.1"])
    with a_hook() as hook:
        port = httpx.URL(hook.url).port
        client = Client(f"http://hook.gov.cn:{port}", seconds=5, requests=1, allowed=Allowed(["hook.gov.cn"]))
        try:
            await client.send("/", b"{}")
        finally:
            await client.close()

    ((headers, _),) = hook.requests
    assert headers["host"] == f"hook.gov.cn:{port}"


async def test_a_redirect_of_a_subscriber_is_not_followed() -> None:
    with a_hook() as hook:
        hook.statuses, hook.headers = [302], {"location": "http://169.254.169.254/latest/"}
        client = Client(hook.url, seconds=5, requests=1, allowed=Allowed(["127.0.0.1"]))
        try:
            answer = await client.send("", b"{}")
        finally:
            await client.close()

    assert answer.reply.status == 302


async def test_a_long_answer_of_a_subscriber_is_cut_and_never_unpacked() -> None:
    with a_hook() as hook:
        hook.statuses, hook.answer = [200], b"x" * 1_000_000
        hook.headers = {"content-encoding": "gzip"}
        client = Client(hook.url, seconds=5, requests=1, allowed=Allowed(["127.0.0.1"]), limit=1000)
        try:
            answer = await client.send("", b"{}")
        finally:
            await client.close()

    assert (answer.reply.status, answer.reply.body) == (200, b"x" * 1000)


async def test_an_answer_that_drips_is_given_up() -> None:
    gone = asyncio.Event()

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        gone.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", seconds=0.5, requests=1, allowed=Allowed(["127.0.0.1"]))
    started = asyncio.get_running_loop().time()
    try:
        with pytest.raises(NoAnswer):
            await client.send("", b"{}")
    finally:
        await client.close()
        server.close()

    assert asyncio.get_running_loop().time() - started < 3
    await asyncio.wait_for(gone.wait(), 5)


async def test_the_certificate_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["127.0.0.1"])
    hello = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = Client(f"https://hook.gov.cn:{port}", seconds=5, requests=1, allowed=Allowed(["hook.gov.cn"]))
    try:
        with pytest.raises(NoAnswer):
            await client.send("", b"{}")
    finally:
        await client.close()
        server.close()

    assert b"hook.gov.cn" in await hello


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example.cn", "0177.0.0.1", "a..b", "xn--"])
async def test_a_host_that_cannot_be_reached_is_no_answer(host: str) -> None:
    client = Client(f"https://{host}/", seconds=5, requests=1, allowed=Allowed(["public"]))
    try:
        with pytest.raises(NoAnswer):
            await client.send("", b"{}")
    finally:
        await client.close()


async def test_all_addresses_of_a_host_are_known() -> None:
    assert ip_address("127.0.0.1") in await resolved("localhost", 80)
    with pytest.raises(socket.gaierror):
        await resolved("no-such-host.invalid", 80)
