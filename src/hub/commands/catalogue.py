"""The command that writes the catalogue for people who work with spreadsheets."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app


@app.command(name="catalogue")
def catalogue_command(
    file: Annotated[Path, typer.Argument(help="The workbook to write, e.g. catalogue.xlsx")],
    region: Annotated[
        str, typer.Option(help="Apply the local rules of this region: a code, or its first digits.")
    ] = "",
) -> None:
    """Write 主动公开目录清单, the catalogue of what is disclosed by whom and by when, as an XLSX workbook."""
    from hub.catalogue import Place
    from hub.catalogue.workbook import workbook
    from hub.law.clock import beijing_day
    from hub.law.local_rules_file import local_rules_at
    from hub.moments import now
    from hub.problems import InvalidParameter
    from hub.schemas.codes import regions
    from hub.schemas.kind import kinds
    from hub.settings import settings

    today = beijing_day(now())
    if region and region.ljust(6, "0") not in regions():
        raise InvalidParameter(f"No region code begins with {region!r}.")
    place = Place(local_rules_at(settings().local_rules), region, today) if region else None
    file.write_bytes(workbook(place))
    typer.echo(f"{file}: {len(kinds())} kinds.")
