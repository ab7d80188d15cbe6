"""农村危房改造: who was recognised, how the subsidies were shared out, and what was renovated."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, twenty_working_days
from hub.schemas.common_rules import in_order, plausible
from hub.schemas.housing.base import (
    DEPARTMENT,
    DEPARTMENT_OR_APPROVER,
    OPINION_HOUSING,
    BatchNo,
    RegionalKind,
    Title,
    Units,
    Year,
)
from hub.schemas.housing.counting_rules import at_most, hardly_more
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import Price, PriceUnit
from hub.schemas.types import Amount, Code, Date, IdNumber, ShortText, Str, Text

HOUSEHOLD_TWICE = Rule("household-twice", "对象名单的序号不得重复", "no two households of a list have the same number")
DANGER_ELIGIBLE = Rule(
    "danger-eligible",
    "危房改造对象一般为 C 级或 D 级危房，请核对危房等级",
    "renovation is for dwellings of danger level C or D: please check the level",
)
SUBSIDY_SUM = Rule(
    "subsidy-sum",
    "补助总额与分配明细之和不符，明细合计为 {listed}",
    "the total is not the sum of the amounts listed, {listed}",
)
SUBSIDY_HOUSEHOLDS = Rule(
    "subsidy-households",
    "补助户数与分配明细的户数不符，明细为 {listed} 户",
    "the number of households is not that of the households listed, {listed}",
)

PASSED = "1"
"""通过 in the code table `review_result`."""
DANGEROUS = ("C", "D")
"""局部危险 and 整栋危险 in the code table `danger_level`."""

CATALOGUE = "农村危房改造领域基层政务公开标准目录"

RenovationMode = Annotated[str, Code("renovation_mode")]
PersonalName = Annotated[str, Str(50)]
Place = Annotated[str, Str(100)]


class RuralKind(RegionalKind):
    """A record of a county's renovation of rural dwellings; all records of a year are one thread."""

    plan_year: Year = field("年度")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The county's year, whoever pushes."""
        return f"housing:{self.region_code}:rural:{self.plan_year}"


class RecognisedHousehold(Part):
    """对象: a household in the list, by its head; what tells of poverty, illness or disability is not published."""

    natural_person = True

    seq: Annotated[int, Field(strict=True, ge=1, le=99_999)] = field("序号", element=None)
    head_name: PersonalName = field("户主姓名", scope=Scope.MASKED, element=None)
    id_no: IdNumber | None = field("身份证号", scope=Scope.GOVERNMENT, element=None, party_code=True, default=None)
    phone: Annotated[str, Str(20)] | None = field("联系电话", scope=Scope.GOVERNMENT, element=None, default=None)
    household_category: Annotated[str, Code("rural_household")] = field(
        "农户类别", scope=Scope.GOVERNMENT, element=None
    )
    danger_level: Annotated[str, Code("danger_level")] = field("危房等级", element=None)
    renovation_mode: RenovationMode = field("改造方式", element=None)
    result: Annotated[str, Code("review_result")] = field("评议（审核）结果", element=None)

    @advice(at="danger_level")
    def passed_for_a_dangerous_dwelling(self) -> PydanticCustomError | None:
        return DANGER_ELIGIBLE() if self.result == PASSED and self.danger_level not in DANGEROUS else None


class RuralRenovationRecognition(RuralKind):
    """农村危房改造对象认定过程: one step of recognising households, from the villagers' meeting to the county's approval.

    国办发〔2017〕97号 二（一）1 names the process; each step's result is open to objection.
    """

    stage = Stage.PROCESS
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("region_code", "plan_year", "township", "village", "batch_no", "step")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；{CATALOGUE}"
    fixed = ("township", "village", "batch_no", "step")

    notice_name: Title = field("标题")
    township: Place = field("乡镇（街道）")
    village: Place = field("村（社区）")
    batch_no: BatchNo = field("批次")
    step: Annotated[str, Code("recognition_step")] = field("认定环节")
    step_start: Date = field("环节开始")
    step_end: Date | None = field("环节结束", default=None)
    households: list[RecognisedHousehold] = field("对象名单", min_length=1, max_length=5_000)
    publicity_start: Date = field("公示开始")
    publicity_end: Date = field("公示结束")
    review_org: ShortText = field("评议（审核）单位")
    objection_channel: Text = field("异议渠道和方式")

    step_in_order: ClassVar[Check] = in_order("step_start", "step_end")
    publicity_in_order: ClassVar[Check] = in_order("publicity_start", "publicity_end")

    @rule(at="households")
    def no_household_twice(self) -> PydanticCustomError | None:
        numbers = {household.seq for household in self.households}
        return HOUSEHOLD_TWICE() if len(numbers) < len(self.households) else None


class SubsidyShare(Part):
    """分配明细: what one household, village or township receives, in the record's `price_unit`."""

    natural_person = True

    township: Place = field("乡镇", element=None)
    village: Place | None = field("村", element=None, default=None)
    head_name: PersonalName | None = field("户主姓名", scope=Scope.MASKED, element=None, default=None)
    renovation_mode: RenovationMode | None = field("改造方式", element=None, default=None)
    amount: Price = field("补助金额", element=None)
    bank_account: Annotated[str, Str(50)] | None = field("收款账号", scope=Scope.GOVERNMENT, element=None, default=None)
    pay_date: Date | None = field("发放日期", element=None, default=None)


class RuralRenovationSubsidy(RuralKind):
    """农村危房改造补助资金分配: how a grant is shared out among households, villages or townships.

    国办发〔2017〕97号 二（一）1 names the allocation; it is published within twenty working days of the decision.
    """

    stage = Stage.AWARD
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (twenty_working_days("allocation_date"), AT_ONCE)
    natural_key = ("region_code", "plan_year", "fund_doc_no", "batch_no")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；{CATALOGUE}"
    fixed = ("fund_doc_no", "batch_no")

    notice_name: Title = field("标题")
    fund_doc_no: Annotated[str, Str(100)] = field("资金文号")
    batch_no: BatchNo | None = field("批次", default=None)
    fund_source: Annotated[str, Code("fund_level")] = field("资金来源层级")
    total_amount: Price = field("补助总额")
    price_unit: PriceUnit = field("金额单位")
    total_households: Units = field("补助户数")
    allocation_date: Date = field("分配结果确定日期")
    details: list[SubsidyShare] = field("分配明细", min_length=1, max_length=5_000)

    plausible_total: ClassVar[Check] = plausible("total_amount", "price_unit")

    @advice(at="total_amount")
    def sum_of_the_shares(self) -> PydanticCustomError | None:
        listed = sum((share.amount for share in self.details), Decimal(0))
        return None if listed == self.total_amount else SUBSIDY_SUM(listed=format(listed, "f"))

    @advice(at="total_households")
    def as_many_households_as_are_listed(self) -> PydanticCustomError | None:
        # Shares of villages and townships stand for many households, so only a list of households can be counted.
        if any(share.head_name is None for share in self.details) or len(self.details) == self.total_households:
            return None
        return SUBSIDY_HOUSEHOLDS(listed=len(self.details))


class RenovatedDwelling(Part):
    """改造明细: one household's dwelling after its renovation."""

    natural_person = True

    head_name: PersonalName | None = field("户主姓名", scope=Scope.MASKED, element=None, default=None)
    village: Place | None = field("村", element=None, default=None)
    renovation_mode: RenovationMode | None = field("改造方式", element=None, default=None)
    area: Annotated[Decimal, Amount(10, 2)] | None = field("改造后面积(㎡)", element=None, default=None)
    completion_date: Date | None = field("竣工日期", element=None, default=None)
    accept_result: Annotated[str, Code("accept_result")] | None = field("验收结果", element=None, default=None)


class RuralRenovationResult(RuralKind):
    """农村危房改造结果: how many dwellings were started, completed and accepted by a day.

    国办发〔2017〕97号 二（一）1 names the results of renovation; 政府信息公开条例 第二十六条 gives the time to publish them.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENT
    clocks = (twenty_working_days("stat_date"), AT_ONCE)
    natural_key = ("region_code", "plan_year", "batch_no")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；{CATALOGUE}"
    fixed = ("batch_no",)

    notice_name: Title = field("标题")
    batch_no: BatchNo | None = field("批次", default=None)
    planned_households: Units = field("计划改造户数")
    started_households: Units = field("开工户数")
    completed_households: Units = field("竣工户数")
    accepted_households: Units = field("验收合格户数")
    stat_date: Date = field("统计截止日期")
    accept_org: ShortText = field("验收单位")
    details: list[RenovatedDwelling] | None = field("改造明细", default=None, max_length=5_000)

    started_of_planned: ClassVar[Check] = hardly_more("started_households", "planned_households")
    completed_of_started: ClassVar[Check] = at_most("completed_households", "started_households")
    accepted_of_completed: ClassVar[Check] = at_most("accepted_households", "completed_households")
