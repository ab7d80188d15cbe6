"""招标文件与资格预审文件: what bidders and applicants are given, and what is clarified later."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, Ahead
from hub.schemas.common_rules import (
    POSTPONED_TO,
    in_order,
    money,
    needed,
    plausible,
    price_form,
    sections_of_project,
)
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceForm, PriceUnit
from hub.schemas.tender.base import TenderKind, whole_units
from hub.schemas.tender.periods import CLARIFICATION
from hub.schemas.types import (
    Code,
    Codes,
    DealCodes,
    ExactStr,
    Instant,
    SectionCodes,
    ShortText,
    Str,
    Text,
    Url,
    YesNo,
)

POSTPONED_PLACE = Rule(
    "tender-postponed-place", "延期时须填写延期后的开标地点", "the new place is needed where the opening is postponed"
)
SECURITY_SHARE = Rule(
    "bid-security-share",
    "投标保证金超过控制价的 2%，不得超过招标项目估算价的 2%（招标投标法实施条例 第二十六条）",
    "the bid security is over 2 % of the ceiling price; it may not exceed 2 % of the project's estimate "
    "(招标投标法实施条例 第二十六条)",
)
DOCUMENT_NUMBER = Rule(
    "tender-document-number",
    "文件编号的前 23 位应为相关标段（包）编号之一",
    "a document's number begins with the code of one of its sections",
)

LARGEST_SECURITY = Decimal("0.02")
"""Of the estimate, at most."""

BEFORE_BIDS = Ahead(id="D-CLAR15", days=15, of="bid_doc_refer_end_time", basis="招标投标法实施条例 第二十一条")
BEFORE_APPLICATIONS = Ahead(id="D-CLARPQ3", days=3, of="doc_submit_end_time", basis="招标投标法实施条例 第二十一条")


def postponed_fully() -> tuple[Check, Check]:
    """The two rules of a postponed opening: its new time and its new place are given."""
    return (
        needed("post_open_time", POSTPONED_TO, where="is_postpone", is_in=("1",)),
        needed("post_open_address", POSTPONED_PLACE, where="is_postpone", is_in=("1",)),
    )


def clarified_ahead(clarified: str, deadline: str, days: int) -> Check:
    """Advice: `clarified` lies at least `days` calendar days before `deadline`, or before the postponed opening."""

    @advice(at=deadline)
    def check(payload: Any) -> PydanticCustomError | None:
        until = payload.post_open_time or getattr(payload, deadline)
        return CLARIFICATION(days=days) if (until - getattr(payload, clarified)).days < days else None

    return check


class TenderDocument(TenderKind):
    """招标文件/澄清与修改: the documents that bids are made by, and what is clarified or changed in them.

    招标投标法 第十九条 says what they contain, 招标投标法实施条例 第二十一条 how late they may be clarified.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, BEFORE_BIDS, AT_ONCE)
    dataset = 504
    dataset_name = "TENDER_FILE_CLARI_MODI"
    ggzy_stage = "0105"
    natural_key = ("tender_project_code", "doc_no", "doc_version")
    label = "doc_name"
    basis = "招标投标法 第十九条；招标投标法实施条例 第二十一条"

    bid_section_code: SectionCodes = field("相关标段（包）编号")
    unified_deal_codes: DealCodes = field("相关统一交易标识码", scope=Scope.GOVERNMENT)
    doc_no: Annotated[str, ExactStr(26)] | None = field(
        "文件编号", default=None, description="A section's code and three characters."
    )
    doc_name: Annotated[str, Str(600)] = field("文件名称")
    bid_qualification: Text = field("投标资格")
    bid_doc_refer_end_time: Instant = field("投标文件递交截止时间")
    valid_period: Annotated[int, Field(strict=True, ge=1, le=99_999)] = field("投标有效期", description="In days.")
    bid_doc_refer_method: Text = field("投标文件递交方法")
    margin_pay_type: Annotated[list[str], Codes("margin_pay")] = field("投标保证金缴纳方式")
    price_form_code: PriceForm = field("价款形式代码", description="The form of the bid security.")
    margin_amount: Price | None = field("投标保证金金额", default=None)
    margin_currency: Currency | None = field("投标保证金币种代码", default=None)
    margin_amount_unit: PriceUnit | None = field("投标保证金单位", default=None)
    margin_percent: ShortText | None = field("投标保证金比率或其他", default=None)
    control_price: Price | None = field("控制价（最高限价）", default=None)
    control_price_currency: Currency | None = field("控制价币种代码", default=None)
    control_price_unit: PriceUnit | None = field("控制价单位", default=None)
    evaluating_method: Text = field("评标办法")
    bid_open_time: Instant = field("开标时间")
    bid_open_place: ShortText = field("开标地点")
    bid_open_type: Text = field("开标方式")
    qual_type: Annotated[str, Code("qual_method")] = field("资格审查方式")
    clarify_time: Instant = field("答疑澄清时间")
    is_postpone: YesNo = field("是否延期")
    post_open_time: Instant | None = field("延期后开标时间", default=None)
    post_open_address: ShortText | None = field("延期后开标地点", default=None)
    clarify_content: Text = field("对文件澄清与修改的主要内容")
    submit_time: Instant = field("递交时间")
    url: Url = field("文件源URL")
    doc_version: Annotated[int, Field(strict=True, ge=1, le=999)] = field("版本", element=None)

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_code")
    amount_given, currency_given, unit_given, text_given = price_form(
        amount="margin_amount", currency="margin_currency", unit="margin_amount_unit", other="margin_percent"
    )
    control_currency, control_unit = money(
        "control_price", currency="control_price_currency", unit="control_price_unit"
    )
    opening_after_deadline: ClassVar[Check] = in_order("bid_doc_refer_end_time", "bid_open_time")
    postponed_later: ClassVar[Check] = in_order("bid_open_time", "post_open_time")
    postponed_time, postponed_place = postponed_fully()
    fifteen_days_to_adapt: ClassVar[Check] = clarified_ahead("clarify_time", "bid_doc_refer_end_time", 15)
    plausible_control: ClassVar[Check] = plausible("control_price", "control_price_unit")

    @advice(at="margin_amount")
    def small_security(self) -> PydanticCustomError | None:
        if self.margin_amount is None or self.control_price is None:
            return None
        if self.margin_currency != self.control_price_currency:
            return None
        security = whole_units(self.margin_amount, self.margin_amount_unit)
        ceiling = whole_units(self.control_price, self.control_price_unit)
        return SECURITY_SHARE() if security > ceiling * LARGEST_SECURITY else None

    @advice(at="doc_no")
    def numbered_by_a_section(self) -> PydanticCustomError | None:
        if self.doc_no is None or self.doc_no.startswith(tuple(self.bid_section_code)):
            return None
        return DOCUMENT_NUMBER()


class PrequalificationDocument(TenderKind):
    """资格预审文件/澄清: the documents that applications are made by, and what is clarified or changed in them.

    招标投标法实施条例 第十五条 and 第二十一条: clarified three days before the applications are due.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, BEFORE_APPLICATIONS, AT_ONCE)
    dataset = 514
    dataset_name = "QUALI_INQUERY_CLARI"
    ggzy_stage = "0105"
    natural_key = ("tender_project_code", "doc_code")
    label = "doc_name"
    basis = "招标投标法实施条例 第十五条、第二十一条"

    bid_section_codes: SectionCodes = field("相关标段（包）编号")
    unified_deal_codes: DealCodes = field("相关统一交易标识码", scope=Scope.GOVERNMENT)
    doc_code: Annotated[str, Str(50)] = field("文件编号")
    doc_name: Annotated[str, Str(600)] = field("文件名称")
    applicant_qualifications: Text = field("申请资格")
    application_valid_time: ShortText = field("申请有效期")
    doc_submit_end_time: Instant = field("申请文件递交截止时间")
    doc_submit_method: Annotated[str, Str(50)] = field("申请文件递交方法")
    doc_open_time: Instant = field("文件开启时间")
    doc_open_method: Annotated[str, Str(50)] = field("文件开启方式")
    evaluation_method: Text = field("评审办法")
    clarify_content: Text = field("对文件澄清与修改的主要内容")
    submit_time: Instant = field("上传时间")
    is_postpone: YesNo = field("是否延期")
    post_open_time: Instant | None = field("延期后开标时间", default=None)
    post_open_address: ShortText | None = field("延期后开标地点", default=None)
    tender_clarify_content: Text = field("对资格预审澄清与修改的主要内容")
    tender_submit_time: Instant = field("递交时间", description="When the clarification was issued.")
    url: Url = field("文件源URL")

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_codes")
    opening_after_deadline: ClassVar[Check] = in_order("doc_submit_end_time", "doc_open_time")
    postponed_later: ClassVar[Check] = in_order("doc_open_time", "post_open_time")
    postponed_time, postponed_place = postponed_fully()
    three_days_to_adapt: ClassVar[Check] = clarified_ahead("tender_submit_time", "doc_submit_end_time", 3)
