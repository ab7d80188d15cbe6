"""The command that writes the reference of kinds and rules."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app


@app.command()
def docs(
    folder: Annotated[Path, typer.Argument(help="Where the reference stands.", show_default=True)] = Path(
        "docs/reference"
    ),
    check: Annotated[bool, typer.Option("--check", help="Only say whether it is current.")] = False,
) -> None:
    """Write a page for every kind and every rule, or check that the committed ones are current."""
    from hub.reference.markdown import pages

    wanted = {folder / path: text.encode() for path, text in pages()}
    kept = {file: file.read_bytes() for file in folder.rglob("*.md")}
    other = sorted(file for file in wanted.keys() | kept.keys() if wanted.get(file) != kept.get(file))
    if check:
        for file in other:
            typer.secho(f"{file} is not current", fg="red", err=True)
        if other:
            typer.secho(f"{len(other)} page(s) are not current; run: hub docs {folder}", fg="red", err=True)
            raise SystemExit(1)
        typer.echo(f"{folder} is current.")
        return
    for file in other:
        if file in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(wanted[file])
        else:
            file.unlink()
    typer.echo(f"{folder}: {len(wanted)} page(s), {len(other)} of them changed.")
