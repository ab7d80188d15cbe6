"""开标阶段."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order, plausible, price_form
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.procurement.base import ProcurementKind
from hub.schemas.rules import Check
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceForm, PriceUnit, SubjectRole, SubjectType
from hub.schemas.types import Code, DealCode, Instant, PartyCode, ShortText, Str, Text, Url, YesNo


class ProcurementOpeningRecord(ProcurementKind):
    """采购开标记录: who was there when the bids were opened, and what was read out.

    政府采购货物和服务招标投标管理办法（财政部令第87号）第四十二条: the opening is recorded and signed.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 556
    dataset_name = "PURCHASE_BIDDING_RECORD"
    natural_key = ("purchase_project_code", "purchase_section_code", "bid_opening_time")
    label = "notice_name"
    basis = "国办发〔2017〕97号 二（三）；财政部令第87号 第四十二条"

    purchase_section_code: Annotated[str, Str(600)] | None = field("采购项目子包编号", default=None)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    notice_name: Annotated[str, Str(600)] = field("开标记录标题")
    bid_opening_actor: Annotated[str, Str(500)] = field("开标参与人")
    bid_opening_content: Text = field("开标记录内容")
    bid_opening_address: ShortText = field("开标地点")
    bid_opening_time: Instant = field("开标时间")
    url: Url = field("开标记录源URL")


class ProcurementSupplierList(ProcurementKind):
    """供应商名单: one supplier that answered, with its security and its price, unknown to the public until the opening.

    公共资源交易平台系统数据规范 V2.0, dataset 557; 财政部令第87号 第二十八条 keeps who bids secret.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 557
    dataset_name = "PURCHASE_TENDER_LIST"
    natural_key = ("purchase_project_code", "purchase_section_code", "bidder_org_code")
    label = "purchase_project_code"
    basis = "国办发〔2017〕97号 二（三）；公共资源交易平台系统数据规范 V2.0"
    opening = "bid_open_time"

    purchase_section_code: Annotated[str, Str(50)] | None = field("采购项目子包编号", default=None)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    bidder_name: ShortText = field("供应商名称", scope=Scope.OPENED)
    is_lost: YesNo = field("是否失信人")
    bidder_code_type: SubjectType = field("供应商类别")
    bidder_org_code: PartyCode = field("供应商代码", scope=Scope.OPENED, party_code=True)
    bidder_role: SubjectRole = field("供应商角色")
    is_commit_margin: YesNo = field("是否提交保证金")
    margin_pay_form: Annotated[str, Code("margin_pay")] = field("保证金递交方式")
    price_form_code: PriceForm = field("价款形式代码")
    other_bid_price: Annotated[str, Str(2000)] | None = field("费率或其它类型报价", scope=Scope.OPENED, default=None)
    margin_receive_time: Instant = field("保证金递交时间")
    bid_price: Price | None = field("报价金额", scope=Scope.OPENED, default=None)
    price_currency: Currency | None = field("报价币种", default=None)
    price_unit: PriceUnit | None = field("报价单位", default=None)
    bid_open_time: Instant = field(
        "开标时间", element=None, description="Until then the public sees neither the supplier nor its price."
    )

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="bid_price", currency="price_currency", unit="price_unit", other="other_bid_price"
    )
    security_before_opening: ClassVar[Check] = in_order("margin_receive_time", "bid_open_time")
    plausible_price: ClassVar[Check] = plausible("bid_price", "price_unit")
