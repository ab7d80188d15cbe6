"""The commands about what leaves the hub as files, and about epochs."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from hub.commands.running import LogLevel, app, database, log, run

if TYPE_CHECKING:
    import httpx

    from hub.exports.shelf import Shelf

epoch_app = typer.Typer(help="Epochs: stretches in which positions keep their meaning.", no_args_is_help=True)
app.add_typer(epoch_app, name="epoch")


class Packing(StrEnum):
    """What lies beside each page."""

    BOTH = "both"
    GZIP = "gzip"
    ZSTD = "zstd"
    NONE = "none"


@app.command()
def publish(
    target: Annotated[str, typer.Argument(help="A directory, or s3://bucket/prefix.")],
    follow: Annotated[bool, typer.Option("--follow", help="Go on as the ledger grows, until stopped.")] = False,
    packed: Annotated[Packing, typer.Option(help="Which packed files lie beside each page.")] = Packing.BOTH,
    log_level: LogLevel = "warning",
) -> None:
    """Write the full pages of the public feed as files, with an index.json that is written last."""
    import httpx

    from hub.exports.publish import ENDINGS
    from hub.exports.publish import follow as follow_ledger
    from hub.exports.publish import publish as publish_pages

    log(log_level)
    codings = [coding for coding in ENDINGS if packed in (Packing.BOTH, coding)]

    def progress(published: int, full: int) -> None:
        if published == full or published % 100 == 0:
            typer.echo(f"page {published} of {full}")

    async def work() -> int:
        async with database() as opened, httpx.AsyncClient(timeout=60) as http:
            shelf = _shelf(target, http)
            if follow:
                await follow_ledger(opened, shelf, codings, progress)
            return await publish_pages(opened, shelf, codings, progress)

    typer.echo(f"{run(work())} full page(s) are at {target}.")


def _shelf(target: str, http: "httpx.AsyncClient") -> "Shelf":
    from hub.exports.s3 import Bucket, Keys
    from hub.exports.shelf import Directory
    from hub.settings import settings

    if not target.startswith("s3://"):
        return Directory(Path(target))
    address, chosen = urlsplit(target), settings()
    keys = Keys(chosen.s3_region, chosen.s3_access_key, chosen.s3_secret_key)
    return Bucket(http, chosen.s3_endpoint, address.netloc, address.path, keys)


@epoch_app.command("begin")
def epoch_begin(
    reason: Annotated[str, typer.Option(help="Why: which versions were lost, and how that came about.")],
) -> None:
    """Open a new epoch behind what the ledger holds now, after versions were lost for good; readers are told."""
    from hub.ledger.epochs import Stretch, begin_epoch
    from hub.settings import settings
    from hub.transparency.reopening import reopen

    async def work() -> tuple[Stretch, str]:
        async with database() as opened:
            begun = await begin_epoch(opened, reason)
            chosen = settings()
            return begun, await reopen(opened, begun.number, chosen.log_origin, chosen.log_hashing)

    begun, name = run(work())
    typer.echo(f"Epoch {begun.number} begins behind position {begun.began_after}.")
    if name:
        typer.echo(f"Its log is {name}.")


@epoch_app.command("list")
def epoch_list() -> None:
    """List the epochs."""
    from hub.ledger.epochs import told_epochs
    from hub.ledger.tables import Epoch
    from hub.moments import iso

    async def work() -> list[Epoch]:
        async with database() as opened, opened.reading() as connection:
            return await told_epochs(connection)

    for epoch in run(work()):
        typer.echo(f"{epoch.number}  behind {epoch.began_after}  {iso(epoch.at) if epoch.at else '-'}  {epoch.reason}")
