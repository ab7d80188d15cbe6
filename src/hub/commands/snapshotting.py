"""The commands of bulk readers: snapshots, and the consumers that the hub keeps cursors for."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app, database, run


@app.command()
def snapshot(
    directory: Annotated[Path, typer.Argument(help="Where snapshots lie; this one gets a folder of its own.")],
    at: Annotated[int | None, typer.Option(min=0, help="The position; default: the head.")] = None,
    formats: Annotated[str, typer.Option(help="ndjson, csv, parquet, separated by commas.")] = "ndjson",
    government: Annotated[
        bool, typer.Option("--government", help="Whole documents, for the government exchange; else what is public.")
    ] = False,
) -> None:
    """Write everything that the ledger held at a position: its history and its current records, with a manifest."""
    from rich.progress import Progress

    from hub.exports.snapshot import make

    async def work() -> Path:
        with Progress(transient=True) as bar:
            task = bar.add_task("快照 snapshot")
            async with database() as opened:
                return await make(
                    opened,
                    directory,
                    at=at,
                    formats=[name.strip() for name in formats.split(",")],
                    view="government" if government else "public",
                    told=lambda done, total: bar.update(task, completed=done, total=total),
                )

    typer.echo(run(work()))


@app.command()
def consumers() -> None:
    """List the named consumers and how far each is behind, the one that is most behind first."""
    from hub.ledger.consumers import Committed, consumers_of
    from hub.ledger.read import head_position
    from hub.moments import iso

    async def work() -> tuple[int, list[Committed]]:
        async with database() as opened, opened.reading() as connection:
            return await head_position(connection), list(await consumers_of(connection))

    head, found = run(work())
    for one in sorted(found, key=lambda one: one.position):
        cursor = f"{one.epoch}.{one.position}"
        typer.echo(
            f"{one.name:24} {cursor:>16}  {head - one.position:>10} behind  {iso(one.committed_at)}  {one.consumer}"
        )
