"""合同订立阶段."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import twenty_working_days
from hub.schemas.common_rules import plausible, price_form
from hub.schemas.kind import Role, Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import Currency, Price, PriceForm, PriceUnit
from hub.schemas.tender.base import SectionKind
from hub.schemas.types import Count, Instant, PartyCodes, Str, Text


class TenderContract(SectionKind):
    """合同订立信息: the contract signed for a section.

    招标投标法 第四十六条: signed within thirty days of the notice of award, on the terms of the tender and the bid.
    """

    stage = Stage.CONTRACT
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (twenty_working_days("contract_sign_time"),)
    dataset = 512
    dataset_name = "CONTRACT_PERFORMANCE"
    natural_key = ("bid_section_code", "contract_sign_time")
    label = "contract_name"
    basis = "招标投标法 第四十六条；国办发〔2017〕97号 二（一）6"

    contract_name: Annotated[str, Str(600)] = field("合同名称")
    tenderer_name: Annotated[str, Str(2000)] = field("招标人名称")
    tender_code: PartyCodes = field("招标人代码", party_code=True)
    bidder_name: Annotated[str, Str(2000)] = field("中标人名称")
    bidder_code: PartyCodes = field("中标人代码", party_code=True)
    contract_price: Price | None = field("合同金额", default=None)
    price_currency: Currency | None = field("金额币种代码", default=None)
    price_unit: PriceUnit = field("金额单位")
    price_form_code: PriceForm = field("价款形式代码")
    other_contract_price: Annotated[str, Str(2000)] | None = field("其它形式合同报价", default=None)
    contract_content: Text = field("合同主要内容")
    time_limit_days: Annotated[int, Count(4)] | None = field(
        "合同期限", element="LIMITE_TIME", default=None, description="In days."
    )
    quality_require: Text | None = field("质量要求", default=None)
    submit_time: Instant | None = field("递交时间", default=None)
    contract_sign_time: Instant = field("合同签署时间")
    contract_no: Annotated[str, Str(100)] | None = field("合同编号", element=None, default=None)
    project_manager_name: Annotated[str, Str(100)] | None = field("项目负责人", element=None, default=None)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="contract_price", currency="price_currency", unit="price_unit", other="other_contract_price"
    )
    plausible_price: ClassVar[Check] = plausible("contract_price", "price_unit")
