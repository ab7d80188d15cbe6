"""The controls of a simulated platform: the dial, its scenarios, the clock, and damage to the store."""

from typing import Any

from fastapi import APIRouter

from hub.simulators.clock import Clock, ClockModel, Told
from hub.simulators.damage import suffer
from hub.simulators.dealer import Dealer
from hub.simulators.dial import Dial
from hub.simulators.messages import Damage, Damaged, Refusal
from hub.simulators.scenarios import SCENARIOS, Scenario
from hub.simulators.simulator import Simulator


def control(simulator: Simulator) -> APIRouter:
    """The routes that make the platform fail."""
    router = APIRouter(tags=["故障 faults"])
    refused: dict[int | str, dict[str, Any]] = {422: {"model": Refusal}}

    @router.get("/dial", summary="查看故障开关 Read the dial")
    async def get_dial() -> Dial:
        """The dial as it was set last."""
        return simulator.dealer.dial

    @router.put("/dial", summary="设置故障开关 Set the dial", responses=refused)
    async def put_dial(dial: Dial) -> Dial:
        """Replace the dial; its random numbers and its outage start now."""
        simulator.dealer = Dealer(dial)
        return dial

    @router.delete("/dial", summary="复位故障开关 Reset the dial")
    async def delete_dial() -> Dial:
        """Switch all faults off."""
        simulator.dealer = Dealer(Dial())
        return simulator.dealer.dial

    @router.get("/scenarios", summary="故障场景 Scenarios")
    async def get_scenarios() -> list[Scenario]:
        """Faults that belong together, to be set by name: PUT /dial {"scenario": "…"}."""
        return [*SCENARIOS.values()]

    @router.get("/clock", summary="查看时钟 Read the clock")
    async def get_clock() -> Told:
        """What the platform takes for now."""
        return simulator.clock.told()

    @router.post("/clock", summary="设置时钟 Set the clock", responses=refused)
    async def post_clock(clock: ClockModel) -> Told:
        """Set the clock and how fast it runs; daily outages, ages and decisions go by it, delays do not."""
        simulator.clock = Clock(clock.now, clock.speed)
        return simulator.clock.told()

    @router.post("/damage", summary="损坏存储 Damage the store", responses=refused)
    async def post_damage(damage: Damage) -> Damaged:
        """Lose, change, repeat or invent holdings, to see whether a reconciliation finds them."""
        return await simulator.ask(lambda store: suffer(damage, store))

    return router
