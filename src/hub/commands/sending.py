"""The commands of a platform that pushes: its files, and examples to start from."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app, hub_at, keep_input, parameter, run

_OLD = "For envelopes that do not say it."


@app.command()
def push(
    file: Annotated[
        Path,
        typer.Argument(
            help="One submission or withdrawal, or one per line (.json, .ndjson, - for standard input); "
            ".xml, .v2.json; .xlsx of a template."
        ),
    ],
    url: Annotated[str, typer.Option(envvar="HUB_URL", help="The hub's address.")] = "http://127.0.0.1:8000",
    key: Annotated[str, typer.Option(envvar="HUB_KEY", help="The platform's key.", show_envvar=True)] = "",
    answers: Annotated[Path | None, typer.Option(help="Write the answer lines to this file.")] = None,
    discloser: Annotated[str, typer.Option(metavar="NAME:CODE:ROLE", help=f"Who discloses. {_OLD}")] = "",
    medium: Annotated[list[str] | None, typer.Option(help=f"Where it was published, first one first. {_OLD}")] = None,
    basis: Annotated[list[str] | None, typer.Option(help=f"The law that asks for it. {_OLD}")] = None,
    region: Annotated[str | None, typer.Option(help=f"The region code. {_OLD}")] = None,
    reason: Annotated[str | None, typer.Option(help=f"Why records were changed or withdrawn. {_OLD}")] = None,
    cleared: Annotated[bool, typer.Option("--cleared", help=f"The secrecy review is cleared. {_OLD}")] = False,
) -> None:
    """Push a file of submissions, with progress; what was refused is listed, and the exit code says whether any was."""
    hub_at(url, key)
    if not key:
        raise typer.BadParameter(
            "请用 --key 或 HUB_KEY 给出平台密钥 Give the platform's key with --key or HUB_KEY.", param_hint="--key"
        )
    keep_input(file, answers, "--answers")
    said_beside = {
        "--discloser": discloser,
        "--medium": medium,
        "--basis": basis,
        "--region": region,
        "--reason": reason,
        "--cleared": cleared,
    }
    if file.suffix.lower() == ".xlsx":
        if said := [name for name, given in said_beside.items() if given]:
            raise typer.BadParameter("A workbook says this itself, in its columns.", param_hint=" ".join(said))
        from hub.forms.push import push_workbook

        raise SystemExit(run(push_workbook(file, url=url, key=key, answers=answers)))

    from hub.sender import push_file
    from hub.wire.files import Defaults, form_of

    with parameter("FILE"):
        form_of(file)
    defaults = Defaults(_discloser(discloser), medium or [], basis or [], region, reason, cleared)
    raise SystemExit(run(push_file(file, url=url, key=key, answers=answers, defaults=defaults)))


def _discloser(given: str) -> dict[str, str] | None:
    if not given:
        return None
    parts = given.rsplit(":", 2)
    if len(parts) != 3:
        raise typer.BadParameter("NAME:CODE:ROLE, e.g. 某局:11350100M000100Y4B:approver", param_hint="--discloser")
    return dict(zip(("name", "code", "role"), parts, strict=True))


@app.command()
def template(
    kind: Annotated[str, typer.Argument(help="The kind, or one of its editions as KIND@VERSION.")],
    file: Annotated[Path | None, typer.Argument(help="The workbook to write; default: KIND.xlsx.")] = None,
    example: Annotated[bool, typer.Option("--example", help="Fill in the kind's example.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the workbook where it is there already.")] = False,
) -> None:
    """Write a workbook to fill in, for `hub push`: a row per record, drop-downs for codes, notes on every column."""
    from hub.forms.template import write_template
    from hub.schemas.editions import edition_named
    from hub.schemas.examples import example as example_of

    found = edition_named(kind)
    file = file or Path(f"{found.name()}.xlsx")
    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{file} would not be pushed: name it .xlsx.", param_hint="FILE")
    if file.exists() and not force:
        raise typer.BadParameter(f"{file} is there already; --force overwrites it.", param_hint="FILE")
    filled = [example_of(found.name())] if example else []
    for one in filled:
        if (edition := one["schema_version"]) != found.schema_version:
            raise typer.BadParameter(f"There is an example of {found.name()}@{edition} only.", param_hint="--example")
    write_template(file, found, filled)
    typer.echo(f"{file}  {found.title()} {found.name()}@{found.schema_version}")


@app.command(name="example")
def example_command(kind: Annotated[str, typer.Argument(help="The kind's name; leave out to list all.")] = "") -> None:
    """Print a valid submission of a kind."""
    from hub.schemas.editions import kind_named
    from hub.schemas.examples import example
    from hub.schemas.kind import kinds

    if not kind:
        for name, found in kinds().items():
            typer.echo(f"{name:32} {found.title()}")
        return
    import orjson

    typer.echo(orjson.dumps(example(kind_named(kind).name()), option=orjson.OPT_INDENT_2).decode())
