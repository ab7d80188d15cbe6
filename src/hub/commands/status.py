"""The command that says how the hub is doing."""

import typer

from hub.commands.running import app, database, run


@app.command()
def status() -> None:
    """Show the head, the targets and the log; exit code 1 where the hub is read-only."""
    from hub.oversight import Status, status_of
    from hub.settings import settings
    from hub.sync.target import targets
    from hub.transparency.guard import compared, unguarded

    async def work() -> Status:
        chosen = settings()
        async with database() as opened:
            behind = await compared(opened, chosen.checkpoints(), chosen.log_origin)
            blind = None if behind is not None else await unguarded(opened, chosen.checkpoints())
            async with opened.reading() as connection:
                return await status_of(connection, tuple(targets()), behind, blind)

    found = run(work())
    if found.read_only is not None:
        typer.secho("只读：不再接收报送 · READ-ONLY: nothing is taken", fg="red", bold=True)
        typer.secho(f"  {found.read_only.zh}\n  {found.read_only.en}", fg="red")
        typer.secho("  核查后：hub epoch begin --reason … · once a person has looked: hub epoch begin", fg="red")
    if found.unguarded is not None:
        typer.secho("无法发现版本丢失 · UNGUARDED: a loss of versions would not be noticed", fg="red", bold=True)
        typer.secho(f"  {found.unguarded.zh}\n  {found.unguarded.en}", fg="red")
    typer.echo(f"Position {found.head}.")
    if found.log is not None:
        ago = f"{found.log.signed_seconds_ago:.0f} s ago"
        typer.echo(f"Log {found.log.origin}: the newest head covers {found.log.size}, signed {ago}.")
    for target in found.targets:
        held = f"{target.waiting} waiting, {target.parked} parked, {target.rejected} rejected"
        held += f", {target.pending_receipt} undecided, {target.unknown} unknown"
        typer.echo(
            f"{target.name:10} {target.state:14} reached {target.cursor}, lag {target.lag_seconds:.1f} s, {held}"
        )
        if target.alarm is not None:
            typer.secho(
                f"  超时告警：最早一项已逾 {target.alarm} · ALARM: something is older than {target.alarm}", fg="red"
            )
    raise SystemExit(1 if found.read_only is not None else 0)
