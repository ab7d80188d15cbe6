"""The commands about the working-day calendar."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.running import app, database, run

calendar_app = typer.Typer(help="Days off and make-up days: what legal clocks count by.", no_args_is_help=True)
app.add_typer(calendar_app, name="calendar")


@calendar_app.command("load")
def calendar_load(
    file: Annotated[Path, typer.Argument(help="The calendar as JSON; `hub calendar show YEAR` prints one.")],
) -> None:
    """Load a year's calendar, and work out again the due dates that waited for it."""
    from rich.progress import Progress

    from hub.law.calendars import Calendars, calendar_in, load
    from hub.law.local_rules_file import local_rules_at
    from hub.recount import recount
    from hub.settings import settings

    calendar = calendar_in(file.read_bytes())
    rules = local_rules_at(settings().local_rules)

    async def work() -> int:
        async with database() as opened:
            await load(opened, calendar)
            await Calendars(opened, 0).refresh()
            # Serving processes look for it as often as for keys: what they judge from then on needs no second look.
            await asyncio.sleep(settings().key_cache_seconds)
            with Progress(transient=True) as bar:
                task = bar.add_task("judging provisional due dates anew")
                return await recount(opened, rules, lambda done, total: bar.update(task, completed=done, total=total))

    moved = run(work())
    typer.echo(f"The {calendar.status} calendar of {calendar.year} is loaded; {moved} due dates are another day now.")


@calendar_app.command("show")
def calendar_show(
    year: Annotated[int | None, typer.Argument(help="Print the calendar of this year as JSON.")] = None,
) -> None:
    """List the calendars that are known, or print one."""
    from datetime import date

    import orjson

    from hub.law.calendars import loaded
    from hub.problems import NotFound
    from hub.schemas.workdays import Calendar, shipped, use, working_days_between

    async def work() -> dict[int, Calendar]:
        async with database() as opened, opened.reading() as connection:
            return {calendar.year: calendar for calendar in await loaded(connection)}

    own = run(work())
    known = {**shipped(), **own}
    use(own.values())
    if year is None:
        for number, found in sorted(known.items()):
            working = working_days_between(date(number - 1, 12, 31), date(number, 12, 31))
            kept = "loaded" if number in own else "shipped"
            typer.echo(f"{number}  {found.status:11}  {kept:7}  {working} working days  {found.source}")
    elif year in known:
        typer.echo(orjson.dumps(known[year].model_dump(mode="json"), option=orjson.OPT_INDENT_2).decode())
    else:
        raise NotFound(f"There is no calendar of {year}: its weekdays but for the fixed holidays are counted.")
