"""The controls of what is simulated: the dial, its scenarios, the clock, and damage to a platform's store."""

from typing import Any, Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub.simulators.answers import refusal
from hub.simulators.clock import Clock, ClockModel, Told
from hub.simulators.damage import suffer
from hub.simulators.dealer import Dealer
from hub.simulators.dial import Dial
from hub.simulators.messages import Damage, Damaged, Refusal
from hub.simulators.reach import fitted, reaching, unfit
from hub.simulators.scenarios import Scenario
from hub.simulators.simulator import simulator_of

_TAGS = ["故障 faults"]
_REFUSED: dict[int | str, dict[str, Any]] = {422: {"model": Refusal}}


class Panel(Protocol):
    """What the controls set; the settings `without` effect on it are refused."""

    dealer: Dealer
    clock: Clock
    without: frozenset[str]


router = APIRouter(tags=[*_TAGS])
damaging = APIRouter(tags=[*_TAGS])


@router.get("/dial", summary="查看故障开关 Read the dial")
async def get_dial(request: Request) -> Dial:
    """The dial as it was set last."""
    return panel_of(request).dealer.dial


@router.put("/dial", summary="设置故障开关 Set the dial", response_model=Dial, responses=_REFUSED)
async def put_dial(request: Request, dial: Dial) -> Dial | Response:
    """Replace the dial; its random numbers and its outage start now."""
    panel = panel_of(request)
    if errors := unfit(dial, panel.without):
        return refusal(errors)
    panel.dealer = Dealer(fitted(dial, panel.without))
    return panel.dealer.dial


@router.delete("/dial", summary="复位故障开关 Reset the dial")
async def delete_dial(request: Request) -> Dial:
    """Switch all faults off."""
    panel = panel_of(request)
    panel.dealer = Dealer(Dial())
    return panel.dealer.dial


@router.get("/scenarios", summary="故障场景 Scenarios")
async def get_scenarios(request: Request) -> list[Scenario]:
    """Faults that belong together, to be set by name: PUT /dial {"scenario": "…"}."""
    return reaching(panel_of(request).without)


@router.get("/clock", summary="查看时钟 Read the clock")
async def get_clock(request: Request) -> Told:
    """What the platform takes for now."""
    return panel_of(request).clock.told()


@router.post("/clock", summary="设置时钟 Set the clock", responses=_REFUSED)
async def post_clock(request: Request, clock: ClockModel) -> Told:
    """Set the clock and how fast it runs; daily outages, ages and decisions go by it, delays do not."""
    panel = panel_of(request)
    panel.clock = Clock(clock.now, clock.speed)
    return panel.clock.told()


@damaging.post("/damage", summary="损坏存储 Damage the store", responses=_REFUSED)
async def post_damage(request: Request, damage: Damage) -> Damaged:
    """Lose, change, repeat or invent holdings, to see whether a reconciliation finds them."""
    return await simulator_of(request).ask(lambda store: suffer(damage, store))


def panel_of(request: Request) -> Panel:
    """What an application's controls set."""
    panel: Panel = request.app.state.panel
    return panel
