"""采购合同阶段."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, Within
from hub.schemas.common_rules import in_order, plausible, price_form
from hub.schemas.kind import Part, Role, Scope, Stage, field
from hub.schemas.procurement.base import NamedProject
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import Currency, Price, PriceForm, PriceUnit, SubjectRole
from hub.schemas.types import Code, Count, Date, DealCode, Instant, PartyCodes, ShortText, Str, Text, Url, YesNo

SECRETS_REMOVED = Rule(
    "secrets-removed",
    "合同中涉及国家秘密、商业秘密的内容须先行处理（政府采购法实施条例 第五十条）",
    "state and commercial secrets are taken out of a contract before it is published (政府采购法实施条例 第五十条)",
)

REMOVED = "1"
"""是 in the code table `yes_no`."""


class Purchaser(Part):
    """采购人(甲方): the buying side of the contract."""

    name: ShortText = field("名称", element=None)
    address: Annotated[str, Str(300)] = field("地址", element=None)
    contact: Annotated[str, Str(100)] = field("联系方式", element=None)


class Supplier(Part):
    """供应商(乙方): the selling side of the contract; of a natural person only the name is published."""

    name: Annotated[str, Str(2000)] = field("名称", element=None)
    address: Annotated[str, Str(300)] | None = field("地址", scope=Scope.MASKED, element=None, default=None)
    contact: Annotated[str, Str(100)] | None = field("联系方式", scope=Scope.MASKED, element=None, default=None)


class ProcurementContract(NamedProject):
    """采购合同: the contract with the chosen supplier, published within two working days of its signing.

    政府采购法实施条例 第五十条; what state or commercial secrets it holds is taken out first.
    """

    stage = Stage.CONTRACT
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (Within(id="D-CONPUB2", days=2, of="sign_date", basis="政府采购法实施条例 第五十条"), AT_ONCE)
    dataset = 554
    dataset_name = "PURCHASE_CONTRACT"
    ggzy_stage = "0203"
    natural_key = ("contract_no",)
    label = "contract_name"
    basis = "政府采购法实施条例 第五十条；财办库〔2020〕50号"
    attached = ("CONTRACT",)

    purchase_section_code: Annotated[str, Str(50)] = field("采购项目子包编号")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    contract_name: Annotated[str, Str(600)] = field("合同名称")
    purchaser_name: Annotated[str, Str(2000)] = field("采购人名称")
    purchaser_code: PartyCodes = field("采购人代码", party_code=True)
    legal_role: SubjectRole = field("采购人角色")
    supplier_name: Annotated[str, Str(2000)] = field("中标（成交）供应商名称")
    supplier_code: PartyCodes = field("中标（成交）供应商代码", party_code=True)
    price_form_code: PriceForm = field("价款形式代码")
    contract_amount: Price | None = field("合同金额", default=None)
    currency_code: Currency | None = field("价格币种代码", default=None)
    price_unit: PriceUnit | None = field("金额单位", default=None)
    win_bid_rate: Annotated[str, Str(2000)] | None = field("优惠率或其它类型合同价格", default=None)
    contract_term: Annotated[int, Count(4)] | None = field("合同期限", default=None, description="In days.")
    signing_time: Instant | None = field("合同签署时间", default=None)
    url: Url | None = field("合同源URL", default=None)
    contract_no: Annotated[str, Str(100)] = field("合同编号", element=None)
    project_no: Annotated[str, Str(50)] = field("项目编号", element=None)
    party_a: Purchaser = field("采购人（甲方）", element=None)
    party_b: Supplier = field("供应商（乙方）", element=None)
    subject_name: Text = field("主要标的名称", element=None)
    spec: Text = field("规格型号（或服务要求）", element=None)
    quantity: ShortText = field("主要标的数量", element=None)
    unit_price: Annotated[str, Str(500)] = field("主要标的单价", element=None)
    performance_term_place: Text = field("履约期限、地点等简要信息", element=None)
    purchase_mode: Annotated[str, Code("purchase_mode")] = field("采购方式", element=None)
    sign_date: Date = field("合同签订日期", element=None)
    announce_date: Date = field("合同公告日期", element=None)
    secret_parts_removed: YesNo = field("涉密、商密内容已处理", scope=Scope.GOVERNMENT, element=None)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="contract_amount", currency="currency_code", unit="price_unit", other="win_bid_rate"
    )
    announced_after_signing: ClassVar[Check] = in_order("sign_date", "announce_date")
    plausible_amount: ClassVar[Check] = plausible("contract_amount", "price_unit")

    @rule(at="secret_parts_removed")
    def secrets_are_removed(self) -> PydanticCustomError | None:
        return None if self.secret_parts_removed == REMOVED else SECRETS_REMOVED()
