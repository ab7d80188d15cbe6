"""Connections to addresses that somebody else named: each address is checked, and the very one is used."""

import asyncio
import ssl
from functools import cache
from ipaddress import ip_address
from socket import IPPROTO_TCP, SOCK_STREAM

import httpx

from hub.sync.allowed import Address, Allowed


class Refused(Exception):
    """The hub may not connect there."""


async def resolved(host: str, port: int) -> list[Address]:
    """All addresses of a host; raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)
    return [ip_address(str(entry[4][0]).split("%", 1)[0]) for entry in found]


class Checked:
    """The addresses of hosts that somebody else named: one that is not allowed refuses them all."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def __call__(self, host: str, port: int) -> list[Address]:
        """All addresses of a host; raises `Refused` and `OSError`."""
        addresses = await resolved(host, port)
        if not all(self._allowed.lets(host, address) for address in addresses):
            raise Refused("the hub may not connect to an address of this host")
        return addresses


@cache
def trusted() -> ssl.SSLContext:
    """Whom connections trust, made once for all clients: the file SSL_CERT_FILE where it is set, else certifi's."""
    return httpx.create_ssl_context()
