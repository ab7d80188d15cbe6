"""Connections that end by themselves where the other side has vanished without a word.

A host that loses its power or its network says nothing. Whoever waits for it would wait for ever, and whoever has sent
something for a quarter of an hour, even if another host had taken its place long ago.
"""

import socket
from collections.abc import Mapping

ASK_AFTER, ASK_EVERY, ASK_TIMES = 10, 5, 3
"""Seconds of silence after which the kernel asks whether a database is there, seconds between two such questions, and
how many stay unanswered until the connection ends: after 25 seconds."""

UNHEARD = 1000 * (ASK_AFTER + ASK_EVERY * ASK_TIMES)
"""Milliseconds after which it ends because what was sent was not acknowledged."""

OF_DATABASES = {
    "TCP_KEEPIDLE": ASK_AFTER,
    "TCP_KEEPINTVL": ASK_EVERY,
    "TCP_KEEPCNT": ASK_TIMES,
    "TCP_USER_TIMEOUT": UNHEARD,
}
"""What is asked of the kernel, by the names in `socket`; a system that does not know one keeps to its own."""

OF_CLIENTS = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""The same for who calls: there may be thousands, and one that does not read what it is sent may take its time."""

ON_THE_OTHER_SIDE = {
    "tcp_keepalives_idle": str(ASK_AFTER),
    "tcp_keepalives_interval": str(ASK_EVERY),
    "tcp_keepalives_count": str(ASK_TIMES),
    "tcp_user_timeout": str(UNHEARD),
}
"""The same as settings of PostgreSQL's, for a hub that vanishes: its connections and their locks end with it."""


def heed(link: socket.socket, options: Mapping[str, int]) -> None:
    """Have a connection end where the other side has vanished, or each one that is taken from a listening socket."""
    if link.family not in (socket.AF_INET, socket.AF_INET6):
        return  # Who is on the same machine does not vanish without its kernel's telling.
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if (option := getattr(socket, name, None)) is not None:
            link.setsockopt(socket.IPPROTO_TCP, option, value)
