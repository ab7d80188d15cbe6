"""Fixtures that every test may ask for: the event loop, the PostgreSQL server, a fresh migrated database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.garbage import keep_what_is, look_rarely
from tests.support.databases import sqlite_url, template_database, template_file
from tests.support.postgres import Server, server

look_rarely()


def pytest_collection_finish() -> None:
    """What collecting made stays for the whole run, as what a server is made of does."""
    keep_what_is()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Coroutines run on asyncio, as the hub does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, started when the first test asks for it."""
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_template(postgres: Server) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to make others from."""
    with template_database(postgres) as name:
        yield name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return template_file(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def postgresql_url(postgres: Server, postgresql_template: str) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database."""
    with postgres.database("hub_test", postgresql_template) as name:
        yield postgres.url(name)


@pytest.fixture
def sqlite_database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database."""
    return sqlite_url(Path(shutil.copy(sqlite_template, tmp_path / "hub.sqlite3")))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database, once on each engine."""
    fixture = {"sqlite": "sqlite_database_url", "postgresql": "postgresql_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url
