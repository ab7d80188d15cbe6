"""转让价格."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import price_form
from hub.schemas.kind import Stage, field
from hub.schemas.property.base import EXCHANGE_DISCLOSERS, MEASURES, OPINION_PROPERTY, Balance, LotKind
from hub.schemas.rules import Rule, following, rule
from hub.schemas.shared import Currency, Price, PriceForm, PriceUnit
from hub.schemas.types import Code, Date, Str

BELOW_NINETY = Rule(
    "property-below-90-percent",
    "转让价格低于评估值的 90% 时须填写批准文号（企业国有资产交易监督管理办法 第十八条）",
    "a price below 90 % of the appraisal has been approved: its number is needed "
    "(企业国有资产交易监督管理办法 第十八条)",
)

LATER_DAY = Rule(
    "property-price-later-day",
    "调整后的转让价格的生效日期须晚于原价格的生效日期",
    "another price begins to hold on a later day than the one before it",
)

NINETY_PERCENT = Decimal("0.9")


class PropertyTransferPrice(LotKind):
    """转让价格: the price at which a lot is offered; a reduction is a further version of it.

    国办发〔2017〕97号 二（一）5; 企业国有资产交易监督管理办法 第十七条、第十八条 bind the price to the appraisal.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = EXCHANGE_DISCLOSERS
    clocks = (twenty_working_days("effective_date"), AT_ONCE)
    ggzy_stage = "0501"
    natural_key = ("project_code", "bid_code", "price_kind", "effective_date")
    label = "project_code"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第十七条、第十八条"
    fixed = ("bid_code",)

    price_kind: Annotated[str, Code("transfer_price_kind")] = field("价格类型")
    price_form_code: PriceForm = field("价款形式")
    price: Price | None = field("转让价格", default=None)
    currency_code: Currency | None = field("币种", default=None)
    price_unit: PriceUnit | None = field("单位", default=None)
    other_price: Annotated[str, Str(2000)] | None = field("其他形式价格", default=None)
    evaluate_value: Balance | None = field("对应评估值", default=None, description="In `price_unit`.")
    below_90pct_approval: Annotated[str, Str(100)] | None = field("低于评估值90%的批准文号", default=None)
    effective_date: Date = field("生效日期")

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="price", currency="currency_code", unit="price_unit", other="other_price"
    )

    @rule(at="below_90pct_approval")
    def approved_below_ninety_percent(self) -> PydanticCustomError | None:
        if self.price is None or self.evaluate_value is None or self.below_90pct_approval is not None:
            return None
        return BELOW_NINETY() if self.price < self.evaluate_value * NINETY_PERCENT else None

    @following(at="effective_date")
    def another_price_holds_later(self, previous: Self) -> PydanticCustomError | None:
        asked = (self.price, self.price_unit, self.other_price)
        if asked == (previous.price, previous.price_unit, previous.other_price):
            return None
        return None if self.effective_date > previous.effective_date else LATER_DAY()
