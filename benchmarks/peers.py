"""What the hub is compared with: the conventional server, a server of bytes in memory, and nginx."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from tests.support.postgres import Postgres

from benchmarks.conventional import KEY, Base
from benchmarks.figures import BenchmarkFailed
from benchmarks.hub import Ledger
from benchmarks.processes import HOST, PYTHON, Server, free_port, server

NGINX = """
daemon off; pid {directory}/pid; error_log {directory}/error.log; worker_processes 1; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    {servers}
}}
"""
DOCUMENTED = Path(__file__).parents[1] / "docs" / "nginx.conf"
"""How nginx is set up before a hub."""


def new_store(postgres: Postgres, name: str) -> Ledger:
    """A database with the conventional server's table, and the conventional server's key."""
    url = postgres.create_database(name)

    async def make() -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await engine.dispose()

    asyncio.run(make())
    return Ledger(url, KEY, postgres.directory)


@contextmanager
def conventional(store: Ledger, *, workers: int) -> Iterator[Server]:
    """The conventional server for the block."""
    port = free_port()
    command = [PYTHON, "-m", "benchmarks.conventional", str(port), str(workers)]
    with server(command, port, ready="/readyz", settings=store.settings) as running:
        yield running


@contextmanager
def memory(page: bytes) -> Iterator[Server]:
    """One uvicorn process that answers every request with `page`."""
    with TemporaryDirectory() as directory:
        stored = Path(directory) / "page"
        stored.write_bytes(page)
        port = free_port()
        with server([PYTHON, "-m", "benchmarks.memory", str(port), str(stored)], port) as running:
            yield running


@contextmanager
def nginx(page: bytes) -> Iterator[Server]:
    """One nginx worker that serves `page` as the file `/page`."""
    with TemporaryDirectory() as name:
        (Path(name) / "page").write_bytes(page)
        port = free_port()
        with _nginx(Path(name), f"server {{ listen {HOST}:{port}; root {name}; }}", port, "/page") as running:
            yield running


@contextmanager
def nginx_before(hub: Server, pages: Path) -> Iterator[Server]:
    """One nginx worker as the documentation has it: published pages are files, for the rest it asks the hub."""
    with TemporaryDirectory() as name:
        told = DOCUMENTED.read_text()
        port = free_port()
        for before, after in (
            ("/srv/hub-feed", str(pages)),
            ("/var/cache/nginx/hub", f"{name}/cache"),
            ("server 127.0.0.1:8000", f"server {hub.url.removeprefix('http://')}"),
            ("listen 8080", f"listen {HOST}:{port}"),
        ):
            if before not in told:
                raise BenchmarkFailed(f"{DOCUMENTED} no longer has {before}")
            told = told.replace(before, after)
        with _nginx(Path(name), told, port, "/readyz") as running:
            yield running


@contextmanager
def nginx_of_files(pages: Path) -> Iterator[Server]:
    """One nginx worker that serves a directory."""
    with TemporaryDirectory() as name:
        port = free_port()
        with _nginx(Path(name), f"server {{ listen {HOST}:{port}; root {pages}; }}", port, "/index.json") as running:
            yield running


@contextmanager
def _nginx(directory: Path, servers: str, port: int, ready: str) -> Iterator[Server]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise BenchmarkFailed("nginx is not installed; on Debian: apt-get install wrk nginx")
    # A worker that is not root could not read a directory of root's.
    user = f"user {directory.owner()};" if directory.owner() == "root" else ""
    configuration = directory / "nginx.conf"
    configuration.write_text(NGINX.format(directory=directory, user=user, servers=servers))
    command = [program, "-p", str(directory), "-c", str(configuration), "-e", str(directory / "error.log")]
    with server(command, port, ready=ready) as running:
        yield running
