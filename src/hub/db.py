"""Engines, the difference between the two databases, and the only commits."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from sqlalchemy import URL, Connection, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hub.moments import now
from hub.problems import OutdatedDatabase, Overloaded, UnknownMigration
from hub.vanished import ON_THE_OTHER_SIDE

logger = logging.getLogger(__name__)

T = TypeVar("T")

MIGRATION_LOCK = 0x48554201

AWAY = (SQLAlchemyError, OSError)
"""What is raised where the database restarts or cannot be reached."""


def away(error: Exception) -> Overloaded:
    """The problem to answer with where one of `AWAY` was raised: worth a line in the log, not a traceback per request."""
    logger.warning("the database does not answer: %s", str(error).split("\n", 1)[0])
    return Overloaded("The database does not answer at the moment.")


AT_HAND = 4
"""The most connections that are kept at hand for single statements."""


class Database:
    """One database, PostgreSQL or SQLite, and its transactions."""

    def __init__(self, url: str, *, pool: int = 10) -> None:
        self.url = url
        self.is_postgresql = url.startswith("postgresql")
        self.engine = _postgresql(url, pool) if self.is_postgresql else _sqlite(url)
        self.writer = self.engine.execution_options(hub_write=True)
        # One statement, one transaction: no round trips for BEGIN and ROLLBACK.
        self.single = self.engine.execution_options(isolation_level="AUTOCOMMIT") if self.is_postgresql else self.writer
        self._at_hand: list[AsyncConnection] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction, committed when the block ends and rolled back when it raises."""
        async with self.writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; on PostgreSQL each statement sees what is committed when it begins."""
        async with (self.single if self.is_postgresql else self.engine).connect() as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements all see the database as it was at the first of them."""
        frozen = self.engine.execution_options(isolation_level="REPEATABLE READ") if self.is_postgresql else self.engine
        async with frozen.connect() as connection:
            if self.is_postgresql:
                for name in _BY_INDEX:
                    await connection.execute(text(f"SET LOCAL {name} = on"))
                # Whoever reads everything may also pause between two statements, as its output does in a pager.
                for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                    await connection.execute(text(f"SET LOCAL {name} = 0"))
            yield connection

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[AsyncConnection]:
        """A connection to PostgreSQL on which every statement of the driver's commits by itself.

        A few are kept at hand: to fetch one and to give it back would take as long as many a statement.
        """
        connection = self._at_hand.pop() if self._at_hand else await self.single.connect()
        try:
            yield connection
            if connection.in_transaction():
                await connection.rollback()
        except BaseException:
            # Only SQLAlchemy's own statements tell it that a connection broke: the next one would get it again. Where
            # one broke, the others may have.
            await self._discard(connection)
            raise
        if len(self._at_hand) < AT_HAND:
            self._at_hand.append(connection)
        else:
            await connection.close()

    def looking(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for reading, for those who read again and again; see `hub.straight`."""
        return self.at_once() if self.is_postgresql else self.reading()

    async def _discard(self, *broken: AsyncConnection) -> None:
        kept, self._at_hand = self._at_hand, []
        # Together: to part from a database that is silent takes seconds.
        await asyncio.gather(*map(_discarded, (*broken, *kept)), return_exceptions=True)

    async def commit(self, connection: AsyncConnection) -> None:
        """Commit on a connection that a caller keeps for many transactions."""
        await connection.commit()

    async def close(self) -> None:
        """Close all connections."""
        while self._at_hand:
            await self._at_hand.pop().close()
        await self.engine.dispose()


async def _discarded(connection: AsyncConnection) -> None:
    try:
        await connection.invalidate()
    finally:
        await connection.close()


async def driver_of(connection: AsyncConnection) -> Any:
    """asyncpg's own connection, for the few statements where SQLAlchemy's share of the time is the larger one."""
    return (await connection.get_raw_connection()).driver_connection


async def keep_plans(connection: AsyncConnection) -> None:
    """Have PostgreSQL plan each statement of a connection once, where all of them look up by keys.

    By itself it plans anew each time a few keys are looked up, which takes longer than the looking up.
    """
    if connection.dialect.name == "postgresql":
        await (await driver_of(connection)).execute("SET plan_cache_mode = force_generic_plan")


async def moment_of(connection: AsyncConnection) -> int:
    """This moment in microseconds by the database's clock, which decides for all hosts; SQLite has but one host."""
    if connection.dialect.name != "postgresql":
        return now()
    return int((await connection.execute(_CLOCK)).scalar_one())


_CLOCK = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")


# Every statement of the hub has its index. A plan that was made while the tables were small is kept for as long as
# the statistics stand, and one that reads a whole table would then cost more with every version. Without statistics,
# as in the first minutes and while PostgreSQL crashes again and again, it would even keep a table aside and go through
# all of it for each row of another.
_BY_INDEX = dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material"), "off")


def _postgresql(url: str, pool: int) -> AsyncEngine:
    from hub.heeding import Heeding

    address, asked = address_of(url)
    # Seconds, not minutes: a statement that hangs while it holds the ledger lock would stop every writer.
    return create_async_engine(
        address,
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=10,
        connect_args=asked
        | {
            "timeout": 5,
            "connection_class": Heeding,
            "server_settings": {
                "application_name": "hub",
                "jit": "off",
                "lock_timeout": "5s",
                "statement_timeout": "20s",
                "idle_in_transaction_session_timeout": "5s",
                # Whatever the server is set to: who waited for a lock must see what was committed meanwhile, and a
                # connection that is kept for later must be there then.
                "default_transaction_isolation": "read committed",
                "idle_session_timeout": "0",
                **ON_THE_OTHER_SIDE,
                **_BY_INDEX,
            },
        },
    )


def address_of(url: str) -> tuple[URL, dict[str, Any]]:
    """The address of a PostgreSQL as SQLAlchemy takes it, and the rest of it, such as `sslmode`, as asyncpg does."""
    address = make_url(url)
    rest = {name: value for name, value in address.query.items() if name not in _OF_SQLALCHEMY}
    return address.difference_update_query(rest), {"dsn": f"postgresql://?{urlencode(rest, True)}"} if rest else {}


_OF_SQLALCHEMY = ("host", "port", "ssl", "prepared_statement_cache_size")


def _sqlite(url: str) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": 10})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: a deferred one fails with "database is locked" on upgrade.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("hub_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def migrations() -> Path:
    """Where the migration scripts are: inside the installed package, or at the top of a checkout."""
    inside = Path(__file__).parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "migrations"


def migrate(url: str) -> None:
    """Bring the database to the newest migration; processes that do it at once wait for each other."""
    from alembic import command

    command.upgrade(_alembic(url), "head")


def _alembic(url: str) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def newest_migration() -> str:
    """The id of the newest migration that this program knows: the number that its file's name begins with."""
    return max(_known())


def _known() -> set[str]:
    # Not asked of Alembic: importing it would be a third of a server's start.
    return {script.name.split("_")[0] for script in (migrations() / "versions").glob("[0-9]*_*.py")}


def check_known(current: str | None) -> None:
    """Refuse a database at a migration that this program does not have. Raises `hub.problems.UnknownMigration`."""
    if current is not None and current not in _known():
        raise UnknownMigration(
            f"The database is at migration {current}, and this program knows them up to {newest_migration()}."
            " Run the release of the hub that migrated it, or name another database."
        )


async def current_migration(database: Database) -> str | None:
    """The migration that the database is at, None for an empty one."""
    async with database.reading() as connection:
        if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
            return None
        found: str | None = (await connection.execute(_MIGRATION)).scalar_one_or_none()
        return found


async def patiently(database: Database, patience: float, ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` finds in a database that may yet have to come up, for which it has `patience` seconds."""
    clock = asyncio.get_running_loop().time
    until, said = clock() + patience, False
    while True:
        try:
            return await ask()
        except (OSError, DBAPIError) as error:
            if clock() >= until or not (database.is_postgresql and _comes_up(error)):
                raise
            if not said:
                logger.warning("waiting for the database: %s", str(error).split("\n", 1)[0])
            said = True
        await asyncio.sleep(BETWEEN_TRIES)


def _comes_up(error: OSError | DBAPIError) -> bool:
    """Whether it says that nobody answers yet, and not that the address, the name or the password is wrong."""
    if isinstance(error, OSError) or error.connection_invalidated:
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "")
    # Starting up, shutting down or recovering; a connection that broke; all connections taken.
    return state.startswith(("57P", "08")) or state == "53300"


BETWEEN_TRIES = 0.1
"""Seconds between two tries to reach a database that does not answer."""

_MIGRATION = text("SELECT version_num FROM alembic_version")


async def open_database(url: str, *, pool: int = 10, patience: float = 0.0) -> Database:
    """Open the database; the embedded one migrates itself, any other must be at the newest migration.

    One that does not answer, as while it starts or recovers, is asked again for `patience` seconds. Raises
    `hub.problems.OutdatedDatabase` or `UnknownMigration` with what to do.
    """
    database = Database(url, pool=pool)
    try:
        newest, current = newest_migration(), await patiently(database, patience, lambda: current_migration(database))
        check_known(current)
    except BaseException:
        await database.close()
        raise
    if current == newest:
        return database
    if not database.is_postgresql:
        await asyncio.to_thread(migrate, url)
        return database
    await database.close()
    raise OutdatedDatabase(
        f"The database is at migration {current or 'none'}, this program needs {newest}. Run `hub migrate` first."
    )
