"""The connections to PostgreSQL. A module of its own: the embedded database needs no driver of PostgreSQL's."""

from typing import Any

import asyncpg  # type: ignore[import-untyped]

from hub.vanished import OF_DATABASES, heed

__all__ = ["Heeding"]


class Heeding(asyncpg.Connection):  # type: ignore[misc]
    """A connection that ends by itself where the database has vanished; for `asyncpg.connect(connection_class=…)`."""

    __slots__ = ()

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        heed(transport.get_extra_info("socket"), OF_DATABASES)
