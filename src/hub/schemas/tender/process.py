"""开标与评标阶段."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import sections_of_project
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import PROJECT_DISCLOSERS
from hub.schemas.tender.base import SectionKind, TenderKind
from hub.schemas.types import Code, DealCodes, Instant, SectionCodes, ShortText, Str, Text, Url


class BidOpeningRecord(TenderKind):
    """开标记录: who was there when the bids were opened, and what was read out.

    招标投标法 第三十六条: the opening is recorded and the record kept.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 506
    dataset_name = "BID_OPENING_RECORD"
    ggzy_stage = "0102"
    natural_key = ("bid_section_codes", "bid_opening_time")
    label = "notice_name"
    basis = "招标投标法 第三十六条；国办发〔2017〕97号 二（三）"

    bid_section_codes: SectionCodes = field("相关标段（包）编号")
    unified_deal_codes: DealCodes = field("相关统一交易标识码", scope=Scope.GOVERNMENT)
    notice_name: Annotated[str, Str(600)] = field("开标记录标题")
    bid_opening_actor: Annotated[str, Str(500)] = field("开标参与人")
    bid_opening_content: Text = field("开标记录内容")
    bid_opening_address: ShortText = field("开标地点")
    bid_opening_time: Instant = field("开标时间")
    url: Url = field("开标记录源URL")

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_codes")


class EvaluationReport(SectionKind):
    """评标报告: how the bids for a section were evaluated; the text of the report stays with the government.

    招标投标法 第四十条 and 招标投标法实施条例 第五十三条: the committee reports in writing to the tenderer.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 509
    dataset_name = "EVALUATION_REPORT"
    ggzy_stage = "0104"
    natural_key = ("bid_section_code", "end_time")
    label = "notice_name"
    basis = "招标投标法 第四十条；招标投标法实施条例 第五十三条"

    notice_name: Annotated[str, Str(600)] = field("评标报告标题")
    evaluation_content: Text = field("评标报告正文", scope=Scope.GOVERNMENT)
    end_time: Instant = field("评标结束时间")
    evaluation_result: Annotated[str, Code("evaluation_result")] = field("评标结果")
    url: Url = field("报告源URL")
