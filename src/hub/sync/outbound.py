"""Which addresses the hub may connect to: subscribers name their own, so every address is checked, and then used."""

import asyncio
import ssl
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import IPPROTO_TCP, SOCK_STREAM
from urllib.parse import urlsplit

import httpcore
import httpx

from hub.problems import InvalidParameter

PUBLIC = "public"
"""Stands for all public addresses in a list of what is allowed."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Besides what the registries call not global: ways to reach IPv4 through IPv6, relays, multicast, clouds' own services.
_REFUSED: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "5f00::/16",
        "fec0::/10",
        "ff00::/8",
    )
)


def is_public(address: Address) -> bool:
    """Whether the address is one of the open Internet, reached as what it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    return address.is_global and not any(
        address in network for network in _REFUSED if network.version == address.version
    )


class Refused(Exception):
    """The hub may not connect there."""


class Allowed:
    """What may be connected to: hosts by name, networks in CIDR form, and `public` for all public addresses."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._public = False
        self._hosts: set[str] = set()
        self._networks: list[Network] = []
        for entry in filter(None, (entry.strip().lower() for entry in entries)):
            if entry == PUBLIC:
                self._public = True
                continue
            try:
                self._networks.append(ip_network(entry))
            except ValueError:
                self._hosts.add(entry)

    def names(self, host: str) -> bool:
        """Whether an operator allowed this host or address itself, rather than all that are public."""
        if host.lower() in self._hosts:
            return True
        try:
            return self._in_networks(ip_address(host))
        except ValueError:
            return False

    def lets(self, host: str, address: Address) -> bool:
        """Whether this address of the host may be connected to."""
        return host.lower() in self._hosts or self._in_networks(address) or (self._public and is_public(address))

    def check_url(self, url: str) -> None:
        """Refuse what no subscriber may be; raises `hub.problems.InvalidParameter`.

        It is `https`, or `http` where the host or address itself is allowed; where it leads is checked at each
        connection.
        """
        try:
            parts = urlsplit(str(httpx.URL(url)))
            host, port = parts.hostname, parts.port
        except (ValueError, httpx.InvalidURL):
            raise InvalidParameter("The URL cannot be read.") from None
        if not host or not url.isascii() or parts.username is not None or parts.fragment or port == 0:
            raise InvalidParameter("The URL has a host, and neither a user nor a fragment.")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.names(host)):
            raise InvalidParameter("The URL begins with https://.")

    def _in_networks(self, address: Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)


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


def checked_transport(allowed: Allowed, limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
    """A transport for HTTP/1.1 whose connections are checked."""
    transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
    # httpx has no way to hand its connection pool another network.
    transport._pool = httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(),
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        network_backend=CheckedNetwork(allowed),
    )
    return transport
