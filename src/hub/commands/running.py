"""What every command needs: the application, a loop, the log and the database."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from socket import gaierror
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from hub.db import Database

T = TypeVar("T")

app = typer.Typer(
    name="hub",
    help="公共资源交易数据交换中心 · the data-exchange hub of public-resource trading.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], typer.Option(help="How much is logged.")]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(work)


def log(level: str) -> None:
    """Log to standard error, one line per event."""
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)


@contextmanager
def parameter(name: str) -> Iterator[None]:
    """Say of a parameter what the hub finds wrong with it in this block; exit code 2."""
    from hub.problems import Problem

    try:
        yield
    except (Problem, ValueError) as wrong:
        raise typer.BadParameter(str(wrong), param_hint=name) from None


def check_code(code: str, name: str) -> None:
    """Refuse a parameter that is no USCC 统一社会信用代码; exit code 2."""
    from hub.schemas.types.parties import check_uscc

    with parameter(name):
        check_uscc(code)


def keep_input(file: Path, written: Path | None, name: str) -> None:
    """Refuse a parameter by which a command would write over the file that it reads; exit code 2."""
    if written is not None and written.exists() and file.exists() and written.samefile(file):
        said = f"{written} 是要读取的文件，请另写一个文件 {written} is the file that is read; name another one."
        raise typer.BadParameter(said, param_hint=name)


def hub_at(url: str, key: str, *, name: str = "--url") -> None:
    """Refuse an address that no hub has, and a key with characters that none has; exit code 2."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise typer.BadParameter(f"{url!r} is no address: http://… or https://…", param_hint=name)
    if not (key.isascii() and key.isprintable()):
        raise typer.BadParameter("密钥中有不允许的字符 The key has characters that no key has.", param_hint="--key")


def sentence_of(error: Exception) -> str | None:
    """What to say of a file or an address that cannot be used, by its name; None where the error is another one."""
    import httpx

    words = str(getattr(error, "orig", None) or error).split("\n", 1)[0] or type(error).__name__
    if isinstance(error, httpx.TransportError):
        return f"{error.request.url} does not answer: {words}"
    if _about_the_database(error):
        return f"The database {_database_shown()} cannot be used: {words}"
    if isinstance(error, OSError):
        return words if error.filename is None else f"{os.fsdecode(error.filename)}: {error.strerror}"
    return None


def _about_the_database(error: Exception) -> bool:
    """Whether it is the database that cannot be used, and not a statement of the hub's that is wrong."""
    import asyncpg  # type: ignore[import-untyped]
    from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError

    away = (ConnectionError, TimeoutError, gaierror, OperationalError, InterfaceError, ArgumentError)
    if isinstance(error, (*away, asyncpg.PostgresError)):
        return True
    if isinstance(error, OSError):
        # Where a host has several addresses, asyncio's error has neither a number nor a class of its own; a file of the
        # hub's is named in its error, a socket is not.
        return error.filename is None and (
            error.errno is None or isinstance(error, (FileNotFoundError, PermissionError))
        )
    # Of SQLite's errors this one alone has no class of its own: a file that is none of its databases, or a damaged one.
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return type(error) is DatabaseError or (isinstance(error, DBAPIError) and str(state).startswith(_OUTSIDE))


_OUTSIDE = ("08", "22021", "22P05", "25006", "28", "3D", "3F", "42501", "42704", "53", "55P03", "57", "58", "XX00")
"""How the states begin that PostgreSQL gives where it is not as it should be, or does not allow what the hub needs."""


def _database_shown() -> str:
    """The database of the settings, without its password."""
    from sqlalchemy import make_url

    from hub.settings import settings

    file = settings().embedded()
    if file is not None:
        return str(file)
    address = make_url(settings().database_url).difference_update_query(("password", "sslpassword"))
    return address.render_as_string(hide_password=True)


def url_of(host: str, port: int) -> str:
    """The address under which a server that listens there is reached from this machine."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (looked up, not bound)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


@asynccontextmanager
async def database(*, make: bool = False) -> "AsyncIterator[Database]":
    """The database of the settings, open for the length of a block; an embedded one that is not there only with `make`."""
    from hub.db import open_database
    from hub.settings import settings

    file = settings().embedded()
    if file is not None and not (make or file.exists()):
        # Whoever looks in the wrong folder would be told that an empty ledger is as it should be.
        typer.secho(f"There is no database at {file}; set HUB_DATA_DIR or HUB_DATABASE_URL.", fg="red", err=True)
        raise SystemExit(2)
    found = await open_database(settings().url())
    try:
        yield found
    finally:
        await found.close()
