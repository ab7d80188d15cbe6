"""The commands that print what the hub says of itself."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app


@app.command()
def openapi(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; default: standard output.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether openapi/hub.json is current.")] = False,
) -> None:
    """Print the OpenAPI document, or check that the committed one is current."""
    import orjson

    from hub.app import create_app
    from hub.settings import Settings

    document = create_app(Settings(data_dir=Path())).openapi()
    written = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if check:
        committed = Path("openapi/hub.json")
        if not committed.is_file() or committed.read_bytes() != written:
            typer.secho("openapi/hub.json is not current; run: hub openapi openapi/hub.json", fg="red", err=True)
            raise SystemExit(1)
        typer.echo("openapi/hub.json is current.")
    elif file is None:
        typer.echo(written.decode(), nl=False)
    else:
        file.write_bytes(written)
