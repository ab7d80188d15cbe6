"""专家信用."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Domain, Kind, Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.supervision.base import SUPERVISORS
from hub.schemas.threads import crowd
from hub.schemas.types import Code, Date, DealCode, IdNumber, Instant, PartyCode, SectionCode, ShortText, Str, Text


class ExpertCreditRecord(Kind):
    """专家信用记录: how an evaluation expert was rewarded or punished; for the government exchange alone.

    评标专家和评标专家库管理暂行办法; 公共资源交易平台系统数据规范 V2.0, dataset 208.
    """

    domain = Domain.SUPERVISION
    stage = Stage.CREDIT
    discloser = SUPERVISORS
    clocks = (AT_ONCE,)
    dataset = 208
    dataset_name = "EXPERT_CREDIT_RECORD"
    natural_key = ("id_card", "unified_deal_code")
    label = "tender_project_code"
    basis = "公共资源交易平台系统数据规范 V2.0"
    natural_person = True
    government_only = True
    fixed = ("id_card", "unified_deal_code")

    id_card: IdNumber = field("专家身份证件号码", scope=Scope.GOVERNMENT, party_code=True)
    reward_punishment_type: Annotated[str, Code("reward_punish_type")] = field("奖惩类型", scope=Scope.GOVERNMENT)
    tender_project_name: ShortText = field("招标项目（采购项目）名称", scope=Scope.GOVERNMENT)
    tender_project_code: Annotated[str, Str(50)] = field("招标项目（采购项目）编号")
    bid_section_name: Annotated[str, Str(500)] | None = field("标段（包）名称", default=None)
    bid_section_code: SectionCode | None = field("标段（包）编号", default=None)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    approve_dept_name: ShortText = field("监督部门名称", scope=Scope.GOVERNMENT)
    approve_dept_code: PartyCode = field("监督部门代码", party_code=True)
    violating_basis: Text = field("处罚依据", scope=Scope.GOVERNMENT)
    violating_result: Text = field("处罚结果", scope=Scope.GOVERNMENT)
    publish_date: Date = field("发布日期", scope=Scope.GOVERNMENT, element="PULISH_DATE")
    confined_action: Annotated[str, Code("confined_action")] = field("限制的行为", scope=Scope.GOVERNMENT)
    start_date: Instant = field("限制行为开始时间", scope=Scope.GOVERNMENT)
    end_date: Instant | None = field("限制行为结束时间", scope=Scope.GOVERNMENT, default=None)
    operator: Annotated[str, Str(100)] = field("发布人", scope=Scope.GOVERNMENT)
    operate_date: Instant = field("发布时间", scope=Scope.GOVERNMENT)

    confined_in_order: ClassVar[Check] = in_order("start_date", "end_date")

    def thread(self, platform: str) -> str:
        """One of the threads that the platform's persons share."""
        return f"credit:{platform}:{crowd(self.id_card)}"
