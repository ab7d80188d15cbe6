"""采购结果阶段."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, Within
from hub.schemas.common_rules import money, plausible, price_form
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.procurement.base import Contacts, NamedProject
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceForm, PriceUnit, SubjectType
from hub.schemas.types import (
    Count,
    Date,
    DealCode,
    Instant,
    PartyCode,
    PartyCodes,
    RegionCode,
    ShortText,
    Str,
    Text,
    Url,
)

RESULT_PERIOD = Rule(
    "result-period",
    "采购结果的公告期限为 1 个工作日",
    "a procurement result stands for one working day",
)


class ProcuredItem(Part):
    """主要标的: one thing bought, as 政府采购法实施条例 第四十三条 wants it published."""

    name: ShortText = field("名称", element=None)
    brand_spec: Annotated[str, Str(1000)] | None = field("品牌、规格型号", element=None, default=None)
    quantity: ShortText | None = field("数量", element=None, default=None)
    unit_price: Annotated[str, Str(500)] | None = field(
        "单价", element=None, default=None, description="In words: its unit differs by what is bought."
    )
    service_scope: Text | None = field("服务范围", element=None, default=None)
    service_standard: Text | None = field("服务标准", element=None, default=None)
    service_time: Annotated[str, Str(500)] | None = field("服务时间", element=None, default=None)


class ProcurementResult(Contacts, NamedProject):
    """采购结果: the supplier chosen for a section, the price, the main items and who reviewed.

    政府采购法实施条例 第四十三条: published within two working days of the supplier's choice, with the documents.
    """

    stage = Stage.AWARD
    discloser = PROJECT_DISCLOSERS
    clocks = (Within(id="D-PRES2", days=2, of="determined_date", basis="政府采购法实施条例 第四十三条"), AT_ONCE)
    dataset = 553
    dataset_name = "BID_DEAL_ANNOUNCE"
    ggzy_stage = "0202"
    natural_key = ("purchase_project_code", "purchase_section_code")
    label = "win_bid_bulletin_title"
    basis = "政府采购法实施条例 第四十三条；财办库〔2020〕50号"
    usually_attached = ("PURCHASE_FILE",)

    purchase_section_code: Annotated[str, Str(50)] = field("采购项目子包编号")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    region_code: RegionCode = field("采购项目子包所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    purchaser_agency_name: ShortText = field("采购代理机构名称")
    purchaser_agency_code: PartyCode = field("采购代理机构代码", party_code=True)
    win_bid_bulletin_title: ShortText = field("公告标题")
    win_bid_bulletin_content: Text = field("公告内容")
    win_bid_bulletin_start_time: Instant = field("首次公告时间")
    url: Url = field("公告源URL")
    winningbidder_name: Annotated[str, Str(2000)] = field("中标（成交）供应商名称")
    winningbidder_type: SubjectType = field("中标（成交）供应商类别")
    winningbidder_code: PartyCodes = field("中标（成交）供应商代码", party_code=True)
    price_form_code: PriceForm = field("价款形式代码")
    win_bid_price: Price | None = field("中标（成交）价格", default=None)
    currency_code: Currency | None = field("价格币种代码", default=None)
    price_unit: PriceUnit | None = field("价格单位", default=None)
    win_bid_rate: Annotated[str, Str(2000)] | None = field("中标优惠率或其它类型价格", default=None)
    creator: Annotated[str, Str(50)] = field("创建人", scope=Scope.GOVERNMENT)
    project_no: Annotated[str, Str(50)] = field("项目编号", element=None)
    supplier_address: Annotated[str, Str(300)] = field("中标（成交）供应商地址", scope=Scope.MASKED, element=None)
    main_items: list[ProcuredItem] = field("主要标的信息", element=None, min_length=1, max_length=500)
    reviewers: list[Annotated[str, Str(50)]] = field(
        "评审专家（单一来源采购人员）名单", element=None, min_length=1, max_length=99
    )
    agency_fee_standard: Annotated[str, Str(1000)] | None = field("代理服务收费标准", element=None, default=None)
    agency_fee_amount: Price | None = field(
        "代理服务收费金额", element=None, default=None, description="In `price_unit`."
    )
    result_publicity_days_wd: Annotated[int, Count(2)] = field("公告期限", element=None, description="In working days.")
    determined_date: Date = field("供应商确定日期", element=None)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="win_bid_price", currency="currency_code", unit="price_unit", other="win_bid_rate"
    )
    fee_currency, fee_unit = money("agency_fee_amount", currency="currency_code", unit="price_unit")
    plausible_price: ClassVar[Check] = plausible("win_bid_price", "price_unit")

    @rule(at="result_publicity_days_wd")
    def stands_one_day(self) -> PydanticCustomError | None:
        return None if self.result_publicity_days_wd == 1 else RESULT_PERIOD()
