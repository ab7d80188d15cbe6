"""The commands of a platform that pushes: its files, and examples to start from."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app, run


@app.command()
def push(
    file: Annotated[Path, typer.Argument(help="NDJSON, one submission or withdrawal per line; - for standard input.")],
    url: Annotated[str, typer.Option(envvar="HUB_URL", help="The hub's address.")] = "http://127.0.0.1:8000",
    key: Annotated[str, typer.Option(envvar="HUB_KEY", help="The platform's key.", show_envvar=True)] = "",
    answers: Annotated[Path | None, typer.Option(help="Write the answer lines to this file.")] = None,
) -> None:
    """Push a file of submissions, with progress; what was refused is listed, and the exit code says whether any was."""
    from hub.sender import push_file

    raise SystemExit(run(push_file(file, url=url, key=key, answers=answers)))


@app.command(name="example")
def example_command(kind: Annotated[str, typer.Argument(help="The kind's name; leave out to list all.")] = "") -> None:
    """Print a valid submission of a kind."""
    from hub.problems import NotFound
    from hub.schemas.examples import example
    from hub.schemas.kind import kinds

    if not kind:
        for name, found in kinds().items():
            typer.echo(f"{name:32} {found.title()}")
        return
    if kind not in kinds():
        raise NotFound(f"There is no kind {kind!r}; `hub example` lists them.")
    import orjson

    typer.echo(orjson.dumps(example(kind), option=orjson.OPT_INDENT_2).decode())
