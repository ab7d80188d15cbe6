"""Migrated databases for tests: migrated once, copied for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.db import migrate
from tests.support.postgres import Server


@contextmanager
def template_database(server: Server) -> Iterator[str]:
    """The name of a migrated database that nobody is connected to, for `server.database(template=…)`."""
    with server.database("hub_template") as name:
        migrate(server.url(name))
        yield name


def template_file(directory: Path) -> Path:
    """A migrated SQLite file, whole in itself: nothing of it is left in a write-ahead log."""
    file = directory / "template.sqlite3"
    migrate(sqlite_url(file))
    return file


def sqlite_url(file: Path) -> str:
    """The address of a SQLite file, `sqlite+aiosqlite:///…`."""
    return f"sqlite+aiosqlite:///{file}"
