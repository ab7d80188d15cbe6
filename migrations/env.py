"""How the migrations run: one connection, one lock, both databases."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.db import MIGRATION_LOCK, address_of, check_known
from hub.ledger import consumers as _consumers  # noqa: F401
from hub.ledger.tables import Table
from hub.problems import UnsuitableDatabase
from hub.settings import settings
from hub.transparency import tables as _transparency  # noqa: F401


def migrate(connection: Connection) -> None:
    """Run what is missing; other processes that migrate at the same time wait."""
    if connection.dialect.name == "postgresql":
        if (encoding := connection.execute(text("SHOW server_encoding")).scalar_one()) != "UTF8":
            raise UnsuitableDatabase(
                f"Its encoding is {encoding}, which lacks characters that names and reasons have, or counts bytes."
                " Make it anew: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'."
            )
        # To wait for another one, or to make an index of everything, takes its time, whatever the server's limits are.
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
        connection.commit()
    else:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.commit()
    context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
    with context.begin_transaction():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        check_known(context.get_context().get_current_revision())
        context.run_migrations()


async def run() -> None:
    """Open the database that the caller named, else the one that the settings name."""
    url = context.config.attributes.get("url") or settings().url()
    address, asked = address_of(url) if url.startswith("postgresql") else (url, {})
    engine = create_async_engine(address, poolclass=NullPool, connect_args=asked)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(run())
