"""采购变更阶段."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, twenty_working_days
from hub.schemas.common_rules import POSTPONED_TO, in_order, needed
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.procurement.base import Contacts, NamedProject
from hub.schemas.rules import Check
from hub.schemas.shared import PROJECT_DISCLOSERS, RecordId
from hub.schemas.types import Code, Date, DealCode, Instant, ShortText, Str, Text, Url, YesNo


class CorrectedItem(Part):
    """更正内容: one statement of the notice or the documents, before and after."""

    item: ShortText = field("更正项", element=None)
    before: Text = field("更正前内容", element=None)
    after: Text = field("更正后内容", element=None)


class ProcurementCorrection(Contacts, NamedProject):
    """更正事项: what is corrected in a notice, in the documents or in a result.

    财办库〔2020〕50号 gives its contents; 国办发〔2017〕97号 二（三） counts changes among what is published and shared.
    """

    stage = Stage.CHANGE
    discloser = PROJECT_DISCLOSERS
    clocks = (twenty_working_days("correction_date"), AT_ONCE)
    dataset = 552
    dataset_name = "CORRECTION_ITEM"
    ggzy_stage = "0204"
    natural_key = ("purchase_project_code", "purchase_section_code", "modification_start_time")
    label = "termination_bulletin_title"
    basis = "财办库〔2020〕50号；国办发〔2017〕97号 二（三）"

    purchase_section_code: Annotated[str, Str(50)] = field("采购项目子包编号")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    termination_bulletin_title: Annotated[str, Str(50)] = field("公告标题")
    termination_bulletin_content: Text = field("公告内容")
    modification_start_time: Instant = field("发布时间")
    is_postpone: YesNo = field("是否延期")
    post_bid_closing_time: Instant | None = field("延期后投标（提交响应文件）截止时间", default=None)
    url: Url = field("公告源URL")
    original_notice_id: RecordId | None = field(
        "原公告记录号",
        element=None,
        default=None,
        description="The notice's record, `platform/procurement_notice/data_key`, where the sender knows it.",
    )
    first_notice_date: Date = field("首次公告日期", element=None)
    correction_target: Annotated[str, Code("correction_target")] = field("更正事项类别", element=None)
    items: list[CorrectedItem] = field("更正内容", element=None, min_length=1, max_length=200)
    correction_date: Date = field("更正日期", element=None)

    postponed_to: ClassVar[Check] = needed("post_bid_closing_time", POSTPONED_TO, where="is_postpone", is_in=("1",))
    corrected_after_notice: ClassVar[Check] = in_order("first_notice_date", "correction_date")


class ProcurementTermination(Contacts, NamedProject):
    """终止公告: a procurement that ends without a supplier, and why.

    财办库〔2020〕50号 gives its contents; 政府采购法 第三十六条 gives the grounds on which a tender is abandoned.
    """

    stage = Stage.CHANGE
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    ggzy_stage = "0204"
    natural_key = ("purchase_project_code", "publish_time")
    label = "purchase_project_name"
    basis = "财办库〔2020〕50号；国办发〔2017〕97号 二（三）"

    termination_reason: Text = field("项目终止的原因")
    other_matters: Text | None = field("其他补充事宜", default=None)
    publish_time: Instant = field("发布时间")
