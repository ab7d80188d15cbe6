"""Plain connections to a database, past the hub: for limits, for filling and for looking."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Any]:
    """An asyncpg connection for the block."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def settle(dsn: str) -> None:
    """Write out what waits to be written: the next measurement begins with a quiet disk."""
    run(dsn, "CHECKPOINT")
    os.sync()
    time.sleep(0.5)


def run(dsn: str, statements: str) -> None:
    """Run statements that return nothing."""

    async def execute() -> None:
        async with connected(dsn) as connection:
            await connection.execute(statements)

    asyncio.run(execute())
