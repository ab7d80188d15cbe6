"""The commands about editions of kinds: what a new one breaks, in words and on real payloads."""

from typing import Annotated

import typer

from hub.commands.running import app, database, run

schema_app = typer.Typer(help="Editions of kinds: what breaks from one to the next.", no_args_is_help=True)
app.add_typer(schema_app, name="schema")


@schema_app.command("list")
def schema_list() -> None:
    """List the kinds that have more than one edition."""
    from hub.schemas.kind import editions, kinds

    for name, kind in kinds().items():
        if len(known := editions(name)) > 1:
            typer.echo(f"{name:32} {kind.title()}  {', '.join(known)}")


@schema_app.command("diff")
def schema_diff(
    before: Annotated[str, typer.Argument(help="An edition, KIND@VERSION, e.g. win_result_notice@2.0")],
    after: Annotated[str, typer.Argument(help="Another one, e.g. win_result_notice@2.1")],
) -> None:
    """Say what changes between two editions of a kind; exit code 1 if anything breaks for a sender."""
    from hub.schemas.editions import changes, edition_named

    old, new = edition_named(before), edition_named(after)
    if old.name() != new.name():
        raise typer.BadParameter(f"{old.name()} and {new.name()} are two kinds: name two editions of one.")
    found = changes(old, new)
    for change in found:
        mark = typer.style("breaks", fg="red") if change.breaking else typer.style("fits  ", fg="green")
        typer.echo(f"{mark}  {change.pointer}  {change.title}  {change.en} · {change.zh}")
    breaking = sum(change.breaking for change in found)
    typer.echo(f"{len(found)} change(s), {breaking} of them breaking.")
    raise SystemExit(1 if breaking else 0)


@schema_app.command("replay")
def schema_replay(
    platform: Annotated[str, typer.Option(help="The platform's USCC.")],
    to: Annotated[str, typer.Option(help="The edition to try, e.g. 2.1")],
    last: Annotated[int, typer.Option(min=1, help="How many of its newest accepted payloads to try.")] = 1000,
) -> None:
    """Try a platform's accepted payloads against another edition and group what breaks by rule; stores nothing."""
    from rich.progress import Progress

    from hub.keys import check_platform
    from hub.replay import Replayed, replay

    async def work() -> Replayed:
        with Progress(transient=True) as bar:
            task = bar.add_task("replaying", total=last)
            async with database() as opened, opened.reading() as connection:
                await check_platform(connection, platform)
                return await replay(
                    connection, platform, to, last=last, progress=lambda done: bar.update(task, completed=done)
                )

    replayed = run(work())
    for found in sorted(replayed.breakages.values(), key=lambda breakage: -breakage.count):
        typer.echo(f"{found.count:7}  {found.kind}  {found.pointer}  [{found.rule}]  {found.en}  {found.zh}")
        typer.echo(f"         newest: position {found.first_position}")
    typer.echo(f"{replayed.payloads} payload(s) replayed against {to}, {replayed.refused} of them refused.")
    raise SystemExit(1 if replayed.refused else 0)
