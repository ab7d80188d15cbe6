"""The command of a consumer: the feed into a directory, a database or a pipe."""

import re
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app, hub_at, run

CURSOR = re.compile(r"([0-9]{1,10}\.)?[0-9]{1,18}")


@app.command()
def consume(
    url: Annotated[str, typer.Argument(help="The hub's address.")],
    to: Annotated[str, typer.Option(help="A directory, postgresql://…, or stdout.")],
    key: Annotated[str, typer.Option(envvar="HUB_KEY", help="A key, for its view; none for the public one.")] = "",
    narrow: Annotated[
        list[str] | None, typer.Option("--filter", metavar="NAME=VALUE", help="A filter of the feed, e.g. region=3501.")
    ] = None,
    after: Annotated[str | None, typer.Option(help="Begin behind this cursor; default: at the beginning.")] = None,
    from_snapshot: Annotated[
        Path | None, typer.Option(help="Load this snapshot first, then go on from its position.", exists=True)
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on reading until stopped.")] = False,
    check: Annotated[bool, typer.Option("--check", help="At the head, prove that nothing is missing.")] = False,
    patience: Annotated[float | None, typer.Option(help="Seconds without an answer to bear; default: no end.")] = None,
) -> None:
    """Read the feed into a directory, PostgreSQL or a pipe, from where it got last time, however that ended.

    Everything that is read is verified. Exit code 1: --check found something missing; 2: it could not be read on, or it
    was stopped before the head without --follow.
    """
    from hub.client.run import run_consumer
    from hub.client.trouble import Trouble

    hub_at(url, key, name="URL")
    if after is not None and not CURSOR.fullmatch(after):
        raise typer.BadParameter(f"{after!r} is no cursor: <epoch>.<position>, or a position", param_hint="--after")
    filters: dict[str, list[str]] = {}
    for pair in narrow or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter("NAME=VALUE, e.g. region=3501", param_hint="--filter")
        filters.setdefault(name, []).append(value)
    work = run_consumer(
        url,
        to,
        key=key,
        filters=filters,
        after=after,
        snapshot=from_snapshot,
        follow=follow,
        check=check,
        patience=patience,
    )
    try:
        complete = run(work)
    except Trouble as trouble:
        typer.secho(str(trouble), fg="red", err=True)
        raise SystemExit(2) from None
    raise SystemExit(0 if complete else 1)
