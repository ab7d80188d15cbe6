"""Connections to addresses that somebody else named: each address is checked, and the very one is used."""

import asyncio
import ssl
from collections.abc import Iterable
from functools import cache
from ipaddress import ip_address
from socket import IPPROTO_TCP, SOCK_STREAM

import httpcore
import httpx

from hub.sync.allowed import Address, Allowed


class Refused(Exception):
    """The hub may not connect there."""


async def resolved(host: str, port: int) -> list[Address]:
    """All addresses of a host; raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)
    return [ip_address(str(entry[4][0]).split("%", 1)[0]) for entry in found]


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the very addresses that it has checked; TLS and Host go by the name as ever."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._network: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the interface of httpcore)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; one that is not allowed refuses them all."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await resolved(host, port)
        except (OSError, TimeoutError, UnicodeError):
            raise httpcore.ConnectError(f"{host} cannot be resolved") from None
        for address in addresses:
            if not self._allowed.lets(host, address):
                raise Refused("the hub may not connect to an address of this host")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:4]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)


@cache
def trusted() -> ssl.SSLContext:
    """Whom connections trust, made once for all clients: the file SSL_CERT_FILE where it is set, else certifi's."""
    return httpx.create_ssl_context()


def checked_transport(allowed: Allowed, limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
    """A transport for HTTP/1.1 whose connections are checked."""
    transport = httpx.AsyncHTTPTransport(verify=trusted(), limits=limits, trust_env=False)
    # httpx has no way to hand its connection pool another network.
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=trusted(),
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        network_backend=CheckedNetwork(allowed),
    )
    return transport
