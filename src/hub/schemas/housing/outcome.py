"""住房分配的过程和结果: what happened, who got which home, and who gave one back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import in_order, together
from hub.schemas.housing.allocation import APPLICANT_TWICE
from hub.schemas.housing.base import (
    DEPARTMENT,
    NOTICE_2012,
    OPINION_HOUSING,
    BatchKind,
    HousingClass,
    Month,
    ProjectName,
    RegionalKind,
    Title,
    Units,
    UnitType,
    after_the_month,
)
from hub.schemas.housing.counting_rules import in_month
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import Price
from hub.schemas.types import Amount, Code, Date, Instant, ShortText, Str, Text

ROUND_TWICE = Rule("round-twice", "轮次序号不得重复", "no two rounds of the same group have the same number")
ROUND_WHOLE = Rule(
    "round-whole",
    "每一轮次的户数、套数不得大于参加户数、参加分配套数",
    "no round has more households or homes than take part in all",
)
RESULT_COUNT = Rule(
    "result-count",
    "分配户数与分配结果条数不符，应为 {listed}",
    "the number of households is not that of the results listed, {listed}",
)
RESULT_PRICE = Rule(
    "result-price-basis", "填写租金（售价）时须说明计价方式", "`price_basis` is needed where a rent or price is given"
)
EXIT_MONTH = Rule(
    "exit-month", "退出日期须在统计月份（{month}）内", "a home is given back in the month that is reported, {month}"
)


class AllocationRound(Part):
    """轮次: one round of a lottery or choice, for one group of households."""

    round_no: Annotated[int, Field(strict=True, ge=1, le=999)] = field("轮次序号", element=None)
    group: Annotated[str, Str(100)] | None = field("组别", element=None, default=None)
    households: Units = field("户数", element=None)
    units: Units = field("套数", element=None)


class HousingAllocationProcess(BatchKind):
    """保障性住房分配过程: one event of an allocation, such as a lottery, with its rounds and who watched over it.

    国办发〔2017〕97号 二（一）1 names the process of allocation among what is published.
    """

    stage = Stage.PROCESS
    discloser = DEPARTMENT
    clocks = (twenty_working_days("event_time"), AT_ONCE)
    natural_key = ("region_code", "batch_no", "event_type", "event_time")
    label = "notice_name"
    basis = OPINION_HOUSING
    fixed = ("event_type",)

    notice_name: Title = field("标题")
    event_type: Annotated[str, Code("alloc_event")] = field("过程环节")
    event_time: Instant = field("时间")
    event_place: ShortText = field("地点")
    host_org: ShortText = field("组织单位")
    participants: Text | None = field(
        "参加人员", default=None, description="By their roles; private persons are not named here."
    )
    notary_org: ShortText | None = field("公证机构", default=None)
    rounds: list[AllocationRound] | None = field("轮次", default=None, min_length=1, max_length=999)
    total_households: Units = field("参加户数")
    total_units: Units = field("参加分配套数")
    outcome: Text = field("过程情况说明")

    @rule(at="rounds")
    def no_round_twice(self) -> PydanticCustomError | None:
        rounds = [(one.group, one.round_no) for one in self.rounds or ()]
        return ROUND_TWICE() if len(set(rounds)) < len(rounds) else None

    @rule(at="rounds")
    def no_round_exceeds_the_whole(self) -> PydanticCustomError | None:
        exceeds = any(
            one.households > self.total_households or one.units > self.total_units for one in self.rounds or ()
        )
        return ROUND_WHOLE() if exceeds else None


class Allocation(Part):
    """分配结果: the home that one household got; the public sees the project, not the room."""

    natural_person = True

    applicant_no: Annotated[str, Str(50)] = field("受理编号", element=None)
    name: Annotated[str, Str(50)] = field("姓名", scope=Scope.MASKED, element=None)
    id_no: Annotated[str, Str(18)] | None = field(
        "身份证件号", scope=Scope.GOVERNMENT, element=None, party_code=True, default=None
    )
    household_size: Annotated[int, Field(strict=True, ge=1, le=99)] | None = field(
        "家庭人口", element=None, default=None
    )
    project_name: ProjectName = field("项目名称", element=None)
    room_no: Annotated[str, Str(50)] | None = field("房号", scope=Scope.GOVERNMENT, element=None, default=None)
    unit_type: UnitType = field("户型", element=None)
    area: Annotated[Decimal, Amount(10, 2)] = field("面积(㎡)", element=None)
    rent_or_price: Price | None = field(
        "租金（售价）", element=None, default=None, description="For what `price_basis` of the record says."
    )


class HousingAllocationResult(BatchKind):
    """保障性住房分配结果: which households of a batch got a home, by masked name and number of application.

    国办发〔2017〕97号 二（一）1 names the results; 政府信息公开条例 第十五条 guards the privacy of those in the list.
    """

    stage = Stage.AWARD
    discloser = DEPARTMENT
    clocks = (twenty_working_days("result_date"), AT_ONCE)
    natural_key = ("region_code", "batch_no")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；政府信息公开条例 第十五条"

    notice_name: Title = field("标题")
    housing_class: HousingClass = field("保障房类别")
    results: list[Allocation] = field("分配结果", min_length=1, max_length=5_000)
    price_basis: Annotated[str, Code("housing_price_basis")] | None = field("计价方式", default=None)
    total_households: Units = field("分配户数")
    result_date: Date = field("结果确定日期")
    publicity_start: Date | None = field("公示开始", default=None)
    publicity_end: Date | None = field("公示结束", default=None)
    objection_channel: Text | None = field("异议渠道", default=None)

    publicity_whole: ClassVar[Check] = together("publicity_start", "publicity_end")
    publicity_in_order: ClassVar[Check] = in_order("publicity_start", "publicity_end")

    @rule(at="results")
    def no_applicant_twice(self) -> PydanticCustomError | None:
        return _unless_unique([one.applicant_no for one in self.results])

    @rule(at="price_basis")
    def price_has_its_basis(self) -> PydanticCustomError | None:
        priced = any(one.rent_or_price is not None for one in self.results)
        return RESULT_PRICE() if priced and self.price_basis is None else None

    @advice(at="total_households")
    def as_many_as_are_listed(self) -> PydanticCustomError | None:
        return None if len(self.results) == self.total_households else RESULT_COUNT(listed=len(self.results))


class Exit(Part):
    """退出明细: one household that gave its home back."""

    natural_person = True

    applicant_no: Annotated[str, Str(50)] = field("受理（登记）编号", element=None)
    name: Annotated[str, Str(50)] = field("姓名", scope=Scope.MASKED, element=None)
    project_name: ProjectName = field("项目名称", element=None)
    reason: Annotated[str, Str(300)] = field(
        "退出原因",
        scope=Scope.GOVERNMENT,
        element=None,
        description="It may tell of income, illness or arrears, so the public does not see it.",
    )
    exit_date: Date = field("退出日期", element=None)


class HousingExit(RegionalKind):
    """保障性住房退出情况: the households that gave their homes back in a month, by masked name.

    住房城乡建设部办公厅 2012 年通知: exits are published within ten working days of the end of each month.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENT
    clocks = (after_the_month("stat_date"), AT_ONCE)
    natural_key = ("region_code", "stat_month", "housing_class")
    label = "notice_name"
    basis = NOTICE_2012
    fixed = ("stat_month", "housing_class")

    notice_name: Title = field("标题")
    stat_month: Month = field("统计月份")
    stat_date: Date = field("统计截止日期", description="The last day counted; it lies in `stat_month`.")
    housing_class: HousingClass = field("保障房类别")
    exits: list[Exit] = field("退出明细", description="Empty where no home was given back.", max_length=5_000)

    counted_in_the_month: ClassVar[Check] = in_month("stat_date", "stat_month")

    @rule(at="exits")
    def no_exit_twice(self) -> PydanticCustomError | None:
        return _unless_unique([one.applicant_no for one in self.exits])

    @rule(at="exits")
    def exits_of_the_month(self) -> PydanticCustomError | None:
        stray = any(f"{one.exit_date:%Y%m}" != self.stat_month for one in self.exits)
        return EXIT_MONTH(month=self.stat_month) if stray else None

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The class of housing in the city or county, whose register the homes go back to."""
        return f"housing:{self.region_code}:register:{self.housing_class}"


def _unless_unique(numbers: Sequence[str]) -> PydanticCustomError | None:
    return APPLICANT_TWICE() if len(set(numbers)) < len(numbers) else None
