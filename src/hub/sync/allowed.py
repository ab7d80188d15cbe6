"""What the hub may connect to: subscribers name their own addresses, and an operator says which are good."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

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
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100:0:0:1::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
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
        import httpx  # Where no URL is checked, as in a server that starts, it is not needed.

        try:
            read = httpx.URL(url)
            parts = urlsplit(str(read))
            # A name that begins with xn-- and is none is found out when it is decoded.
            host, port = read.host and parts.hostname, parts.port
        except (ValueError, httpx.InvalidURL):
            raise InvalidParameter("The URL cannot be read.") from None
        if not host or not url.isascii() or parts.username is not None or parts.fragment or port == 0:
            raise InvalidParameter("The URL has a host, and neither a user nor a fragment.")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.names(host)):
            raise InvalidParameter("The URL begins with https://.")

    def _in_networks(self, address: Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)
