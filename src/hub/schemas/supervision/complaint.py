"""投诉."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice
from hub.schemas.shared import SubjectType
from hub.schemas.supervision.base import SUPERVISORS, SupervisedSection
from hub.schemas.types import Code, Instant, PartyCode, ShortText, Str, Text, YesNo, beijing_day
from hub.schemas.workdays import working_days_between

ACCEPTED_LATE = Rule(
    "complaint-accepted-late",
    "应自收到投诉之日起 3 个工作日内决定是否受理（招标投标法实施条例 第六十一条）",
    "whether a complaint is accepted is decided within three working days (招标投标法实施条例 第六十一条)",
)
HANDLED_LATE = Rule(
    "complaint-handled-late",
    "应自受理之日起 30 个工作日内作出处理决定，检验、检测、鉴定、专家评审所需时间不计算在内（招标投标法实施条例 第六十一条）",
    "a complaint is decided within 30 working days of its acceptance, not counting tests, appraisals and expert "
    "reviews (招标投标法实施条例 第六十一条)",
)

DAYS_TO_ACCEPT, DAYS_TO_HANDLE = 3, 30
"""Working days."""


class ComplaintRecord(SupervisedSection):
    """投诉信息: a complaint about a section and the department's decision; who complained is not public.

    招标投标法实施条例 第六十条, 第六十一条; 公共资源交易平台系统数据规范 V2.0, dataset 404.
    """

    stage = Stage.SUPERVISION
    discloser = SUPERVISORS
    clocks = (twenty_working_days("handle_date"), AT_ONCE)
    dataset = 404
    dataset_name = "COMPLAINT_INFO"
    natural_key = ("bid_section_code", "complaint_date", "complainted_body_code")
    label = "bid_section_name"
    basis = "招标投标法实施条例 第六十条、第六十一条；公共资源交易平台系统数据规范 V2.0"

    complaint_name: Annotated[str, Str(100)] = field("投诉者姓名", scope=Scope.GOVERNMENT)
    complaint_phone: Annotated[str, Str(50)] = field("投诉者电话", scope=Scope.GOVERNMENT)
    complaint_mail: Annotated[str, Str(100)] = field("投诉者邮箱", scope=Scope.GOVERNMENT)
    complainted_body_name: ShortText = field("被投诉主体名称", scope=Scope.GOVERNMENT)
    complainted_body_type: SubjectType = field("被投诉者类别")
    complainted_body_code: PartyCode = field("被投诉主体代码", scope=Scope.GOVERNMENT, party_code=True)
    dissent_reason: Text = field("依据和理由", scope=Scope.GOVERNMENT)
    complaint_content: Text = field("投诉内容")
    complaint_date: Instant = field("投诉日期")
    accept_date: Instant = field("受理日期")
    handle_result: Text = field("处理结果")
    handle_basis: Text = field("处理依据")
    handle_date: Instant = field("处理时间")
    confined_action: Annotated[str, Code("confined_action")] = field("限制的行为")
    start_date: Instant = field("限制行为开始时间")
    end_date: Instant = field("限制行为结束时间")
    dealing_unit: ShortText = field("处理单位")
    enter_credit_plat: YesNo = field("处理结果是否进入信用平台", scope=Scope.GOVERNMENT)
    signature: Text = field("处理人电子签名", scope=Scope.GOVERNMENT)

    accepted_after_complaint: ClassVar[Check] = in_order("complaint_date", "accept_date")
    handled_after_acceptance: ClassVar[Check] = in_order("accept_date", "handle_date")
    confined_in_order: ClassVar[Check] = in_order("start_date", "end_date")

    @advice(at="accept_date")
    def accepted_in_time(self) -> PydanticCustomError | None:
        took = working_days_between(beijing_day(self.complaint_date), beijing_day(self.accept_date))
        return ACCEPTED_LATE() if took > DAYS_TO_ACCEPT else None

    @advice(at="handle_date")
    def handled_in_time(self) -> PydanticCustomError | None:
        took = working_days_between(beijing_day(self.accept_date), beijing_day(self.handle_date))
        return HANDLED_LATE() if took > DAYS_TO_HANDLE else None
