"""The commands that run a process, and the one that prepares the database."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import LogLevel, app, log, parameter

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0: a free one.")]


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
    sync: Annotated[bool, typer.Option("--sync", help="Deliver to the targets from these processes too.")] = False,
    log_level: LogLevel = "warning",
) -> None:
    """Serve the API and the pages. The embedded database migrates itself; any other must be at the newest migration."""
    from hub.server import serve as run_server

    log(log_level)
    run_server(host, port, workers=workers, sync=sync, log_level=log_level)


@app.command(name="sync")
def sync_command(log_level: LogLevel = "info") -> None:
    """Deliver to the targets of HUB_TARGET_NATIONAL_URL, HUB_TARGET_CREDIT_URL and HUB_TARGET_URLS, until stopped."""
    from hub.sync.process import sync as run_sync

    log(log_level)
    run_sync()


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    from hub.db import migrate as migrate_database
    from hub.db import newest_migration
    from hub.settings import settings

    migrate_database(settings().url())
    typer.echo(f"The database is at migration {newest_migration()}.")


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End with a table instead of going on.")] = False,
    notices: Annotated[
        Path | None, typer.Option(help="Public notices in the national platform's JSON form, instead of the samples.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The API's port; default: a free one.")] = 0,
    database_url: Annotated[
        str,
        typer.Option(
            help="A PostgreSQL database for the samples, where they stay; default: an embedded one of its own."
        ),
    ] = "",
) -> None:
    """Run everything on this machine: API, workers, both targets, and a sample platform that pushes; watch it live.

    What HUB_… variables say of a real hub, its database, files and targets, is not meant for the demo.
    """
    from hub.demo.run import demo as run_demo
    from hub.settings import check_database_url

    with parameter("--database-url"):
        check_database_url(database_url)
    raise SystemExit(run_demo(once=once, notices=notices, port=port, database_url=database_url))
