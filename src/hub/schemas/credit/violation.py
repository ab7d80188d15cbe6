"""违法违规."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import seven_working_days, twenty_working_days
from hub.schemas.codes import regions
from hub.schemas.common_rules import in_order, sections_of_project
from hub.schemas.credit.base import DEPARTMENTS, CreditKind, ScopedCreditKind
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.types import (
    Code,
    Count,
    Date,
    DealCode,
    ExactStr,
    Guid,
    Instant,
    PartyCode,
    SectionCode,
    ShortText,
    Str,
    TenderProjectCode,
    Text,
    beijing_day,
)

VIOLATION_LATER = Rule(
    "violation-after-publication",
    "违规时间不得晚于发布日期",
    "a violation is published on the day it happened or later",
)
VIOLATION_AREA = Rule(
    "violation-area",
    "区域代码前 6 位应为行政区划代码（GB/T 2260），后 3 位为乡镇街道代码，没有时填 000",
    "the first six digits are a region (GB/T 2260), the last three a township, 000 where there is none",
)
ANNOUNCED_LONG_ENOUGH = Rule(
    "announced-six-months",
    "违法行为记录公告期限一般不少于 6 个月（招标投标违法行为记录公告暂行办法）",
    "a record of a violation is announced for six months at least (招标投标违法行为记录公告暂行办法)",
)

SHORTEST_ANNOUNCEMENT = 6
"""Months."""


class ViolationRecord(ScopedCreditKind):
    """违法违规信息: what a party did wrong in a project, and what follows for it.

    国办发〔2017〕97号 二（一）6, 二（四）; 公共资源交易平台系统数据规范 V2.0, dataset 300.
    """

    stage = Stage.CREDIT
    discloser = DEPARTMENTS
    clocks = (seven_working_days(),)
    dataset = 300
    dataset_name = "VIOLATING_LAWS_RULES_INFO"
    natural_key = ("violating_code",)
    label = "violating_name"
    basis = "国办发〔2017〕97号 二（一）6、二（四）"
    fixed = ("violating_code",)

    violating_code: Guid = field("违法违规信息标识号", scope=Scope.PER_RECORD)
    violating_name: Annotated[str, Str(600)] = field("违规事项名称", scope=Scope.PER_RECORD)
    violating_time: Date = field("违规时间", scope=Scope.PER_RECORD)
    violating_type: Annotated[str, Code("violating_type")] = field("违规类型", scope=Scope.PER_RECORD)
    area: Annotated[str, ExactStr(9)] = field(
        "区域代码",
        scope=Scope.PER_RECORD,
        description="A region of six digits and three digits of the township, 000 where there is none.",
    )
    reward_punishment_type: Annotated[str, Code("reward_punish_type")] = field(
        "奖惩或处罚类型", scope=Scope.PER_RECORD, element="REWARD_PUNISHMENT_BODY"
    )
    violating_instructions: Text = field("违法违规说明", scope=Scope.PER_RECORD)
    government: ShortText = field("违法违规通报部门", scope=Scope.PER_RECORD)
    tender_project_name: ShortText = field("招标项目（采购项目）名称", scope=Scope.PER_RECORD)
    tender_project_code: TenderProjectCode = field("招标项目（采购项目）编号", scope=Scope.PER_RECORD)
    bid_section_code: SectionCode = field("标段（包）编号", scope=Scope.PER_RECORD)
    bid_section_name: Annotated[str, Str(500)] = field("标段（包）名称", scope=Scope.PER_RECORD)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.PER_RECORD)
    document_code: Annotated[str, Str(50)] = field("处理文件文号", scope=Scope.PER_RECORD)
    punishment_basis: Text = field("处罚依据", scope=Scope.PER_RECORD)
    punishment_result: Text = field("处罚结果", scope=Scope.PER_RECORD)
    confined_action: Annotated[str, Code("confined_action")] = field("限制的行为", scope=Scope.PER_RECORD)
    confined_start: Instant = field("限制行为开始时间", scope=Scope.PER_RECORD)
    confined_end: Instant = field("限制行为结束时间", scope=Scope.PER_RECORD)
    operate_date: Instant = field("发布日期", scope=Scope.PER_RECORD)

    section_belongs: ClassVar[Check] = sections_of_project("bid_section_code")
    confined_in_order: ClassVar[Check] = in_order("confined_start", "confined_end")

    @rule(at="violating_time")
    def violated_before_it_is_published(self) -> PydanticCustomError | None:
        published = beijing_day(self.operate_date)
        return VIOLATION_LATER() if self.violating_time > published else None

    @advice(at="area")
    def area_is_a_region(self) -> PydanticCustomError | None:
        return None if self.area[:6] in regions() else VIOLATION_AREA()

    def entry(self) -> str:
        """The record's own identifier."""
        return self.violating_code


class BiddingViolationAnnouncement(CreditKind):
    """招标投标违法行为记录公告: a decision against a party to a tender, announced for months.

    招标投标违法行为记录公告暂行办法: announced within 20 working days of the decision; 国办发〔2017〕97号 二（一）6.
    """

    stage = Stage.CREDIT
    discloser = DEPARTMENTS
    clocks = (twenty_working_days("decision_date"),)
    natural_key = ("decision_doc_no", "party_code")
    label = "decision_doc_no"
    basis = "国办发〔2017〕97号 二（一）6；招标投标违法行为记录公告暂行办法"
    supervision = "招标投标行政监督部门"
    fixed = ("decision_doc_no",)

    party_name: ShortText = field("被处理当事人名称（姓名）", scope=Scope.MASKED)
    party_code: PartyCode = field(
        "当事人代码",
        party_code=True,
        description="By it a natural person is known, whose name the public does not see.",
    )
    violation: Text = field("违法行为")
    decision_basis: Text = field("处理依据")
    decision: Text = field("处理决定")
    decision_doc_no: Annotated[str, Str(100)] = field("决定文号")
    decision_date: Date = field("处理时间")
    authority_name: ShortText = field("处理机关")
    publish_period_months: Annotated[int, Count(3)] = field("公告期限（月）")

    @advice(at="publish_period_months")
    def announced_long_enough(self) -> PydanticCustomError | None:
        return ANNOUNCED_LONG_ENOUGH() if self.publish_period_months < SHORTEST_ANNOUNCEMENT else None

    def subject(self) -> str | None:
        """The party's code."""
        return self.party_code

    def entry(self) -> str:
        """The number of the decision."""
        return self.decision_doc_no
