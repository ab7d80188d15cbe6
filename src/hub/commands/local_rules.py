"""The command about local rules: whether they can be applied."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app

local_rules_app = typer.Typer(
    help="What a region or a sector asks for beyond the national rules.", no_args_is_help=True
)
app.add_typer(local_rules_app, name="local-rules")


@local_rules_app.command("check")
def local_rules_check(
    file: Annotated[Path, typer.Argument(help="A JSON file of local rules, or a folder of such.")],
) -> None:
    """Say what is wrong with local rules, or how many kinds each of them tightens; HUB_LOCAL_RULES applies them."""
    from hub.law.local_rules_file import local_rules_at
    from hub.schemas.kind import kinds

    rules = local_rules_at(str(file)).rules
    for one in rules:
        selected = sum(one.selects(kind) for kind in kinds().values())
        where = " ".join(part for part in (one.region, one.domain) if part)
        typer.echo(f"{one.id:24} {where:12} since {one.since}  {selected} kind(s)  {one.basis}")
    typer.secho(f"{len(rules)} local rule(s) can be applied.", fg="green")
