"""行政监管和报警: what a department checked, and what a system warned it of."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.supervision.base import SUPERVISORS, SupervisedSection
from hub.schemas.types import Code, Instant, PartyCode, RegionCode, ShortText, Str, Text, YesNo

TradeClass = Annotated[str, Code("trade_class")]
ExchangeType = Annotated[str, Code("exchange_type")]


class AdminSupervisionItem(SupervisedSection):
    """行政监管事项信息: one check of a section by the department in charge, its law and its outcome.

    国办发〔2017〕97号 三（二）; 公共资源交易平台系统数据规范 V2.0, dataset 400.
    """

    stage = Stage.SUPERVISION
    discloser = SUPERVISORS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 400
    dataset_name = "ADMIN_SUPER_ITEM_INFO"
    natural_key = ("bid_section_code", "approval_project", "approval_date")
    label = "bid_section_name"
    basis = "国办发〔2017〕97号 三（二）；公共资源交易平台系统数据规范 V2.0"

    project_type: TradeClass = field("项目类型")
    trade_type: ExchangeType = field("交易方式")
    trade_step: Text = field("交易环节")
    approval_project: Text = field("监管事项")
    supervise_dept: ShortText = field("监管单位", element="GOVERMENT")
    area: RegionCode = field("行政区域")
    law: Text = field("法律法规政策依据")
    is_past: YesNo = field("是否通过", scope=Scope.GOVERNMENT)
    content: Text = field("监管意见", scope=Scope.GOVERNMENT)
    approval_date: Instant = field("监管时间", scope=Scope.GOVERNMENT)
    signature: Text = field("审批人电子签名", scope=Scope.GOVERNMENT)


class ProjectAlert(SupervisedSection):
    """项目报警信息: a warning about a section and what came of it; for the government exchange alone.

    国办发〔2017〕97号 三（二）; 公共资源交易平台系统数据规范 V2.0, dataset 402.
    """

    stage = Stage.SUPERVISION
    discloser = SUPERVISORS
    clocks = (AT_ONCE,)
    dataset = 402
    dataset_name = "PROJECT_ALERTING_INFO"
    natural_key = ("bid_section_code", "alert_date", "supervisory_node")
    label = "bid_section_name"
    basis = "公共资源交易平台系统数据规范 V2.0"
    government_only = True

    project_type: TradeClass = field("项目类型")
    trade_type: ExchangeType = field("交易方式")
    body_name: ShortText = field("责任主体名称", scope=Scope.GOVERNMENT)
    body_code: PartyCode = field("责任主体代码", scope=Scope.GOVERNMENT, party_code=True)
    supervisor_unit_name: ShortText = field("监管单位名称", scope=Scope.GOVERNMENT)
    supervisor_unit_code: PartyCode = field("监管单位代码", party_code=True)
    supervisory_node: Annotated[str, Str(50)] = field("监督节点描述", scope=Scope.GOVERNMENT)
    alert_level: Annotated[str, Code("alert_level")] = field("报警等级", scope=Scope.GOVERNMENT)
    alert_date: Instant = field("报警时间", scope=Scope.GOVERNMENT)
    alert_info: ShortText = field("报警信息", scope=Scope.GOVERNMENT)
    handled: YesNo = field("是否已处理", scope=Scope.GOVERNMENT)
    handle_result: Text = field("处理结果", scope=Scope.GOVERNMENT)
    publish_date: Instant = field("发布日期", scope=Scope.GOVERNMENT, element="PULISH_DATE")
    confined_action: Annotated[str, Code("confined_action")] = field("限制的行为", scope=Scope.GOVERNMENT)
    start_date: Instant = field("限制行为开始时间", scope=Scope.GOVERNMENT)
    end_date: Instant = field("限制行为结束时间", scope=Scope.GOVERNMENT)
    operator: Annotated[str, Str(100)] = field("处理人", scope=Scope.GOVERNMENT)
    enter_credit_plat: YesNo = field("处理结果是否进入信用平台", scope=Scope.GOVERNMENT)
    signature: Text = field("处理人电子签名", scope=Scope.GOVERNMENT)

    alerted_before_publication: ClassVar[Check] = in_order("alert_date", "publish_date")
    confined_in_order: ClassVar[Check] = in_order("start_date", "end_date")
