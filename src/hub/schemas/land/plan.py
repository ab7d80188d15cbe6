"""供应计划阶段."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import twenty_working_days
from hub.schemas.kind import Part, Stage, field
from hub.schemas.land.base import LAND_DISCLOSERS, LandArea, LandKind
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.types import Code, Date, RegionCode, ShortText, Str, Text

PLAN_TOTAL = Rule(
    "land-plan-total",
    "各项面积之和 {listed} 公顷与供应总量不符",
    "the areas listed make {listed} hectares, which is not the total",
)
PLAN_TWICE = Rule("land-plan-twice", "同一用途或供应方式不得重复列出", "no use and no mode is listed twice")
PLAN_EXCEEDED = Rule(
    "land-plan-exceeded",
    "面积不得大于供应总量",
    "the area may not be larger than the total of the plan",
)
PLAN_QUARTER = Rule(
    "land-plan-quarter",
    "季度计划只列本季度拟供应的宗地",
    "a plan for a quarter lists parcels of that quarter only",
)

LandUse = Annotated[str, Code("land_use")]
SupplyType = Annotated[str, Code("supply_type")]

QUARTERS = {"Q1": 1, "Q2": 2, "Q3": 3, "Q4": 4}
"""The quarters among the codes of `plan_period`."""


class UseShare(Part):
    """用途结构: how much land the plan supplies for one use."""

    use: LandUse = field("用途", element=None)
    area_ha: LandArea = field("面积(公顷)", element=None)


class ModeShare(Part):
    """供应方式结构: how much land the plan supplies in one way."""

    mode: SupplyType = field("供应方式", element=None)
    area_ha: LandArea = field("面积(公顷)", element=None)


class PlannedParcel(Part):
    """拟供应宗地: a parcel that the plan names."""

    name: ShortText = field("宗地名称", element=None)
    location: ShortText = field("坐落", element=None)
    area_ha: LandArea = field("面积(公顷)", element=None)
    use: LandUse = field("用途", element=None)
    mode: SupplyType = field("供应方式", element=None)
    planned_quarter: Annotated[int, Field(strict=True, ge=1, le=4)] | None = field(
        "计划供应季度", element=None, default=None
    )


def _adding_up(at: str) -> Check:
    @advice(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        shares = getattr(payload, at)
        if shares is None:
            return None
        listed = sum((share.area_ha for share in shares), Decimal(0))
        return None if listed == payload.total_area_ha else PLAN_TOTAL(listed=f"{listed:f}")

    return check


class LandSupplyPlan(LandKind):
    """土地供应计划: how much land is to be supplied in a year or a part of it, for what and in which way.

    国办发〔2017〕97号 二（一）2 asks for the plan; 招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）第五条 has it
    published.
    """

    stage = Stage.PLAN
    discloser = LAND_DISCLOSERS
    clocks = (twenty_working_days("approval_date"),)
    natural_key = ("region_code", "plan_year", "period")
    label = "plan_name"
    basis = "国办发〔2017〕97号 二（一）2；招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）第五条"
    fixed = ("period",)

    plan_name: Annotated[str, Str(300)] = field("计划名称")
    plan_year: Annotated[int, Field(strict=True, ge=2000, le=2099)] = field("计划年度")
    period: Annotated[str, Code("plan_period")] = field("计划周期")
    region_code: RegionCode = field("行政区划代码")
    total_area_ha: LandArea = field("供应总量(公顷)")
    by_use: list[UseShare] = field("用途结构", min_length=1, max_length=100)
    by_mode: list[ModeShare] | None = field("供应方式结构", default=None, min_length=1, max_length=20)
    parcels: list[PlannedParcel] | None = field("拟供应宗地", default=None, min_length=1, max_length=2000)
    housing_land_share: LandArea | None = field(
        "住宅(保障房)用地面积(公顷)", default=None, description="Land for housing, affordable housing included."
    )
    approve_dept_name: ShortText = field("批准机关")
    approval_doc_no: Annotated[str, Str(100)] | None = field("批准文号", default=None)
    approval_date: Date = field("批准日期")
    content: Text = field("计划正文")

    uses_add_up: ClassVar[Check] = _adding_up("by_use")
    modes_add_up: ClassVar[Check] = _adding_up("by_mode")

    @rule(at="by_use")
    def no_use_twice(self) -> PydanticCustomError | None:
        uses = [share.use for share in self.by_use]
        return PLAN_TWICE() if len(set(uses)) < len(uses) else None

    @rule(at="by_mode")
    def no_mode_twice(self) -> PydanticCustomError | None:
        modes = [share.mode for share in self.by_mode or ()]
        return PLAN_TWICE() if len(set(modes)) < len(modes) else None

    @rule(at="housing_land_share")
    def housing_within_the_plan(self) -> PydanticCustomError | None:
        if self.housing_land_share is None or self.housing_land_share <= self.total_area_ha:
            return None
        return PLAN_EXCEEDED()

    @rule(at="parcels")
    def parcels_within_the_plan(self) -> PydanticCustomError | None:
        listed = sum((parcel.area_ha for parcel in self.parcels or ()), Decimal(0))
        return PLAN_EXCEEDED() if listed > self.total_area_ha else None

    @rule(at="parcels")
    def parcels_of_the_quarter(self) -> PydanticCustomError | None:
        quarter = QUARTERS.get(self.period)
        if quarter is None:
            return None
        others = [parcel for parcel in self.parcels or () if parcel.planned_quarter not in (None, quarter)]
        return PLAN_QUARTER() if others else None

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The year's plans of a city or county, whoever pushes."""
        return f"land:plan:{self.region_code}:{self.plan_year}"
