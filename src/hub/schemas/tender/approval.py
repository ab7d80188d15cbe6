"""审批核准备案与招标计划阶段: before a project is tendered."""

from collections import Counter
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, twenty_working_days
from hub.schemas.common_rules import in_order, money, needed, plausible
from hub.schemas.kind import Part, Role, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceUnit
from hub.schemas.tender.base import ConstructionKind, whole_units
from hub.schemas.types import Code, Date, InvestmentProjectCode, RegionCode, ShortText, Str, Text, Uscc

TENDERED_HOW = Rule(
    "tendered-how",
    "该招标事项实行招标的，须填写招标组织形式和招标方式",
    "an item that is tendered says who organises the tender and in which mode",
)
NOT_TENDERED_WHY = Rule(
    "not-tendered-why", "该招标事项不招标的，须说明理由", "an item that is not tendered says why (`extent` 3)"
)
ITEM_TWICE = Rule("tender-item-twice", "同一招标事项不得重复", "no item stands in the table twice")
ITEMS_OVER_INVESTMENT = Rule(
    "items-over-investment",
    "各招标事项估算金额之和不得超过总投资",
    "the estimates of the items may not add up to more than the total investment",
)
PLAN_AHEAD = Rule(
    "tender-plan-ahead",
    "招标计划宜至少提前 {days} 日发布",
    "a tender plan is better published {days} days before the notice that it announces",
)

TENDERED, NOT_TENDERED = ("1", "2"), ("3",)
"""Codes of `tender_extent`."""
PLAN_DAYS = 30


class TenderItem(Part):
    """招标事项: one row of the table that the approval fixes, e.g. the construction work."""

    item: Annotated[str, Code("tender_item")] = field("招标事项")
    extent: Annotated[str, Code("tender_extent")] = field("招标范围")
    org_form: Annotated[str, Code("tender_org_form")] | None = field("招标组织形式", default=None)
    mode: Annotated[str, Code("tender_mode")] | None = field("招标方式", default=None)
    estimate: Price | None = field("估算金额", default=None)
    estimate_currency: Currency | None = field("估算金额币种", default=None)
    estimate_unit: PriceUnit | None = field("估算金额单位", default=None)
    not_tendered_reason: Text | None = field("不招标理由", default=None)

    organised: ClassVar[Check] = needed("org_form", TENDERED_HOW, where="extent", is_in=TENDERED)
    in_a_mode: ClassVar[Check] = needed("mode", TENDERED_HOW, where="extent", is_in=TENDERED)
    reason_given: ClassVar[Check] = needed("not_tendered_reason", NOT_TENDERED_WHY, where="extent", is_in=NOT_TENDERED)
    currency_given, unit_given = money("estimate", currency="estimate_currency", unit="estimate_unit")


class InvestmentKind(ConstructionKind):
    """A record of an investment project before it is tendered; all of them are one thread."""

    invest_project_code: InvestmentProjectCode = field("投资项目统一代码")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The investment project, whoever pushes: its code is unique in the country."""
        return f"project:{self.invest_project_code}"


class TenderApprovalRecord(InvestmentKind):
    """依法必须招标项目审批核准备案信息: what the approval of a project says about how it is tendered.

    招标投标法 第九条 and 招标投标法实施条例 第七条: extent, mode and organisation of the tenders are approved with the project.
    """

    stage = Stage.APPROVAL
    discloser = frozenset({Role.APPROVER})
    clocks = (twenty_working_days("decision_date"), AT_ONCE)
    natural_key = ("approval_number", "invest_project_code")
    label = "project_name"
    basis = "国办发〔2017〕97号 二（一）6；招标投标法实施条例 第七条"

    approval_type: Annotated[str, Code("approval_type")] = field("审批类型")
    project_name: Annotated[str, Str(600)] = field("项目名称")
    project_owner: ShortText = field("项目单位")
    project_owner_code: Uscc | None = field("项目单位代码", default=None)
    region_code: RegionCode = field("行政区划代码")
    address: ShortText = field("建设地点")
    industries_type: Annotated[str, Code("industry_gbt4754")] | None = field("行业", default=None)
    construction_scale: Text = field("建设规模及内容")
    total_investment: Price | None = field("总投资", default=None)
    total_investment_currency: Currency | None = field("总投资币种", default=None)
    total_investment_unit: PriceUnit | None = field("总投资单位", default=None)
    fund_source: Annotated[str, Str(1000)] = field("资金来源")
    tender_items: list[TenderItem] = field("招标事项核准表", min_length=1, max_length=50)
    approval_name: Annotated[str, Str(500)] = field("批复文件名称")
    approval_number: Annotated[str, Str(100)] = field("批复文号（备案号）")
    approval_authority: ShortText = field("审批核准备案部门")
    approve_dept_code: Uscc | None = field("审批核准备案部门代码", default=None)
    decision_date: Date = field("决定（备案）日期")
    valid_until: Date | None = field("批复有效期至", default=None)

    valid_in_order: ClassVar[Check] = in_order("decision_date", "valid_until")
    investment_currency, investment_unit = money(
        "total_investment", currency="total_investment_currency", unit="total_investment_unit"
    )
    plausible_investment: ClassVar[Check] = plausible("total_investment", "total_investment_unit")

    @rule(at="tender_items")
    def no_item_twice(self) -> PydanticCustomError | None:
        # 其他 (9) is a class of items, not one item.
        counts = Counter(row.item for row in self.tender_items if row.item != "9")
        return ITEM_TWICE() if any(count > 1 for count in counts.values()) else None

    @rule(at="tender_items")
    def items_within_the_investment(self) -> PydanticCustomError | None:
        if self.total_investment is None:
            return None
        estimated = sum(
            whole_units(row.estimate, row.estimate_unit)
            for row in self.tender_items
            if row.estimate is not None and row.estimate_currency == self.total_investment_currency
        )
        return (
            ITEMS_OVER_INVESTMENT()
            if estimated > whole_units(self.total_investment, self.total_investment_unit)
            else None
        )


class TenderPlan(InvestmentKind):
    """招标计划: the tender that a tenderer means to begin, announced ahead so that bidders can prepare.

    Provincial rules ask for it thirty days before the notice; no law of the state gives the period.
    """

    stage = Stage.PLAN
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("invest_project_code", "tender_project_name")
    label = "tender_project_name"
    basis = "公共资源交易领域基层政务公开标准目录（招标计划）"

    invest_project_name: Annotated[str, Str(600)] = field("投资项目名称")
    tender_project_name: Annotated[str, Str(600)] = field("招标项目名称")
    overview: Text = field("项目概况")
    tender_content: Text = field("招标内容")
    address: ShortText = field("建设地点")
    tender_project_type: Annotated[str, Code("trade_class")] = field("招标项目类型")
    tender_mode: Annotated[str, Code("tender_mode")] = field("招标方式")
    tenderer_name: ShortText = field("招标人")
    publisher_name: ShortText = field("发布人")
    estimate_price: Price = field("预估发包价", description="In yuan.")
    supervise_dept: ShortText = field("招标监督部门")
    expected_notice_date: Date = field("公告预计发布时间")
    publish_date: Date = field("发布日期")

    plan_before_notice: ClassVar[Check] = in_order("publish_date", "expected_notice_date")

    @advice(at="expected_notice_date")
    def thirty_days_ahead(self) -> PydanticCustomError | None:
        ahead = self.expected_notice_date - self.publish_date
        return PLAN_AHEAD(days=PLAN_DAYS) if timedelta(0) <= ahead < timedelta(days=PLAN_DAYS) else None
