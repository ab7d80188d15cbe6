"""供应阶段."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import twenty_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.land.base import LAND_DISCLOSERS, LandArea, LandKind, LandPrice, PlotRatio, plot_ratio_in_order
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.types import Code, Date, DealCode, PartyCode, RegionCode, ShortText, Str

SUPPLY_PRICE = Rule("supply-price", "除划拨外须填写成交价格", "land that is not allocated free of charge has a price")
SUPPLY_CONTRACT = Rule(
    "supply-contract", "除划拨外须填写合同签订日期", "land that is not allocated free of charge has a contract"
)
INSTALMENT_ORDER = Rule(
    "instalment-order",
    "分期支付的期号须自 1 起连续，约定支付日期须逐期不早于上一期",
    "instalments are numbered from 1 on without gaps, and none is due before the one that precedes it",
)
INSTALMENT_SUM = Rule(
    "instalment-sum",
    "各期约定金额之和 {listed} 万元与成交价格不符",
    "the instalments make {listed} ten thousand yuan, which is not the price",
)

ALLOCATION = "5"
"""划拨 in the code table `supply_type`."""


class Instalment(Part):
    """分期支付约定: one instalment of the price."""

    period_no: Annotated[int, Field(strict=True, ge=1, le=999)] = field("支付期号", element=None)
    due_date: Date = field("约定支付日期", element=None)
    amount_wan: LandPrice = field("约定支付金额(万元)", element=None)
    remark: ShortText | None = field("备注", element=None, default=None)


class LandSupplyResult(LandKind):
    """供应结果: a parcel that was supplied, to whom, on what terms and by when it is built on.

    国办发〔2017〕97号 二（一）2 asks for the result; the contents are those of 中国土地市场网 供地结果.
    """

    stage = Stage.PERFORMANCE
    discloser = LAND_DISCLOSERS
    clocks = (twenty_working_days("contract_sign_date"),)
    natural_key = ("supervision_no",)
    label = "project_name"
    basis = "国办发〔2017〕97号 二（一）2"

    region_code: RegionCode = field("行政区")
    supervision_no: Annotated[str, Str(50)] = field("电子监管号")
    project_name: Annotated[str, Str(500)] = field("项目名称")
    location: ShortText = field("项目位置")
    area_ha: LandArea = field("面积(公顷)")
    land_source: Annotated[str, Code("land_source")] | None = field("土地来源", default=None)
    land_use: Annotated[str, Code("land_use")] = field("土地用途")
    supply_type: Annotated[str, Code("supply_type")] = field("供地方式")
    term_years: Annotated[str, Str(50)] | None = field("土地使用年限", default=None)
    industry: Annotated[str, Code("industry_gbt4754")] | None = field("行业分类", default=None)
    land_grade: Annotated[str, Str(20)] | None = field("土地级别", default=None)
    deal_price_wan: LandPrice | None = field("成交价格(万元)", default=None)
    instalments: list[Instalment] | None = field("分期支付约定", default=None, min_length=1, max_length=100)
    land_user: ShortText = field("土地使用权人", scope=Scope.MASKED)
    land_user_code: PartyCode = field(
        "土地使用权人代码",
        party_code=True,
        description="Tells whether the land user is a natural person, whose name is masked.",
    )
    plot_ratio_min: PlotRatio | None = field("约定容积率下限", default=None)
    plot_ratio_max: PlotRatio | None = field("约定容积率上限", default=None)
    agreed_delivery_date: Date | None = field("约定交地时间", default=None)
    agreed_start_date: Date | None = field("约定开工时间", default=None)
    agreed_finish_date: Date | None = field("约定竣工时间", default=None)
    actual_start_date: Date | None = field("实际开工时间", default=None)
    actual_finish_date: Date | None = field("实际竣工时间", default=None)
    approve_org: ShortText = field("批准单位")
    contract_sign_date: Date | None = field("合同签订日期", default=None)
    unified_deal_code: DealCode | None = field("统一交易标识码", scope=Scope.GOVERNMENT, default=None)

    highest_not_below_lowest: ClassVar[Check] = plot_ratio_in_order()
    delivered_before_start: ClassVar[Check] = in_order("agreed_delivery_date", "agreed_start_date")
    agreed_in_order: ClassVar[Check] = in_order("agreed_start_date", "agreed_finish_date")
    built_in_order: ClassVar[Check] = in_order("actual_start_date", "actual_finish_date")

    @rule(at="deal_price_wan")
    def priced(self) -> PydanticCustomError | None:
        return SUPPLY_PRICE() if self.supply_type != ALLOCATION and self.deal_price_wan is None else None

    @rule(at="contract_sign_date")
    def contracted(self) -> PydanticCustomError | None:
        return SUPPLY_CONTRACT() if self.supply_type != ALLOCATION and self.contract_sign_date is None else None

    @rule(at="instalments")
    def instalments_in_order(self) -> PydanticCustomError | None:
        given = self.instalments or []
        numbered = [one.period_no for one in given] == list(range(1, len(given) + 1))
        due = [one.due_date for one in given]
        return None if numbered and due == sorted(due) else INSTALMENT_ORDER()

    @advice(at="instalments")
    def instalments_make_the_price(self) -> PydanticCustomError | None:
        if self.instalments is None or self.deal_price_wan is None:
            return None
        listed = sum((one.amount_wan for one in self.instalments), Decimal(0))
        return None if listed == self.deal_price_wan else INSTALMENT_SUM(listed=f"{listed:f}")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The parcel by its supervision number, which is unique in the country."""
        return f"land:supply:{self.supervision_no}"
