"""规划和年度计划阶段."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import AMOUNT_UNIT, in_order, needed_with, plausible
from hub.schemas.housing.base import (
    DEPARTMENT_OR_APPROVER,
    NOTICE_2011,
    NOTICE_2012,
    OPINION_HOUSING,
    HousingClass,
    PlanKind,
    ProjectKind,
    RegionalKind,
    Title,
    Units,
    UnitType,
    Year,
    annual_plan_fixed,
    short_digest,
)
from hub.schemas.housing.counting_rules import at_most
from hub.schemas.kind import Stage, field
from hub.schemas.rules import Check, Neighbours, Rule, advice, beside, rule
from hub.schemas.shared import Price, PriceUnit
from hub.schemas.types import Amount, Code, Codes, Date, InvestmentProjectCode, ShortText, Str, Text, Uscc

PLAN_YEAR = Rule(
    "plan-year",
    "计划最终确定日期一般在计划年度或上一年度，请核对",
    "an annual plan is made final in its year or the year before: please check",
)
TYPES_BEYOND_PROJECT = Rule(
    "types-beyond-project",
    "各户型计划套数合计 {sum} 套，大于项目建设总套数 {total} 套，请核对",
    "the planned homes of all types add up to {sum}, the project has {total}: please check",
)
AREA_RANGE = Rule("area-range", "建筑面积上限不得小于下限", "the largest floor area may not be below the smallest")

SquareMetres = Annotated[Decimal, Amount(10, 2)]


class HousingConstructionScheme(RegionalKind):
    """城镇保障性安居工程规划建设方案: how many homes are to be built over a period, and for whom.

    国办发〔2017〕97号 二（一）1 names the scheme first among what is published of urban affordable housing.
    """

    stage = Stage.PLAN
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (twenty_working_days("approval_date"), AT_ONCE)
    natural_key = ("region_code", "scheme_name", "approval_doc_no")
    label = "scheme_name"
    basis = f"{OPINION_HOUSING}；住房保障领域基层政务公开标准目录"

    scheme_name: Title = field("规划（建设方案）名称")
    scheme_type: Annotated[str, Code("housing_scheme_type")] = field("方案类型")
    period_start: Date = field("规划期起")
    period_end: Date = field("规划期止")
    housing_classes: Annotated[list[str], Codes("housing_class")] = field("涉及保障房类别")
    target_units: Units | None = field("规划目标套数", default=None)
    target_households: Units | None = field("规划保障户数", default=None)
    investment_amount: Price | None = field("规划总投资", default=None)
    price_unit: PriceUnit | None = field("金额单位", default=None)
    approve_dept_name: ShortText = field("批准机关")
    approve_dept_code: Uscc | None = field("批准机关代码", default=None)
    approval_doc_no: Annotated[str, Str(100)] = field("批准文号")
    approval_date: Date = field("批准日期")
    content: Text = field("方案正文")

    period_in_order: ClassVar[Check] = in_order("period_start", "period_end")
    investment_unit: ClassVar[Check] = needed_with("price_unit", AMOUNT_UNIT, "investment_amount")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The scheme by its name in its city or county, whoever pushes."""
        return f"housing:{self.region_code}:scheme:{short_digest(self.scheme_name)}"


class HousingAnnualPlan(PlanKind):
    """年度建设计划任务量: how many homes of a class a city or county is to start and to finish in a year.

    住房城乡建设部 2011、2012 年通知: published by class, within twenty working days of the final plan.
    """

    stage = Stage.PLAN
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (annual_plan_fixed("plan_fixed_date"), AT_ONCE)
    natural_key = ("region_code", "plan_year", "housing_class")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2011}；{NOTICE_2012}"
    fixed = ("housing_class",)

    notice_name: Title = field("标题")
    housing_class: HousingClass = field("保障房类别")
    planned_start_units: Units = field("计划开工套数")
    planned_basic_complete_units: Units = field("计划基本建成套数")
    planned_complete_units: Units | None = field("计划竣工套数", default=None)
    planned_subsidy_households: Units | None = field("计划发放租赁补贴户数", default=None)
    plan_fixed_date: Date = field("计划最终确定日期")
    plan_doc_no: Annotated[str, Str(100)] | None = field("计划文号", default=None)
    plan_dept_name: ShortText = field("下达（制定）部门")

    @advice(at="plan_fixed_date")
    def final_in_time(self) -> PydanticCustomError | None:
        return None if self.plan_fixed_date.year in (self.plan_year - 1, self.plan_year) else PLAN_YEAR()


class HousingPlannedProject(ProjectKind):
    """计划项目信息: one project of an annual plan, where it is built, by whom, and how many homes it has.

    住房城乡建设部办公厅 2012 年通知: the projects of the annual plan are published with the plan.
    """

    stage = Stage.PLAN
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (annual_plan_fixed(), AT_ONCE)
    natural_key = ("region_code", "plan_year", "project_name")
    label = "project_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2012}"
    fixed = ("plan_year",)

    plan_year: Year = field("计划年度")
    invest_project_code: InvestmentProjectCode | None = field("投资项目统一代码", default=None)
    address: Annotated[str, Str(300)] = field("建设地点")
    housing_class: HousingClass = field("保障房类别")
    build_mode: Annotated[str, Code("build_mode")] = field("建设方式")
    total_units: Units = field("建设总套数")
    planned_start_units: Units = field("年度计划开工套数")
    planned_basic_complete_units: Units = field("年度计划基本建成套数")
    investment_amount: Price | None = field("投资金额", default=None)
    price_unit: PriceUnit | None = field("金额单位", default=None)
    schedule: Text | None = field("计划安排", default=None)
    builder_name: ShortText | None = field("建设单位", default=None)
    approval_doc_no: Annotated[str, Str(100)] | None = field("立项批准文号", default=None)
    approve_dept_name: ShortText | None = field("立项批准部门", default=None)

    starts_within_the_project: ClassVar[Check] = at_most("planned_start_units", "total_units")
    completes_within_the_project: ClassVar[Check] = at_most("planned_basic_complete_units", "total_units")
    investment_unit: ClassVar[Check] = needed_with("price_unit", AMOUNT_UNIT, "investment_amount")
    plausible_investment: ClassVar[Check] = plausible("investment_amount", "price_unit")

    @beside(at="total_units", kinds=("housing_planned_unit_type",))
    def types_within_the_project(self, others: Neighbours) -> PydanticCustomError | None:
        return _within(self.total_units, _by_type(others, self.plan_year))


class HousingPlannedUnitType(ProjectKind):
    """计划户型: how many homes of one type, and of what size, a project of an annual plan is to have.

    国办发〔2017〕97号 二（一）1 names the types of home among the contents of the annual plan.
    """

    stage = Stage.PLAN
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (annual_plan_fixed(), AT_ONCE)
    natural_key = ("region_code", "plan_year", "project_name", "unit_type")
    label = "project_name"
    basis = OPINION_HOUSING
    fixed = ("plan_year", "unit_type")

    plan_year: Year = field("计划年度")
    housing_class: HousingClass = field("保障房类别")
    unit_type: UnitType = field("户型")
    building_area_min: SquareMetres | None = field("建筑面积下限(㎡)", default=None)
    building_area_max: SquareMetres | None = field("建筑面积上限(㎡)", default=None)
    planned_units: Units = field("计划套数")
    remark: Text | None = field("说明", default=None)

    @rule(at="building_area_max")
    def largest_not_below_smallest(self) -> PydanticCustomError | None:
        if self.building_area_min is None or self.building_area_max is None:
            return None
        return AREA_RANGE() if self.building_area_max < self.building_area_min else None

    @beside(at="planned_units", kinds=("housing_planned_project", "housing_planned_unit_type"))
    def types_within_the_project(self, others: Neighbours) -> PydanticCustomError | None:
        bodies = [one["body"] for one in others if one["kind"] == "housing_planned_project"]
        totals = [body["total_units"] for body in bodies if "total_units" in body]
        if not totals:
            return None
        return _within(max(totals), _by_type(others, self.plan_year) | {self.unit_type: self.planned_units})


def _by_type(others: Neighbours, year: int) -> dict[str, int]:
    """The planned homes of a year by their type, as the records of a project say."""
    bodies = [one["body"] for one in others if one["kind"] == "housing_planned_unit_type"]
    return {
        body["unit_type"]: body["planned_units"]
        for body in bodies
        if body.get("plan_year") == year and "unit_type" in body and "planned_units" in body
    }


def _within(total: int, by_type: dict[str, int]) -> PydanticCustomError | None:
    planned = sum(by_type.values())
    return TYPES_BEYOND_PROJECT(sum=planned, total=total) if planned > total else None
