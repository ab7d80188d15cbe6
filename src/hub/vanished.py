"""Connections to PostgreSQL that end by themselves where the other side has vanished without a word.

A host that loses its power or its network says nothing. Whoever waits for an answer of it would wait for ever, and
whoever has sent something for a quarter of an hour, even if another host had taken its place long ago.
"""

import socket
from typing import Any

import asyncpg  # type: ignore[import-untyped]

ASK_AFTER, ASK_EVERY, ASK_TIMES = 10, 5, 3
"""Seconds of silence after which the kernel asks whether the other side is there, seconds between two such questions, and
how many stay unanswered until the connection ends: after 25 seconds."""

UNHEARD = 1000 * (ASK_AFTER + ASK_EVERY * ASK_TIMES)
"""Milliseconds after which it ends because what was sent was not acknowledged."""

OPTIONS = {
    "TCP_KEEPIDLE": ASK_AFTER,
    "TCP_KEEPINTVL": ASK_EVERY,
    "TCP_KEEPCNT": ASK_TIMES,
    "TCP_USER_TIMEOUT": UNHEARD,
}
"""By their names in `socket`; a system that does not know one keeps to its own."""

ON_THE_OTHER_SIDE = {
    "tcp_keepalives_idle": str(ASK_AFTER),
    "tcp_keepalives_interval": str(ASK_EVERY),
    "tcp_keepalives_count": str(ASK_TIMES),
    "tcp_user_timeout": str(UNHEARD),
}
"""The same as settings of PostgreSQL's, for a hub that vanishes: its connections and their locks end with it."""


class Heeding(asyncpg.Connection):  # type: ignore[misc]
    """A connection that notices; for `asyncpg.connect(connection_class=…)`."""

    __slots__ = ()

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        _heed(transport.get_extra_info("socket"))


def _heed(link: socket.socket) -> None:
    if link.family not in (socket.AF_INET, socket.AF_INET6):
        return  # Who is on the same machine does not vanish without its kernel's telling.
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            link.setsockopt(socket.IPPROTO_TCP, option, value)
