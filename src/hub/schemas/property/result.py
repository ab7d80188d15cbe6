"""成交阶段."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, Ahead, twenty_working_days
from hub.schemas.common_rules import in_order, lasts, plausible, price_form, together
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.property.base import (
    DISCLOSURE_PERIOD,
    EXCHANGE_DISCLOSERS,
    MEASURES,
    OPINION_PROPERTY,
    Balance,
    Percent,
    PropertyName,
    SignedBalance,
    TradedLot,
    percentage,
)
from hub.schemas.rules import Check, Rule, advice
from hub.schemas.shared import Currency, Price, PriceForm, PriceUnit, SubjectRole, SubjectType
from hub.schemas.types import Code, Date, PartyCode, Str, Url

SOLD_BELOW_APPRAISAL = Rule(
    "property-sold-below-appraisal",
    "成交金额低于评估值或账面净值，请核对金额和单位，低于 90% 的须经转让行为批准单位书面同意",
    "sold below the appraisal or book value: check the amount and its unit; below 90 % the approving body has agreed "
    "in writing",
)

RESULT_SHOWN = Ahead(id="D-PROP-RES", days=5, working=True, of="result_notice_end", basis=MEASURES)


class TradeResult(TradedLot):
    """What became of a lot: who took it, and when."""

    fixed = ("bid_code",)

    exchange_type: Annotated[str, Code("exchange_type")] = field("交易方式")
    transferee_name: PropertyName = field("受让方名称", element="SELLER_NAME")
    transferee_code: PartyCode = field("受让方代码", element="SELLER_CODE", party_code=True)
    transferee_type: SubjectType = field("受让方类别", element="SELLER_TYPE")
    transferee_role: SubjectRole = field("受让方角色", element="SELLER_ROLE")
    trade_date: Date = field("成交日期")
    project_url: Url = field("在交易机构网站进行挂牌信息披露的链接")
    result_notice_start: Date | None = field("结果公告开始", element=None, default=None)
    result_notice_end: Date | None = field("结果公告结束", element=None, default=None)

    whole_notice: ClassVar[Check] = together("result_notice_start", "result_notice_end")
    noticed_in_order: ClassVar[Check] = in_order("result_notice_start", "result_notice_end")
    noticed_after_trade: ClassVar[Check] = in_order("trade_date", "result_notice_start")
    five_working_days, fifth_working_day = lasts(
        "result_notice_start", "result_notice_end", 5, DISCLOSURE_PERIOD, working=True
    )


class PropertyTradeResult(TradeResult):
    """产权交易结果（实物资产）: who bought state-owned assets, and at what price.

    企业国有资产交易监督管理办法: the exchange announces the result, for five working days at least.
    """

    stage = Stage.AWARD
    discloser = EXCHANGE_DISCLOSERS
    clocks = (twenty_working_days("trade_date"), RESULT_SHOWN, AT_ONCE)
    dataset = 701
    dataset_name = "TRADE_RESULT_INFO"
    ggzy_stage = "0502"
    natural_key = ("project_code", "bid_code")
    label = "project_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}"

    object_evaluate_value: Price = field("转让标的评估值或账面净值", description="In `price_unit`.")
    price_form_code: PriceForm = field("价款形式代码")
    trade_value: Price | None = field("成交金额", default=None)
    currency_code: Currency | None = field("成交金额币种代码", scope=Scope.GOVERNMENT, default=None)
    price_unit: PriceUnit | None = field("成交金额单位", default=None)
    other_bid_price: Annotated[str, Str(2000)] | None = field("其它类型成交结果", default=None)
    transferor_name: PropertyName | None = field("转让方名称", element=None, default=None)
    voucher_date: Date | None = field("交易凭证出具日期", element=None, default=None)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="trade_value", currency="currency_code", unit="price_unit", other="other_bid_price"
    )
    plausible_value: ClassVar[Check] = plausible("trade_value", "price_unit")
    voucher_after_trade: ClassVar[Check] = in_order("trade_date", "voucher_date")

    @advice(at="trade_value")
    def not_below_the_appraisal(self) -> PydanticCustomError | None:
        if self.trade_value is None or self.trade_value >= self.object_evaluate_value:
            return None
        return SOLD_BELOW_APPRAISAL()


class EquityTradeResult(TradeResult):
    """产权交易结果（股权）: who bought state-owned equity, how much of it, and at what price.

    企业国有资产交易监督管理办法: the exchange announces the result, for five working days at least.
    """

    stage = Stage.AWARD
    discloser = EXCHANGE_DISCLOSERS
    clocks = (twenty_working_days("trade_date"), RESULT_SHOWN, AT_ONCE)
    dataset = 753
    dataset_name = "STOCK_TRADE_RESULT_INFO"
    ggzy_stage = "0502"
    natural_key = ("project_code", "bid_code")
    label = "project_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}"

    object_evaluate_value: SignedBalance = field("转让标的评估值", description="In `price_unit`.")
    trade_value: Balance = field("成交金额")
    currency_code: Currency = field("成交金额币种代码", scope=Scope.GOVERNMENT)
    price_unit: PriceUnit = field("成交金额单位")
    trade_percent: Percent | None = field("成交比例(%)", element=None, default=None)

    percent_possible: ClassVar[Check] = percentage("trade_percent")

    @advice(at="trade_value")
    def not_below_the_appraisal(self) -> PydanticCustomError | None:
        return SOLD_BELOW_APPRAISAL() if self.trade_value < self.object_evaluate_value else None
