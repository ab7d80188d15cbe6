"""The command that verifies evidence: no hub, no network and no database is needed."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An evidence file, from …/versions/NUMBER/evidence.", dir_okay=False)],
    key: Annotated[
        list[str] | None,
        typer.Option(help="A key that is trusted, `name+id+base64`; may be repeated. Default: those in the file."),
    ] = None,
) -> None:
    """Verify evidence offline and say what it shows; exit code 1 if it does not hold."""
    from hub.transparency.verifying import EvidenceInvalid, verified

    try:
        shown = verified(file.read_bytes(), key or ())
    except EvidenceInvalid as problem:
        typer.secho(f"证据不成立：{problem.zh}", fg="red", bold=True)
        typer.secho(f"The evidence does not hold: {problem}", fg="red", bold=True)
        raise SystemExit(1) from None
    typer.secho("证据成立 · The evidence holds.", fg="green", bold=True)
    for zh, en in shown.sentences:
        typer.echo(f"  {zh}\n  {en}")
