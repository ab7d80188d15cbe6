"""邀请、投标与评标: who is invited, who bids, with what security, and who examines the bids."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import days_between, in_order, lasts, needed, plausible, price_form, together
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import (
    PROJECT_DISCLOSERS,
    Currency,
    Price,
    PriceForm,
    PriceUnit,
    SubjectRole,
    SubjectType,
)
from hub.schemas.tender.base import SectionKind
from hub.schemas.tender.periods import BID_PREPARATION, DOCUMENT_SALE
from hub.schemas.types import (
    Code,
    Count,
    IdNumber,
    Instant,
    PartyCode,
    PartyCodes,
    ShortText,
    Str,
    Text,
    YesNo,
    is_id_number,
)

SECURITY_FORM = Rule(
    "bid-security-form",
    "已提交保证金的须填写递交方式",
    "a bidder that gave a bid security says in which way (`is_commit_margin` 1)",
)
BID_IN_YUAN = Rule("bid-in-yuan", "投标报价单位须为“元”（0）", "bid prices are given in yuan (`price_unit` 0)")
EXPERT_ID = Rule(
    "expert-id-number",
    "证件类型为居民身份证（01）时须填写合法的公民身份号码",
    "a resident identity card (`id_card_type` 01) has a valid ID number",
)
GUARANTEE_COST = Rule(
    "bid-guarantee-cost",
    "担保费用不低于担保金额，请核对两项是否填反",
    "the guarantee costs as much as it guarantees: check whether the two amounts were swapped",
)

RESIDENT_CARD = "01"
"""Code of `id_card_type`."""
YUAN = "0"
"""Code of `price_unit`."""


class TenderInvitation(SectionKind):
    """投标邀请书: the invitation of one bidder to bid for a section, kept secret until the bids are opened.

    招标投标法 第十七条 and 第三十四条: three invitees at least, opened at the deadline of the bids; 第二十二条 keeps them secret.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 505
    dataset_name = "TENDER_INVITATION"
    natural_key = ("bid_section_code", "bidder_code", "bid_invite_issue_time")
    label = "bid_section_code"
    basis = "招标投标法 第十七条、第二十二条、第三十四条"
    opening = "bid_doc_refer_end_time"

    bid_invite_issue_nature: Annotated[str, Code("notice_nature")] = field("投标邀请性质")
    bid_invite_issue_content: Text = field("投标邀请内容及变更内容", scope=Scope.OPENED)
    bid_qualification: Text = field("投标资格")
    bidder_name: ShortText = field("投标人名称", scope=Scope.OPENED)
    bidder_code_type: SubjectType = field("投标人类别", scope=Scope.OPENED)
    bidder_code: PartyCode = field("投标人代码", scope=Scope.OPENED, party_code=True)
    bidder_role: SubjectRole = field("投标人角色")
    doc_get_start_time: Instant = field("招标文件获取开始时间")
    doc_get_end_time: Instant = field("招标文件获取截止时间")
    tender_doc_get_method: Text = field("招标文件/资格预审文件获取方法")
    bid_doc_refer_end_time: Instant = field("投标文件/资审申请文件递交截止时间")
    bid_doc_refer_method: Text = field("投标文件/资审申请文件递交方法")
    bid_invite_end_time: Instant = field("回复截止时间")
    bid_invite_issue_time: Instant = field("投标邀请发出时间")
    bulletin_duty: Annotated[str, Str(50)] = field("投标邀请发布责任人")

    documents_in_order: ClassVar[Check] = in_order("doc_get_start_time", "doc_get_end_time")
    deadline_after_documents: ClassVar[Check] = in_order("doc_get_start_time", "bid_doc_refer_end_time")
    answer_after_invitation: ClassVar[Check] = in_order("bid_invite_issue_time", "bid_invite_end_time")
    deadline_after_answer: ClassVar[Check] = in_order("bid_invite_end_time", "bid_doc_refer_end_time")
    five_days_of_sale, fifth_day_of_sale = lasts("doc_get_start_time", "doc_get_end_time", 5, DOCUMENT_SALE)
    twenty_days_to_bid: ClassVar[Check] = days_between(
        "doc_get_start_time", "bid_doc_refer_end_time", 20, BID_PREPARATION
    )


class BidderList(SectionKind):
    """投标人名单: one bidder of a section and its bid, as read out at the opening.

    招标投标法 第二十二条 keeps bidders secret until the opening, 第三十六条 has names and prices read out then.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 507
    dataset_name = "TENDER_LIST"
    ggzy_stage = "0102"
    natural_key = ("bid_section_code", "bidder_org_code")
    label = "bid_section_code"
    basis = "招标投标法 第二十二条、第三十六条；国办发〔2017〕97号 二（三）"
    opening = "bid_open_time"

    bidder_name: Annotated[str, Str(300)] = field("投标人名称", scope=Scope.OPENED)
    is_lost: YesNo = field("是否失信人", scope=Scope.OPENED)
    bidder_code_type: SubjectType = field("投标人类别", scope=Scope.OPENED)
    bidder_org_code: PartyCodes = field("投标人代码", scope=Scope.OPENED, party_code=True)
    bidder_role: SubjectRole = field("投标人角色")
    bid_manager: Annotated[str, Str(100)] = field("投标单位项目负责人", scope=Scope.OPENED)
    pm_code: IdNumber = field("项目负责人证件号码", scope=Scope.GOVERNMENT, party_code=True)
    pm_certificates: Text = field("项目负责人相关证书和编号", scope=Scope.OPENED)
    is_commit_margin: YesNo = field("是否提交保证金", scope=Scope.OPENED)
    margin_pay_form: Annotated[str, Code("margin_pay")] | None = field(
        "保证金递交方式", scope=Scope.OPENED, default=None
    )
    price_form_code: PriceForm = field("价款形式代码", scope=Scope.OPENED)
    other_bid_price: Annotated[str, Str(2000)] | None = field("费率或其它类型报价", scope=Scope.OPENED, default=None)
    margin_receive_time: Instant = field("保证金递交时间", scope=Scope.OPENED)
    union_enterprise_name: Annotated[str, Str(1000)] | None = field("联合体名称", scope=Scope.OPENED, default=None)
    union_organ_set_code: PartyCodes | None = field(
        "联合体组织机构代码证", scope=Scope.OPENED, party_code=True, default=None
    )
    union_contact_name: Annotated[str, Str(3000)] | None = field("联合体联系人", scope=Scope.OPENED, default=None)
    union_contact_phone: Annotated[str, Str(2000)] | None = field(
        "联合体联系电话", scope=Scope.GOVERNMENT, default=None
    )
    bidder_info_version: Instant | None = field("投标人信息版本", scope=Scope.GOVERNMENT, default=None)
    bid_price: Price | None = field("投标报价金额", scope=Scope.OPENED, default=None)
    price_currency: Currency | None = field("投标报价币种", scope=Scope.OPENED, default=None)
    price_unit: PriceUnit | None = field("投标报价单位", scope=Scope.OPENED, default=None)
    time_limit: Annotated[int, Count(4)] | None = field(
        "投标工期", scope=Scope.OPENED, default=None, description="In days."
    )
    checkin_time: Instant = field("投标文件递交时间", scope=Scope.OPENED)
    bid_open_time: Instant = field(
        "开标时间", element=None, description="From then on the public sees who bid, and at what price."
    )

    security_form: ClassVar[Check] = needed("margin_pay_form", SECURITY_FORM, where="is_commit_margin", is_in=("1",))
    amount_given, currency_given, unit_given, text_given = price_form(
        amount="bid_price", currency="price_currency", unit="price_unit", other="other_bid_price"
    )
    whole_union: ClassVar[Check] = together("union_enterprise_name", "union_organ_set_code")
    handed_in_before_the_opening: ClassVar[Check] = in_order("checkin_time", "bid_open_time")
    plausible_price: ClassVar[Check] = plausible("bid_price", "price_unit")

    @rule(at="price_unit")
    def priced_in_yuan(self) -> PydanticCustomError | None:
        return None if self.price_unit in (None, YUAN) else BID_IN_YUAN()


class EvaluationExpert(SectionKind):
    """评标专家: one member of the committee that evaluates the bids for a section; never for the public.

    招标投标法 第三十七条: the members are secret until the result is fixed; here they stay with the government.
    """

    stage = Stage.PROCESS
    discloser = frozenset({Role.PRODUCER})
    clocks = (AT_ONCE,)
    dataset = 508
    dataset_name = "BID_EVALUATION_EXPERT"
    natural_key = ("bid_section_code", "id_card")
    label = "bid_section_code"
    basis = "招标投标法 第三十七条"
    government_only = True
    natural_person = True

    expert_type: Annotated[str, Code("expert_type")] = field("专家类别", scope=Scope.GOVERNMENT)
    expert_name: Annotated[str, Str(50)] = field("专家姓名", scope=Scope.GOVERNMENT)
    id_card: Annotated[str, Str(50)] = field("专家身份证件号", scope=Scope.GOVERNMENT)
    id_card_type: Annotated[str, Code("id_card_type")] = field("专家身份证件类型", scope=Scope.GOVERNMENT)
    is_chair_man: YesNo = field("是否为评标组长", scope=Scope.GOVERNMENT)

    @rule(at="id_card")
    def resident_card_has_an_id_number(self) -> PydanticCustomError | None:
        return EXPERT_ID() if self.id_card_type == RESIDENT_CARD and not is_id_number(self.id_card) else None


class BidGuarantee(SectionKind):
    """投标电子保函: the letter of guarantee that a bidder gives instead of money; for the government alone.

    招标投标法实施条例 第二十六条: the bid security is valid as long as the bid. The dataset is a provincial one.
    """

    stage = Stage.PROCESS
    discloser = frozenset({Role.PRODUCER})
    clocks = (AT_ONCE,)
    dataset = 523
    dataset_name = "LETTER_OF_GUARANTEE"
    natural_key = ("guarantee_no",)
    label = "bidder_name"
    basis = "招标投标法实施条例 第二十六条"
    fixed = ("bid_section_code", "guarantee_no")
    government_only = True

    bidder_name: ShortText = field("投标人名称")
    bidder_org_code: PartyCode = field("投标人代码", party_code=True)
    union_enterprise_name: Annotated[str, Str(1000)] | None = field("联合体名称", default=None)
    union_organ_set_code: PartyCodes | None = field("联合体组织机构代码证", party_code=True, default=None)
    guarantee_form: Annotated[str, Code("guarantee_form")] = field("保函形式", scope=Scope.GOVERNMENT)
    guarantee_type: Annotated[str, Code("guarantee_type")] = field("保函类型", scope=Scope.GOVERNMENT)
    guarantee_no: ShortText = field("保函编号", scope=Scope.GOVERNMENT)
    guarantee_status: ShortText = field("保函状态", scope=Scope.GOVERNMENT)
    beneficiary: ShortText = field("受益人", scope=Scope.GOVERNMENT)
    insurer: ShortText = field("承保人", scope=Scope.GOVERNMENT)
    guarantee_amount: Price = field("担保金额", description="In yuan.")
    guarantee_cost: Price = field("担保费用", description="In yuan.")
    create_time: Instant = field("保函创建时间", scope=Scope.GOVERNMENT)
    begin_time: Instant = field("担保开始时间", scope=Scope.GOVERNMENT)
    end_time: Instant = field("担保结束时间", scope=Scope.GOVERNMENT)
    payment_method: ShortText = field("支付方式", scope=Scope.GOVERNMENT)
    payment_time: Instant = field("支付时间", scope=Scope.GOVERNMENT)
    letter_time: Instant = field("出函时间", scope=Scope.GOVERNMENT)

    whole_union: ClassVar[Check] = together("union_enterprise_name", "union_organ_set_code")
    guaranteed_in_order: ClassVar[Check] = in_order("begin_time", "end_time")
    issued_after_creation: ClassVar[Check] = in_order("create_time", "letter_time")

    @advice(at="guarantee_cost")
    def costs_less_than_it_guarantees(self) -> PydanticCustomError | None:
        return GUARANTEE_COST() if self.guarantee_cost >= self.guarantee_amount else None
