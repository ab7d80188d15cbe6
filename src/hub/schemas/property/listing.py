"""挂牌披露阶段: lots on offer, and what is disclosed before they are."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import (
    AMOUNT_UNIT,
    FIRST_DAY,
    TEN_THOUSAND_YUAN,
    in_order,
    lasts,
    plausible,
    price_form,
    short_by_first_day,
    too_short,
)
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.property.base import (
    DISCLOSURE_PERIOD,
    EXCHANGE_DISCLOSERS,
    MEASURES,
    OPINION_PROPERTY,
    PartyNames,
    Percent,
    PropertyKind,
    PropertyName,
    SignedBalance,
    disclosed_for,
    one_each,
    percentage,
)
from hub.schemas.property.disclosure import EQUITY_DISCLOSED, PRE_DISCLOSED, Listing
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import Currency, Price, PriceForm, PriceUnit, SubjectRole, SubjectType
from hub.schemas.types import Code, Codes, Date, PartyCode, PartyCodes, ShortText, Str, Text, Url, YesNo

BELOW_APPRAISAL = Rule(
    "property-below-appraisal",
    "转让底价低于评估值：首次披露不得低于评估结果（企业国有资产交易监督管理办法 第十七条），降价须符合第十八条",
    "below the appraisal: the first listed price may not be (企业国有资产交易监督管理办法 第十七条), and a reduced one "
    "keeps to 第十八条",
)

RENMINBI = "156"
"""Code of `currency_gbt12406`."""

ASSET_PERIODS = ((Decimal(10_000_000), 20), (Decimal(1_000_000), 10))
"""企业国有资产交易监督管理办法 第五十条: yuan above which an asset is disclosed for so many working days at least."""


class PropertyPreDisclosure(PropertyKind):
    """产权转让信息预披露: a transfer that will change the control of the target, announced before it is listed.

    企业国有资产交易监督管理办法 第十三条: disclosed for twenty working days at least where the control changes.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = EXCHANGE_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, PRE_DISCLOSED, AT_ONCE)
    ggzy_stage = "0501"
    natural_key = ("project_code",)
    label = "project_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第十三条"

    project_name: PropertyName = field("项目名称")
    transferor_name: PartyNames = field("转让方")
    target_name: PropertyName = field("标的企业名称")
    decision_status: Text = field("决策批准进展")
    percent: Percent = field("拟转让比例", description="Percent, e.g. 51.")
    pre_start: Date = field("预披露开始")
    pre_end: Date = field("预披露结束")
    finance_summary: Text = field("近一年审计报告和最近一期财务指标")

    percent_possible: ClassVar[Check] = percentage("percent")
    disclosed_in_order: ClassVar[Check] = in_order("pre_start", "pre_end")
    twenty_working_days: ClassVar[Check] = disclosed_for("pre_start", "pre_end", 20)


def asset_period(price: Decimal | None, unit: str | None, currency: str | None) -> int:
    """The working days for which an asset on offer at that price is disclosed at least."""
    if price is None or currency != RENMINBI:
        return 0
    yuan = price * (10_000 if unit == TEN_THOUSAND_YUAN else 1)
    return next((days for above, days in ASSET_PERIODS if yuan > above), 0)


class PropertyListing(Listing):
    """国有产权交易项目信息（实物资产）: state-owned assets on offer: what, from whom, at what price and on what terms.

    企业国有资产交易监督管理办法 第五十条: disclosed for twenty working days above ten million yuan, for ten above one
    million.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = EXCHANGE_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 700
    dataset_name = "LISTING_PUB_INFO"
    ggzy_stage = "0501"
    natural_key = ("project_code", "bid_code")
    label = "project_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第五十条"
    contents = ("project_price", "other_price", "price_unit", "transfer_notes", "buyer_conditions", "payment_terms")

    project_type: Annotated[str, Str(30)] = field("资产类别（实物）")
    transferor_name: PropertyName = field("转让方名称", element="SELLER_NAME")
    transferor_code: PartyCode = field("转让方代码", element="SELLER_CODE", party_code=True)
    transferor_type: SubjectType = field("转让方类别", element="SELLER_TYPE")
    transferor_role: SubjectRole = field("转让方角色", element="SELLER_ROLE")
    price_form_code: PriceForm = field("价款形式代码")
    project_price: Price | None = field("挂牌价格", default=None)
    currency_code: Currency | None = field("价格币种代码", scope=Scope.GOVERNMENT, default=None)
    price_unit: PriceUnit | None = field("价格单位", default=None)
    other_price: Annotated[str, Str(2000)] | None = field("其它形式挂牌报价", default=None)
    pre_exchange_type: Annotated[str, Code("exchange_type")] = field("交易方式")
    transfer_notes: Annotated[str, Str(4000)] = field("转让说明事项")
    project_url: Url = field("在交易机构网站进行挂牌信息披露的链接")
    evaluate_value: Price | None = field("评估值", element=None, default=None, description="In `price_unit`.")
    evaluate_filing_no: Annotated[str, Str(100)] | None = field("评估备案(核准)号", element=None, default=None)
    buyer_conditions: Text | None = field("受让方资格条件", element=None, default=None)
    payment_terms: Text | None = field("价款支付方式和期限", element=None, default=None)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="project_price", currency="currency_code", unit="price_unit", other="other_price"
    )
    plausible_price: ClassVar[Check] = plausible("project_price", "price_unit")

    @rule(at="price_unit")
    def unit_of_other_amounts(self) -> PydanticCustomError | None:
        # A price form of amount asks for the unit itself.
        if self.price_unit is not None or self.price_form_code == "1":
            return None
        given = [name for name in ("evaluate_value", "deposit") if getattr(self, name) is not None]
        return AMOUNT_UNIT(amount=given[0]) if given else None

    @rule(at="disclosure_end")
    def long_enough_for_the_price(self) -> PydanticCustomError | None:
        days = asset_period(self.project_price, self.price_unit, self.currency_code)
        short = too_short(self.disclosure_start, self.disclosure_end, days, working=True)
        return DISCLOSURE_PERIOD(days=days) if short else None

    @advice(at="disclosure_end")
    def long_enough_without_the_first_day(self) -> PydanticCustomError | None:
        days = asset_period(self.project_price, self.price_unit, self.currency_code)
        short = short_by_first_day(self.disclosure_start, self.disclosure_end, days, working=True)
        return FIRST_DAY(days=days) if short else None


class EquityListing(Listing):
    """国有产权交易项目信息（股权）: state-owned equity on offer: of whom, how much of it, at what price and on what terms.

    企业国有资产交易监督管理办法 第十三条: disclosed for twenty working days at least.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = EXCHANGE_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, EQUITY_DISCLOSED, AT_ONCE)
    dataset = 750
    dataset_name = "STOCK_LISTING_PUB_INFO"
    ggzy_stage = "0501"
    natural_key = ("project_code", "bid_code")
    label = "project_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第十三条"
    contents = ("project_price", "price_unit", "total_percent", "important_info", "buyer_postulate", "other_conditions")

    transferor_name: PartyNames = field("转让方名称", element="SELLER_NAME")
    transferor_type: Annotated[list[str], Codes("subject_type")] = field("转让方类别", element="SELLER_TYPE")
    transferor_code: PartyCodes = field("转让方代码", element="SELLER_CODE", party_code=True)
    transferor_role: Annotated[list[str], Codes("subject_role")] = field("转让方角色", element="SELLER_ROLE")
    authorize_unit: ShortText = field("转让行为批准单位")
    total_percent: Percent = field("转让比例", description="Percent, e.g. 51.")
    project_price: Price = field("挂牌价格")
    currency_code: Currency = field("价格币种代码", scope=Scope.GOVERNMENT)
    price_unit: PriceUnit = field("价格单位")
    pre_exchange_type: Annotated[str, Code("exchange_type")] = field("选择的竞价交易方式")
    management_intent: YesNo | None = field("管理层是否有收购意向", default=None)
    giveup_priority: YesNo = field("标的企业原股东是否放弃行使优先购买权")
    important_info: Text | None = field("重要信息披露", default=None)
    buyer_postulate: Text | None = field("受让方资格条件", default=None)
    other_conditions: Text | None = field("与转让相关的其他条件", default=None)
    project_url: Url | None = field("在交易机构网站进行挂牌信息披露的链接", default=None)
    evaluate_value: SignedBalance = field(
        "评估值", element=None, description="Of the equity on offer, in `price_unit`."
    )
    evaluate_filing_org: ShortText = field("评估核准(备案)机构", element=None)

    type_of_each: ClassVar[Check] = one_each("transferor_type", "transferor_code")
    role_of_each: ClassVar[Check] = one_each("transferor_role", "transferor_code")
    percent_possible: ClassVar[Check] = percentage("total_percent")
    twenty_working_days, twentieth_working_day = lasts(
        "disclosure_start", "disclosure_end", 20, DISCLOSURE_PERIOD, working=True
    )

    @advice(at="project_price")
    def not_below_the_appraisal(self) -> PydanticCustomError | None:
        return BELOW_APPRAISAL() if self.project_price < self.evaluate_value else None
