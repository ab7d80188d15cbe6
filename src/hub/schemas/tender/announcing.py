"""What calls for bids and calls for prequalification have in common."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import (
    as_many,
    in_order,
    lasts,
    money,
    needed,
    plausible,
    sections_of_project,
    together,
)
from hub.schemas.kind import Scope, field
from hub.schemas.rules import Check, Rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceUnit
from hub.schemas.tender.base import TenderKind
from hub.schemas.tender.periods import DOCUMENT_SALE
from hub.schemas.types import (
    Code,
    Count,
    DealCodes,
    Instant,
    PartyCode,
    SectionCodes,
    ShortText,
    Str,
    Text,
    Url,
    YesNo,
)

POSTPONED = Rule(
    "correction-says-postponed",
    "更正公告须说明是否延期开标",
    "a correction (`notice_nature` 2) says whether the opening is postponed",
)

PREQUALIFICATION = "2"
"""Code of `bulletin_type`."""


class Announcing(TenderKind):
    """A call for bids or for prequalification (dataset 503, which has both).

    招标公告和公示信息发布管理办法（国家发展改革委令第10号）第五条 says what it contains. The opinion names five of these
    contents; the data specification buries them in NOTICE_CONTENT, here they are fields of their own.
    """

    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 503
    dataset_name = "TENDER_ANN_QUA_INQUERY_ANN"
    ggzy_stage = "0101"
    natural_key = ("tender_project_code", "notice_name", "notice_send_time")
    label = "notice_name"
    basis = "招标公告和公示信息发布管理办法（国家发展改革委令第10号）第五条"

    notice_bid_num: Annotated[int, Count(2)] = field("公告标段（包）数量")
    bid_section_codes: SectionCodes | None = field("相关标段（包）编号", default=None)
    trad_center_name: Annotated[str, Str(2000)] | None = field("交易中心名称", default=None)
    unified_deal_codes: DealCodes = field("统一交易标识码", scope=Scope.GOVERNMENT)
    tender_self_code: Annotated[str, Str(600)] = field("招标编号")
    notice_name: Annotated[str, Str(600)] = field("公告标题")
    notice_content: Text = field("公告内容")
    notice_send_time: Instant = field("公告发布时间")
    notice_media: Annotated[str, Str(1000)] = field("公告发布媒体")
    url: Url = field("公告源URL")
    notice_nature: Annotated[str, Code("notice_nature")] = field("公告性质")
    bulletin_type: Annotated[str, Code("bulletin_type")] = field("公告类型")
    doc_get_start_time: Instant = field("招标文件/资格预审文件获取时间")
    doc_get_end_time: Instant = field("招标文件/资格预审文件获取截止时间")
    tender_doc_get_method: Annotated[str, Str(500)] = field("招标文件/资格预审文件获取方法")
    bid_doc_refer_end_time: Instant = field("投标文件/资格预审申请文件递交截止时间")
    is_postpone: YesNo | None = field("是否延期开标", default=None)
    bid_open_time: Instant = field("开标时间/开启时间")
    doc_price: Price | None = field("文件售价", default=None)
    doc_price_currency: Currency | None = field("文件售价币种", default=None)
    doc_price_unit: PriceUnit | None = field("文件售价单位", default=None)
    bid_doc_refer_method: Annotated[str, Str(500)] = field("投标文件/资格预审申请文件递交方法")
    syndicated_flag: YesNo = field("是否允许联合体投标")
    tenderer_code: PartyCode = field("招标人代码", party_code=True)
    tenderer_name: ShortText = field("招标人名称")
    tenderer_address: ShortText = field("招标人地址")
    tenderer_contactor: Annotated[str, Str(100)] = field("招标人联系人")
    tenderer_phone_number: Annotated[str, Str(20)] = field("招标人联系电话")
    tenderer_email: Annotated[str, Str(100)] = field("招标人电子邮箱")
    tender_agency_code: PartyCode | None = field("招标代理机构代码", party_code=True, default=None)
    tender_agency_name: ShortText | None = field("招标代理机构名称", default=None)
    tender_agency_address: ShortText | None = field("招标代理机构地址", default=None)
    tender_agency_contactor: Annotated[str, Str(100)] | None = field("招标代理机构联系人", default=None)
    tender_agency_phone_number: Annotated[str, Str(20)] | None = field("招标代理机构联系电话", default=None)
    tender_agency_email: Annotated[str, Str(100)] | None = field("招标代理机构电子邮箱", default=None)
    other_content: Text | None = field("其他内容", default=None)
    bulletin_duty: Annotated[str, Str(50)] = field("公告发布责任人", scope=Scope.GOVERNMENT)
    bulletin_duty_code_type: Annotated[str, Str(50)] = field("交易平台验证责任人", scope=Scope.GOVERNMENT)
    tender_conditions: Text = field(
        "招标条件", element=None, description="The approval's number, the source of funds and whether they are there."
    )
    funding_source: Annotated[str, Str(1000)] = field("资金来源", element=None)
    project_overview: Text = field("项目概况", element=None, description="What is built, how large and where.")
    tender_scope: Text = field("招标范围", element=None)
    bidder_qualification: Text = field("投标人资格要求", element=None)
    e_platform_url: Url | None = field("电子交易平台网址", element=None, default=None)
    e_platform_method: Text | None = field("访问电子交易平台的方法", element=None, default=None)
    estimate_price: Price | None = field("招标估算价/最高限价", element=None, default=None)
    estimate_price_currency: Currency | None = field("估算价币种", element=None, default=None)
    estimate_price_unit: PriceUnit | None = field("估算价单位", element=None, default=None)

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_codes")
    section_count: ClassVar[Check] = as_many("notice_bid_num", "bid_section_codes")
    documents_in_order: ClassVar[Check] = in_order("doc_get_start_time", "doc_get_end_time")
    deadline_after_documents: ClassVar[Check] = in_order("doc_get_start_time", "bid_doc_refer_end_time")
    opening_after_deadline: ClassVar[Check] = in_order("bid_doc_refer_end_time", "bid_open_time")
    postponed_or_not: ClassVar[Check] = needed("is_postpone", POSTPONED, where="notice_nature", is_in=("2",))
    document_currency, document_unit = money("doc_price", currency="doc_price_currency", unit="doc_price_unit")
    estimate_currency, estimate_unit = money(
        "estimate_price", currency="estimate_price_currency", unit="estimate_price_unit"
    )
    whole_agency: ClassVar[Check] = together(
        "tender_agency_code",
        "tender_agency_name",
        "tender_agency_address",
        "tender_agency_contactor",
        "tender_agency_phone_number",
        "tender_agency_email",
    )
    whole_e_platform: ClassVar[Check] = together("e_platform_url", "e_platform_method")

    five_days_of_sale, fifth_day_of_sale = lasts("doc_get_start_time", "doc_get_end_time", 5, DOCUMENT_SALE)
    plausible_estimate: ClassVar[Check] = plausible("estimate_price", "estimate_price_unit")
