"""The commands that play the national platforms and the hub itself, with faults to try a client against."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from hub.commands.processes import Host
from hub.commands.running import app, run, url_of

if TYPE_CHECKING:
    from hub.simulators.clock import Clock
    from hub.simulators.dial import Dial
    from hub.simulators.messages import Platform

_EPILOG = "Scenarios for --scenario NAME; `hub simulate list` says what each dials:"


class _Group(TyperGroup):
    """A group whose help names the scenarios; they are looked up when the help is asked for."""

    def format_help(self, ctx: typer.Context, formatter: object) -> None:  # type: ignore[override]
        from hub.simulators.scenarios import SCENARIOS

        self.epilog = "\n\n".join([_EPILOG, *(f"{each.name}: {each.en}" for each in SCENARIOS.values())])
        super().format_help(ctx, formatter)  # type: ignore[arg-type]


simulate_app = typer.Typer(
    cls=_Group, help="Play a national platform, or the hub itself, with a fault dial (PUT /dial).", no_args_is_help=True
)
app.add_typer(simulate_app, name="simulate")

Port = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")]
Store = Annotated[Path | None, typer.Option(help="Its SQLite file; default: the platform's name here.")]
Folder = Annotated[
    Path | None, typer.Option(help="Its folder; default: a temporary one, which goes with it.", show_default=False)
]
Target = Annotated[str, typer.Option(help="Deliver there too, e.g. to a simulated one.", metavar="URL")]
Scenario = Annotated[str, typer.Option(help="Start with the faults of this scenario.", metavar="NAME")]
Seed = Annotated[int, typer.Option(help="The seed of its random numbers: the same one makes the same faults.")]
Moment = Annotated[
    str, typer.Option(help="What it takes for now; default: the machine's time.", metavar="RFC3339", show_default=False)
]
Speed = Annotated[float, typer.Option(help="Its seconds in a second: 3600 makes a day of 24 s.")]


@simulate_app.command()
def national(
    host: Host = "127.0.0.1",
    port: Port = 8101,
    store: Store = None,
    scenario: Scenario = "",
    seed: Seed = 0,
    clock: Moment = "",
    speed: Speed = 1,
) -> None:
    """Play the national public-resource trading platform 全国公共资源交易平台."""
    _play("national", host, port, store, scenario, seed, clock, speed)


@simulate_app.command()
def credit(
    host: Host = "127.0.0.1",
    port: Port = 8101,
    store: Store = None,
    scenario: Scenario = "",
    seed: Seed = 0,
    clock: Moment = "",
    speed: Speed = 1,
) -> None:
    """Play the national credit-information sharing platform 全国信用信息共享平台."""
    _play("credit", host, port, store, scenario, seed, clock, speed)


@simulate_app.command("hub")
def local(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    store: Folder = None,
    scenario: Scenario = "",
    seed: Seed = 0,
    clock: Moment = "",
    speed: Speed = 1,
    national: Target = "",
    credit: Target = "",
) -> None:
    """Play the hub, for the client of a local platform 地方平台: a real one, with a platform and a key made for it."""
    from hub import rehearsal
    from hub.problems import InvalidParameter
    from hub.simulators.reach import OF_ITEMS, fitted, unfit

    dial, running = _set(scenario, seed, clock, speed)
    if unfit(dial, OF_ITEMS):
        raise InvalidParameter(f"The scenario {scenario} has no effect on the answers of a hub.")
    with rehearsal.folder(store) as home:
        key = run(rehearsal.key_in(home))
        for line in rehearsal.greeting(host, port, home, key):
            typer.echo(line)
        rehearsal.serve(home, host, port, fitted(dial, OF_ITEMS), running, national=national, credit=credit)


@simulate_app.command("list")
def list_scenarios() -> None:
    """List the scenarios, what each is and what it dials."""
    from hub.simulators.reach import OF_ITEMS
    from hub.simulators.scenarios import SCENARIOS

    for scenario in SCENARIOS.values():
        typer.secho(scenario.name, bold=True)
        typer.echo(f"  {scenario.zh}\n  {scenario.en}")
        typer.echo("  " + ", ".join(f"{name}={value}" for name, value in scenario.faults.items()))
        if idle := [name for name in scenario.faults if name in OF_ITEMS]:
            typer.echo(f"  `hub simulate hub`: no effect of {', '.join(idle)}")


def _play(
    platform: "Platform", host: str, port: int, store: Path | None, scenario: str, seed: int, clock: str, speed: float
) -> None:
    from hub.simulators import run as run_platform
    from hub.simulators.app import TITLES

    dial, running = _set(scenario, seed, clock, speed)
    zh, en = TITLES[platform]
    kept = store or Path(f"{platform}.sqlite3")
    typer.echo(f"{zh} {en}: {url_of(host, port)} (store: {kept})")
    run_platform(platform, host, port, kept, dial, running)


def _set(scenario: str, seed: int, clock: str, speed: float) -> "tuple[Dial, Clock]":
    from pydantic import ValidationError

    from hub.problems import InvalidParameter
    from hub.simulators.clock import Clock, ClockModel
    from hub.simulators.dial import Dial

    try:
        dial = Dial.model_validate({"scenario": scenario or None, "seed": seed})
        given = ClockModel.model_validate({"now": datetime.fromisoformat(clock) if clock else None, "speed": speed})
    except ValidationError as error:
        # What is wrong with a dial as a whole is its scenario.
        options = [
            "--clock" if each["loc"] == ("now",) else f"--{(*each['loc'], 'scenario')[0]}" for each in error.errors()
        ]
        said = [each["msg"].removeprefix("Value error, ") for each in error.errors()]
        raise InvalidParameter("; ".join(f"{at}: {what}." for at, what in zip(options, said, strict=True))) from None
    except ValueError:
        raise InvalidParameter("--clock takes a moment with an offset, e.g. 2026-11-20T21:00:00+08:00.") from None
    return dial, Clock(given.now, given.speed)
