"""The command that checks what is stored."""

from typing import Annotated

import typer

from hub.commands.running import app, database, run


@app.command()
def fsck(most: Annotated[int, typer.Option(min=1, help="The most findings to list.")] = 20) -> None:
    """Re-hash every stored byte; check density, numbers, the log, deliveries and cursors. Exit code 1 if any is wrong."""
    from rich.progress import Progress

    from hub.fsck import Report, check
    from hub.settings import settings
    from hub.transparency.keeping import kept_outside

    async def work() -> Report:
        with Progress(transient=True) as bar:
            task = bar.add_task("checking versions")
            async with database() as opened:
                outside = await kept_outside(opened, settings())
                return await check(
                    opened,
                    lambda done, total: bar.update(task, completed=done, total=total),
                    most=most,
                    outside=outside,
                )

    report = run(work())
    typer.echo(f"{report.versions} versions, {report.records} records, {report.deliveries} deliveries checked.")
    for finding in sorted(report.findings, key=lambda f: f.position or 0)[:most]:
        where = "" if finding.position is None else f"position {finding.position}: "
        typer.secho(f"  {where}{finding.what}", fg="red")
    if report.first is not None:
        first = report.first
        typer.secho(f"First bad position: {first.position}" if first.position else first.what, fg="red", bold=True)
        raise SystemExit(1)
    typer.secho("Everything is as it should be.", fg="green")
