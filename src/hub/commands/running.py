"""What every command needs: the application, a loop, the log and the database."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
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
LogLevel = Annotated[str, typer.Option(help="debug, info, warning or error.")]


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
    except Problem as problem:
        raise typer.BadParameter(problem.detail or problem.title(), param_hint=name) from None


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
