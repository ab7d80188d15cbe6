"""The command that asks a target what it holds."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hub.commands.running import app, database, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db import Database
    from hub.sync.reconcile import Report

_END = "a position, or a day (YYYY-MM-DD, Beijing time)"


@app.command()
def reconcile(
    target: Annotated[str, typer.Argument(help="national, credit or any other target that is switched on.")],
    first: Annotated[str, typer.Option("--from", metavar="POS|DATE", help=f"From {_END}, included.")] = "1",
    last: Annotated[
        str, typer.Option("--to", metavar="POS|DATE", help=f"To {_END}, included; default: the newest, and beyond.")
    ] = "",
    repair: Annotated[bool, typer.Option("--repair", help="Have exactly what is missing sent again.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """对账: compare what is delivered with what the target says it holds.

    Exit code 1 while there are differences that nothing was done about, 2 where the target does not tell.
    """
    from rich.console import Console
    from rich.progress import Progress

    from hub.sync.client import NoAnswer
    from hub.sync.target import Unreadable

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("comparing positions")
        try:
            report = run(
                _work(target, first, last, repair, lambda done, all_: bar.update(task, completed=done, total=all_))
            )
        except (NoAnswer, Unreadable) as error:
            typer.secho(f"The target does not tell what it holds: {error}", fg="red", err=True)
            raise SystemExit(2) from None
    if json:
        _print_json(report)
    else:
        _print(report)
    raise SystemExit(1 if report.remaining else 0)


async def _work(target: str, first: str, last: str, repair: bool, progress: "Callable[[int, int], None]") -> "Report":
    from hub.problems import InvalidParameter
    from hub.settings import settings
    from hub.sync.client import Client
    from hub.sync.holdings import Holdings
    from hub.sync.reconcile import reconcile as compare
    from hub.sync.reconcile import resend
    from hub.sync.target import targets

    configured = settings()
    url = configured.targets().get(target)
    if url is None or target not in targets():
        raise InvalidParameter(f"No target {target!r} is switched on.")
    client = Client(url, token=configured.target_token, seconds=configured.target_timeout, requests=1)
    try:
        async with database() as opened:
            start, end = await _range(opened, first, last)
            report = await compare(opened, targets()[target], Holdings(client), start, end, progress)
            if repair and report.repairable:
                report.resent = await resend(opened, target, report.repairable, "operator")
            return report
    finally:
        await client.close()


async def _range(opened: "Database", first: str, last: str) -> tuple[int, int]:
    from hub.ledger.read import head_position
    from hub.moments import micros
    from hub.problems import InvalidParameter
    from hub.sync.believed import position_at
    from hub.sync.reconcile import whole
    from hub.wire.moments import BEIJING

    async with opened.reading() as connection:
        head = await head_position(connection)

        async def position(given: str, days: int) -> int:
            if given.isascii() and given.isdigit():
                return min(int(given), 2**62) + days
            try:
                day = date.fromisoformat(given) + timedelta(days=days)
            except (ValueError, OverflowError):
                raise InvalidParameter(f"{given!r} is neither a position nor a day (YYYY-MM-DD).") from None
            return await position_at(connection, micros(datetime.combine(day, time(), BEIJING)), head)

        start = await position(first, 0)
        end = await position(last, 1) - 1 if last else whole(head)[1]
    if not 1 <= start <= end:
        raise InvalidParameter(f"There is no position from {first} to {last or 'the newest'}.")
    return start, end


def _print(report: "Report") -> None:
    from hub.sync.reconcile import ranges

    held = ", ".join(f"{count} {state}" for state, count in sorted(report.undelivered.items())) or "none"
    typer.echo(f"{report.target}  {report.first}–{report.last}  {report.agreed} agree ({report.requests} requests)")
    typer.echo(f"  尚未送达 not delivered by the hub itself: {held}")
    if report.unconfirmed:
        typer.echo(f"  待确认 there, outcome on its way: {_listed(ranges(report.unconfirmed))}")
    for words, positions in (
        ("对方缺失 missing at the target", report.missing),
        ("对方未予答复 never decided by the target", report.unknown),
        ("  其中已有新版 of these, overtaken by a later version and not resent", report.overtaken),
        ("摘要不一致 another digest there", report.different),
        ("对方重复 held several times", report.repeated),
    ):
        if positions:
            typer.secho(f"  {words}: {len(positions)}: {_listed(ranges(positions))}", fg="red")
    for why in dict.fromkeys(each.why for each in report.surplus):
        positions = [each.position for each in report.surplus if each.why == why]
        typer.secho(f"  对方多出 too much there ({why}): {len(positions)}: {_listed(ranges(positions))}", fg="red")
    if report.resent:
        typer.secho(f"  补发 sent again: {len(report.resent)}: {_listed(ranges(report.resent))}", fg="yellow")
    if not report.remaining:
        typer.secho("一致 no differences remain.", fg="green")


def _listed(found: list[tuple[int, int]]) -> str:
    shown = ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in found[:20])
    return f"{shown}, …" if len(found) > 20 else shown


def _print_json(report: "Report") -> None:
    import orjson

    said = orjson.dumps({"report": report, "remaining": report.remaining}, option=orjson.OPT_INDENT_2)
    typer.echo(said.decode())
