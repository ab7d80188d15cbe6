"""建设计划完成情况."""

from typing import Annotated, Any, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, Within
from hub.schemas.common_rules import AMOUNT_UNIT, needed, needed_with, plausible
from hub.schemas.housing.base import (
    CHANGE_OF_PROJECT,
    DEPARTMENT,
    NOTICE_2011,
    NOTICE_2012,
    OPINION_HOUSING,
    HousingClass,
    Month,
    PlanKind,
    ProjectKind,
    Title,
    Units,
    after_the_month,
)
from hub.schemas.housing.counting_rules import at_most, in_month
from hub.schemas.kind import Stage, field
from hub.schemas.rules import Check, Following, Neighbours, Rule, advice, beside, rule
from hub.schemas.shared import Price, PriceUnit
from hub.schemas.types import Code, Date, InvestmentProjectCode, ShortText, Str, Uscc

MONTH_OF_PLAN = Rule(
    "month-of-plan",
    "统计月份不在计划年度内，请核对",
    "the month that is reported is not of the plan's year: please check",
)
FACILITY_COMPLETED = Rule(
    "facility-completed",
    "建设状态为已完工或已投入使用时须填写实际完成时间",
    "the day of completion is needed where the facility is completed or in use",
)
FACILITY_UNFINISHED = Rule(
    "facility-unfinished",
    "未开工、在建或停工的设施不得填写实际完成时间",
    "a facility that is not started, under construction or halted has no day of completion",
)

COUNT_FALLS = Rule(
    "count-falls",
    "本年累计数应逐月不减，{month} 所报为 {other}，请核对",
    "what is counted from the year's beginning never falls, and {month} says {other}: please check",
)


def never_falls(count: str) -> Following:
    """Advice: the number `count` is not below that of an earlier month of the year, nor above that of a later one."""

    @beside(at=count, kinds=("housing_plan_progress",))
    def check(payload: Any, others: Neighbours) -> PydanticCustomError | None:
        own, month = getattr(payload, count), payload.stat_month
        if own is None:
            return None
        bodies = [one["body"] for one in others if one["body"].get("housing_class") == payload.housing_class]
        told = sorted((body.get("stat_month", month), body[count]) for body in bodies if body.get(count) is not None)
        before = [(when, other) for when, other in told if when < month and other > own]
        after = [(when, other) for when, other in told if when > month and other < own]
        found = before[-1:] or after[:1]
        return COUNT_FALLS(month=found[0][0], other=found[0][1]) if found else None

    return check


COMPLETED = ("2", "3")
"""已完工 and 已投入使用 in the code table `build_status`."""


class HousingPlanProgress(PlanKind):
    """计划任务完成进度: how many homes of a class were started and finished by the end of a month.

    住房城乡建设部办公厅 2012 年通知: published by class, within ten working days of the end of each month.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENT
    clocks = (after_the_month("stat_date"), AT_ONCE)
    natural_key = ("region_code", "plan_year", "stat_month", "housing_class")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2012}"
    fixed = ("stat_month", "housing_class")

    notice_name: Title = field("标题")
    stat_month: Month = field("统计月份")
    stat_date: Date = field("统计截止日期", description="The last day counted; it lies in `stat_month`.")
    housing_class: HousingClass = field("保障房类别")
    planned_start_units: Units | None = field("年度计划开工套数", default=None)
    actual_start_units: Units = field("实际开工套数（累计）")
    planned_basic_complete_units: Units | None = field("年度计划基本建成套数", default=None)
    actual_basic_complete_units: Units = field("基本建成套数（累计）")
    actual_complete_units: Units | None = field("竣工套数（累计）", default=None)
    completed_investment: Price | None = field("完成投资", default=None)
    price_unit: PriceUnit | None = field("金额单位", default=None)

    counted_in_the_month: ClassVar[Check] = in_month("stat_date", "stat_month")
    starts_never_fall: ClassVar[Following] = never_falls("actual_start_units")
    basic_completions_never_fall: ClassVar[Following] = never_falls("actual_basic_complete_units")
    completions_never_fall: ClassVar[Following] = never_falls("actual_complete_units")
    investment_unit: ClassVar[Check] = needed_with("price_unit", AMOUNT_UNIT, "completed_investment")

    @advice(at="stat_month")
    def month_of_the_plan(self) -> PydanticCustomError | None:
        return None if self.stat_month[:4] == str(self.plan_year) else MONTH_OF_PLAN()


class HousingStartedProject(ProjectKind):
    """已开工项目基本信息: a project that was started, how many homes it has, and who builds it.

    住房城乡建设部 2011、2012 年通知: published project by project, within twenty working days of the start of work.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENT
    clocks = (
        Within(id="D-HOUS-START20", days=20, of="start_date", basis=f"{NOTICE_2011}；{NOTICE_2012}"),
        CHANGE_OF_PROJECT,
        AT_ONCE,
    )
    natural_key = ("project_name", "region_code", "start_date")
    label = "project_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2011}；{NOTICE_2012}"

    address: Annotated[str, Str(300)] = field("建设地址")
    housing_class: HousingClass = field("保障房类别")
    build_mode: Annotated[str, Code("build_mode")] = field("建设方式")
    total_units: Units = field("建设总套数")
    start_date: Date = field("开工时间")
    planned_start_units: Units = field("年度计划开工套数")
    actual_start_units: Units = field("实际开工套数")
    planned_basic_complete_units: Units = field("年度计划基本建成套数")
    builder_name: ShortText = field("建设单位名称")
    designer_name: ShortText = field("设计单位名称")
    contractor_name: list[ShortText] = field("施工单位名称", min_length=1, max_length=100)
    supervisor_name: ShortText = field("监理单位名称")
    builder_code: Uscc | None = field("建设单位代码", default=None)
    invest_project_code: InvestmentProjectCode | None = field("投资项目统一代码", default=None)

    plans_within_the_project: ClassVar[Check] = at_most("planned_start_units", "total_units")
    starts_within_the_project: ClassVar[Check] = at_most("actual_start_units", "total_units")
    completes_within_the_project: ClassVar[Check] = at_most("planned_basic_complete_units", "total_units")


class HousingCompletedProject(ProjectKind):
    """已竣工项目基本信息: a project that was completed, and with how many homes.

    住房城乡建设部 2011、2012 年通知: published project by project, within twenty working days of the completion.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENT
    clocks = (
        Within(id="D-HOUS-FIN20", days=20, of="completion_date", basis=f"{NOTICE_2011}；{NOTICE_2012}"),
        CHANGE_OF_PROJECT,
        AT_ONCE,
    )
    natural_key = ("project_name", "region_code", "completion_date")
    label = "project_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2012}"

    address: Annotated[str, Str(300)] = field("建设地址")
    housing_class: HousingClass = field("保障房类别")
    builder_name: ShortText = field("建设单位")
    completed_units: Units = field("竣工套数")
    completion_date: Date = field("竣工时间")
    acceptance_record_no: Annotated[str, Str(100)] | None = field("竣工验收备案号", default=None)


class HousingSupportingFacility(ProjectKind):
    """配套设施建设情况: one road, school, clinic or other facility that a housing project needs, and how far it is.

    国办发〔2017〕97号 二（一）1 names the supporting facilities among what is published of the plan's fulfilment.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENT
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("project_name", "region_code", "facility_type", "facility_name")
    label = "facility_name"
    basis = f"{OPINION_HOUSING}；住房保障领域基层政务公开标准目录"
    fixed = ("facility_type", "facility_name")

    address: Annotated[str, Str(300)] | None = field("建设地址", default=None)
    facility_type: Annotated[str, Code("facility_type")] = field("配套设施类型")
    facility_name: ShortText = field("设施名称")
    scale: Annotated[str, Str(300)] | None = field("建设规模", default=None)
    responsible_unit: ShortText = field("责任单位")
    planned_complete_date: Date | None = field("计划完成时间", default=None)
    status: Annotated[str, Code("build_status")] = field("建设状态")
    actual_complete_date: Date | None = field("实际完成时间", default=None)
    investment_amount: Price | None = field("投资金额", default=None)
    price_unit: PriceUnit | None = field("金额单位", default=None)

    completion_given: ClassVar[Check] = needed(
        "actual_complete_date", FACILITY_COMPLETED, where="status", is_in=COMPLETED
    )
    investment_unit: ClassVar[Check] = needed_with("price_unit", AMOUNT_UNIT, "investment_amount")
    plausible_investment: ClassVar[Check] = plausible("investment_amount", "price_unit")

    @rule(at="actual_complete_date")
    def completed_only_once_it_is(self) -> PydanticCustomError | None:
        early = self.actual_complete_date is not None and self.status not in COMPLETED
        return FACILITY_UNFINISHED() if early else None
