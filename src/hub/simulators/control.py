"""The controls of what is simulated: the dial, its scenarios, the clock, and damage to a platform's store."""

from typing import Any, Protocol

from fastapi import APIRouter
from starlette.responses import Response

from hub.simulators.answers import refusal
from hub.simulators.clock import Clock, ClockModel, Told
from hub.simulators.damage import suffer
from hub.simulators.dealer import Dealer
from hub.simulators.dial import Dial
from hub.simulators.messages import Damage, Damaged, Refusal
from hub.simulators.reach import fitted, reaching, unfit
from hub.simulators.scenarios import Scenario
from hub.simulators.simulator import Simulator

_TAGS = ["故障 faults"]
_REFUSED: dict[int | str, dict[str, Any]] = {422: {"model": Refusal}}


class Panel(Protocol):
    """What the controls set."""

    dealer: Dealer
    clock: Clock


def controls(panel: Panel, without: frozenset[str] = frozenset()) -> APIRouter:
    """The routes that make something fail; it refuses the settings `without` effect on it."""
    router = APIRouter(tags=[*_TAGS])

    @router.get("/dial", summary="查看故障开关 Read the dial")
    async def get_dial() -> Dial:
        """The dial as it was set last."""
        return panel.dealer.dial

    @router.put("/dial", summary="设置故障开关 Set the dial", response_model=Dial, responses=_REFUSED)
    async def put_dial(dial: Dial) -> Dial | Response:
        """Replace the dial; its random numbers and its outage start now."""
        if errors := unfit(dial, without):
            return refusal(errors)
        panel.dealer = Dealer(fitted(dial, without))
        return panel.dealer.dial

    @router.delete("/dial", summary="复位故障开关 Reset the dial")
    async def delete_dial() -> Dial:
        """Switch all faults off."""
        panel.dealer = Dealer(Dial())
        return panel.dealer.dial

    @router.get("/scenarios", summary="故障场景 Scenarios")
    async def get_scenarios() -> list[Scenario]:
        """Faults that belong together, to be set by name: PUT /dial {"scenario": "…"}."""
        return reaching(without)

    @router.get("/clock", summary="查看时钟 Read the clock")
    async def get_clock() -> Told:
        """What the platform takes for now."""
        return panel.clock.told()

    @router.post("/clock", summary="设置时钟 Set the clock", responses=_REFUSED)
    async def post_clock(clock: ClockModel) -> Told:
        """Set the clock and how fast it runs; daily outages, ages and decisions go by it, delays do not."""
        panel.clock = Clock(clock.now, clock.speed)
        return panel.clock.told()

    return router


def damages(simulator: Simulator) -> APIRouter:
    """The route that damages a platform's store."""
    router = APIRouter(tags=[*_TAGS])

    @router.post("/damage", summary="损坏存储 Damage the store", responses=_REFUSED)
    async def post_damage(damage: Damage) -> Damaged:
        """Lose, change, repeat or invent holdings, to see whether a reconciliation finds them."""
        return await simulator.ask(lambda store: suffer(damage, store))

    return router
