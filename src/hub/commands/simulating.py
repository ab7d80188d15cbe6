"""The commands that play the national platforms, with faults to try a sender against."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from hub.commands.processes import Host
from hub.commands.running import app

if TYPE_CHECKING:
    from hub.simulators.messages import Platform

_EPILOG = "Scenarios for --scenario NAME; `hub simulate list` says what each dials:"


class _Group(TyperGroup):
    """A group whose help names the scenarios; they are looked up when the help is asked for."""

    def format_help(self, ctx: typer.Context, formatter: object) -> None:  # type: ignore[override]
        from hub.simulators.scenarios import SCENARIOS

        self.epilog = "\n\n".join([_EPILOG, *(f"{each.name}: {each.en}" for each in SCENARIOS.values())])
        super().format_help(ctx, formatter)  # type: ignore[arg-type]


simulate_app = typer.Typer(
    cls=_Group, help="Play a national platform, with a fault dial (PUT /dial).", no_args_is_help=True
)
app.add_typer(simulate_app, name="simulate")

Port = Annotated[int, typer.Option(help="Port to listen on.")]
Store = Annotated[Path | None, typer.Option(help="Its SQLite file; default: the platform's name here.")]
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


@simulate_app.command("list")
def list_scenarios() -> None:
    """List the scenarios, what each is and what it dials."""
    from hub.simulators.scenarios import SCENARIOS

    for scenario in SCENARIOS.values():
        typer.secho(scenario.name, bold=True)
        typer.echo(f"  {scenario.zh}\n  {scenario.en}")
        typer.echo("  " + ", ".join(f"{name}={value}" for name, value in scenario.faults.items()))


def _play(
    platform: "Platform", host: str, port: int, store: Path | None, scenario: str, seed: int, clock: str, speed: float
) -> None:
    from pydantic import ValidationError

    from hub.problems import InvalidParameter
    from hub.simulators import run
    from hub.simulators.clock import Clock, ClockModel
    from hub.simulators.dial import Dial

    try:
        dial = Dial.model_validate({"scenario": scenario or None, "seed": seed})
        given = ClockModel.model_validate({"now": datetime.fromisoformat(clock) if clock else None, "speed": speed})
    except ValidationError as error:
        raise InvalidParameter("; ".join(each["msg"] for each in error.errors())) from None
    except ValueError:
        raise InvalidParameter("--clock takes a moment with an offset, e.g. 2026-11-20T21:00:00+08:00.") from None
    run(platform, host, port, store or Path(f"{platform}.sqlite3"), dial, Clock(given.now, given.speed))
