"""The command that judges submissions before anyone sends them: no hub, no key and no database is needed."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.commands.running import app, check_code, keep_input, parameter

if TYPE_CHECKING:
    from hub.intake import Intake
    from hub.problems import Fault
    from hub.suggesting import Suggestion
    from hub.wire.envelope import Piece
    from hub.wire.forms import Form


@app.command()
def validate(
    file: Annotated[
        Path,
        typer.Argument(
            help="One submission, or one a line (.json, .ndjson, - for standard input); .xml or .v2.json.",
        ),
    ],
    repair: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write all documents to this file, one a line, repairs made.",
            dir_okay=False,
            writable=True,
        ),
    ] = None,
    platform: Annotated[
        str, typer.Option(help="The USCC of the platform that will push.", show_default=False)
    ] = "91350100M000100Y43",
) -> None:
    """Validate submissions as a hub would, offline: every fault and warning with its repair; exit code 1 if any is refused."""
    from hub.intake import Intake
    from hub.law.local_rules_file import local_rules_at
    from hub.settings import settings

    check_code(platform, "--platform")
    if str(file) != "-" and (file.is_dir() or not file.exists()):
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    keep_input(file, repair, "--repair")
    local = settings()
    intake = Intake(local.clock_skew_seconds, local_rules_at(local.local_rules))
    longest = max(local.max_submission_bytes, local.max_line_bytes)
    documents = refused = 0
    with ExitStack() as stack:
        out = None if repair is None else stack.enter_context(repair.open("wb"))
        for piece, form in _pieces(file, stack):
            judged = _judged(intake, piece, form, platform, longest)
            documents += 1
            refused += judged.refused
            _print(judged)
            if out is not None:
                out.write(judged.written + b"\n")
    typer.echo(f"{documents} document(s), {refused} of them refused.")
    raise SystemExit(1 if refused else 0)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a hub would say of one document: its faults or warnings, where it stands, and the line with its repairs."""

    where: str
    told: "list[Fault]"
    refused: bool
    problem: str
    written: bytes
    suggestion: "Suggestion | None"


def _pieces(file: Path, stack: ExitStack) -> "Iterator[tuple[Piece, Form]]":
    from hub.wire.files import form_of, opened, pieces_of

    with parameter("FILE"):
        form = form_of(file)
    source = stack.enter_context(opened(file))
    for piece in pieces_of(source, form):
        yield piece, form


def _judged(intake: "Intake", piece: "Piece", form: "Form", platform: str, longest: int) -> Judged:
    import orjson

    from hub.keys import Sender
    from hub.problems import BodyTooLarge, InvalidSubmission, Problem
    from hub.suggesting import suggestion

    where, written = f"line {piece.line}", b" ".join(piece.raw.split(b"\n"))
    sender = Sender(platform)
    try:
        if len(piece.raw) > longest:
            raise BodyTooLarge(f"It has {len(piece.raw)} bytes, a hub takes {longest}.")
        sent = form.read(piece)
        where += f"  {sent.document.get('kind', '?')}  {sent.document.get('data_key', '?')}"
        written = orjson.dumps(sent.document)
        try:
            found = intake.accepted(sent, sender)
        except InvalidSubmission as problem:
            suggested = suggestion(intake, sent, sender, problem)
            told, refused = list(problem.faults), True
        else:
            suggested = suggestion(intake, sent, sender, found)
            told, refused = found.warnings, False
    except Problem as problem:
        said = f"{problem.title()} {problem.zh} {problem.detail}".rstrip()
        return Judged(where, [], refused=True, problem=said, written=written, suggestion=None)
    if suggested.repaired is not None:
        written = orjson.dumps(suggested.repaired)
    return Judged(where, told, refused, "", written, suggested)


def _print(judged: Judged) -> None:
    if not judged.refused and not judged.told:
        return
    typer.secho(
        f"{judged.where}  {'refused' if judged.refused else 'taken, with warnings'}",
        fg="red" if judged.refused else "yellow",
    )
    if judged.problem:
        typer.echo(f"  {judged.problem}")
    for fault in judged.told:
        typer.echo(f"  {_worded(fault)}")
    suggested = judged.suggestion
    if suggested is not None and suggested.repaired is not None:
        left = "nothing remains" if not suggested.remaining else f"{len(suggested.remaining)} remain(s)"
        typer.echo(f"  with all repairs made: {left}")
        for fault in suggested.remaining:
            typer.echo(f"    {_worded(fault)}")


def _worded(fault: "Fault") -> str:
    return f"{fault.element or fault.pointer}  [{fault.rule}]  {fault.en}  {fault.zh}{_repair(fault)}"


def _repair(fault: "Fault") -> str:
    import orjson

    if fault.repair is not None:
        return f"  → {orjson.dumps(fault.repair).decode()}"
    return f"  → {orjson.dumps(fault.repairs).decode()}" if fault.repairs else ""
