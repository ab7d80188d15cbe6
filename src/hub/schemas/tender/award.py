"""定标阶段: the result."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import plausible, price_form, together
from hub.schemas.kind import Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import (
    PROJECT_DISCLOSERS,
    Currency,
    Price,
    PriceForm,
    PriceUnit,
    RecordId,
    SubjectRole,
    SubjectType,
)
from hub.schemas.tender.base import SectionKind
from hub.schemas.types import Code, Date, Instant, PartyCode, PartyCodes, RegionCode, ShortText, Str, Text, Url


class WinResultNotice(SectionKind):
    """中标结果公告: who won a section, and at what price.

    招标公告和公示信息发布管理办法（国家发展改革委令第10号）第六条: the notice names the winner.
    """

    stage = Stage.AWARD
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 513
    dataset_name = "WIN_RESULT_ANNO"
    ggzy_stage = "0104"
    natural_key = ("bid_section_code", "notice_send_time")
    label = "notice_name"
    basis = "招标公告和公示信息发布管理办法（国家发展改革委令第10号）第六条"

    region_code: RegionCode = field("标段（包）所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    tender_agency_name: ShortText | None = field("招标代理机构名称", default=None)
    tender_agency_code: PartyCode = field("招标代理机构代码", party_code=True)
    notice_name: Annotated[str, Str(600)] = field("公告标题")
    notice_content: Text = field("公告内容")
    notice_send_time: Instant = field("公告发布时间")
    notice_media: Annotated[str, Str(1000)] = field("公告发布媒体")
    url: Url = field("公告源URL")
    notice_nature: Annotated[str, Code("notice_nature")] = field("公告性质")
    bulletin_type: Annotated[str, Code("bulletin_type")] = field("公告类型")
    win_bidder_name: ShortText = field("中标投标人名称")
    bidder_code_type: SubjectType = field("中标投标人类别")
    win_bidder_code: PartyCodes = field("中标投标人代码", party_code=True)
    bidder_role: SubjectRole = field("中标投标人角色")
    union_code: PartyCodes | None = field("联合体代码", party_code=True, default=None)
    union_name: Annotated[str, Str(1000)] | None = field("联合体名称", party_code=True, default=None)
    price_form_code: PriceForm = field("价款形式代码")
    bid_amount: Price | None = field("中标金额", default=None)
    bid_currency: Currency | None = field("价格币种代码", default=None)
    price_unit: PriceUnit | None = field("价格单位", default=None)
    other_bid_price: Text | None = field("费率或其它类型结果", default=None)
    other_content: Text | None = field("其他内容", default=None)
    bulletin_duty: Annotated[str, Str(50)] = field("公示发布责任人")
    examiner_name: Annotated[str, Str(50)] = field("交易平台数据验证责任人姓名")
    related_publicity_id: RecordId | None = field(
        "关联中标候选人公示",
        element=None,
        default=None,
        description="The publicity's record, `platform/winning_candidate_publicity/data_key`, where the sender knows it.",
    )
    win_notice_date: Date | None = field("中标通知书发出日期", element=None, default=None)

    whole_union: ClassVar[Check] = together("union_code", "union_name")
    amount_given, currency_given, unit_given, text_given = price_form(
        amount="bid_amount", currency="bid_currency", unit="price_unit", other="other_bid_price"
    )
    plausible_amount: ClassVar[Check] = plausible("bid_amount", "price_unit")
