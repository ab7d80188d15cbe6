"""What the land kinds have in common."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from hub.schemas.kind import Domain, Kind, Role
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.types import Amount

PLOT_RATIO = Rule("plot-ratio", "容积率上限不得小于下限", "the highest plot ratio may not be below the lowest")

LAND_DISCLOSERS = frozenset(Role)
"""The natural-resources department, which approves, carries out and writes, and the trading centre."""

LandArea = Annotated[Decimal, Amount(18, 6)]
"""An area in the unit that the field names."""

LandPrice = Annotated[Decimal, Amount(18, 6)]
PlotRatio = Annotated[Decimal, Amount(6, 2)]


class LandKind(Kind):
    """A record about the transfer of land-use rights."""

    domain = Domain.LAND
    media = ("中国土地市场网", "自然资源主管部门门户网站")
    supervision = "自然资源主管部门"


def plot_ratio_in_order() -> Check:
    """A rule: where both are given, `plot_ratio_max` is not below `plot_ratio_min`."""

    @rule(at="plot_ratio_max")
    def check(payload: Any) -> PydanticCustomError | None:
        if payload.plot_ratio_min is None or payload.plot_ratio_max is None:
            return None
        return PLOT_RATIO() if payload.plot_ratio_max < payload.plot_ratio_min else None

    return check
