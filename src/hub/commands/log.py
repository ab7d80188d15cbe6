"""The commands about the transparency log's keys."""

from base64 import b64decode
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app, database, run

log_app = typer.Typer(help="The keys of the transparency log.", no_args_is_help=True)
app.add_typer(log_app, name="log")


@log_app.command("keys")
def log_keys_command() -> None:
    """List every key that ever signed a head: hand them to whoever is to verify evidence."""
    from hub.moments import iso
    from hub.transparency.keys import remembered
    from hub.transparency.tables import LogKey

    async def work() -> list[LogKey]:
        async with database() as opened, opened.reading() as connection:
            return await remembered(connection)

    for key in run(work()):
        typer.echo(f"{key.text}  {key.role}  since {iso(key.since)}, size {key.since_size}")


@log_app.command("rotate")
def log_rotate() -> None:
    """Put the private key aside and make a new one; the processes that keep the log take it when they start anew."""
    from hub.settings import settings
    from hub.transparency.keys import rotate

    aside = rotate(settings().log_key())
    if aside is not None:
        typer.echo(f"The old key is at {aside}: destroy it when no process signs with it any longer.")
    typer.echo(f"The new one is at {settings().log_key()}.")


@log_app.command("sm2-key")
def log_sm2_key(
    name: Annotated[str, typer.Argument(help="The key's name, an address without its scheme.")],
    file: Annotated[Path, typer.Argument(help="The SM2 public key, PEM or DER.", exists=True, dir_okay=False)],
) -> None:
    """Print an SM2 public key as HUB_LOG_SM2_KEY takes it."""
    from hub.problems import InvalidParameter
    from hub.transparency.note import NoteInvalid
    from hub.transparency.sm2 import Sm2Verifier

    raw = file.read_bytes()
    if raw.startswith(b"-----BEGIN"):
        raw = b64decode(b"".join(line for line in raw.splitlines() if not line.startswith(b"-----")))
    try:
        # An uncompressed point ends a SubjectPublicKeyInfo: a byte 4 and two coordinates.
        if raw[-65:-64] != b"\x04":
            raise NoteInvalid("there is no uncompressed point at its end")
        typer.echo(Sm2Verifier(name, raw[-64:]).text())
    except NoteInvalid as problem:
        raise InvalidParameter(f"{file} is not an SM2 public key: {problem}.") from None
