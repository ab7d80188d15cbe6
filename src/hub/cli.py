"""The command line: one command per process and per chore; `hub COMMAND --help` explains each."""

import importlib
import logging
import pkgutil
import sys
from collections.abc import Iterable
from typing import NoReturn

import typer

import hub.commands
from hub.commands.running import app, sentence_of
from hub.garbage import look_rarely
from hub.problems import InvalidSubmission, Problem

logger = logging.getLogger(__name__)


def _commands() -> Iterable[str]:
    """The modules of the commands; for a process that must be there again soon after it was killed its own only."""
    if sys.argv[1:2] in (["serve"], ["sync"]):
        return ("hub.commands.processes",)
    return (module.name for module in pkgutil.iter_modules(hub.commands.__path__, "hub.commands."))


for _name in _commands():
    importlib.import_module(_name)


def main() -> None:
    """Run the command line; a problem ends it with a plain sentence and exit code 1, a file or an address with 2."""
    look_rarely()
    try:
        app()
    except Problem as problem:
        fail(problem)
    except Exception as error:
        if (said := sentence_of(error)) is None:
            raise
        logger.debug("%s", said, exc_info=True)
        typer.secho(said, fg="red", err=True)
        raise SystemExit(2) from None


def fail(problem: Problem) -> NoReturn:
    """Say what is wrong, and every fault of it, then exit with 1."""
    typer.secho(f"{problem.title()} {problem.zh}", fg="red", err=True)
    if problem.detail:
        typer.echo(problem.detail, err=True)
    if isinstance(problem, InvalidSubmission):
        for fault in problem.faults:
            right = fault.repairs if fault.repair is None else fault.repair
            repair = "" if right is None else f"  → {right}"
            typer.echo(f"  {fault.pointer}  [{fault.rule}]  {fault.en}  {fault.zh}{repair}", err=True)
    raise SystemExit(1)
