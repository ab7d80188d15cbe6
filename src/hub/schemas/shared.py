"""Field types and parts that several kinds share."""

from decimal import Decimal
from typing import Annotated

from hub.schemas.common_rules import money
from hub.schemas.kind import Part, Role, field
from hub.schemas.types import Amount, Code, Date, ShortText, Str

PROJECT_DISCLOSERS = frozenset({Role.IMPLEMENTER, Role.PRODUCER})
"""Who carries a project out, and who makes its documents and records: the agency or the trading centre."""

PriceForm = Annotated[str, Code("price_form")]
PriceUnit = Annotated[str, Code("price_unit")]
Currency = Annotated[str, Code("currency_gbt12406")]
SubjectType = Annotated[str, Code("subject_type")]
SubjectRole = Annotated[str, Code("subject_role")]
Price = Annotated[Decimal, Amount(20, 6)]
"""An amount of the data specification: at most 14 integer digits and 6 decimals, in the unit that stands beside it."""
RecordId = Annotated[str, Str(200)]
"""Another record of the hub: `platform/kind/data_key`."""


class Achievement(Part):
    """业绩: a contract that was performed before."""

    project_name: Annotated[str, Str(600)] = field("项目名称", element=None)
    owner: ShortText = field("建设单位(业主)", element=None)
    contract_amount: Price | None = field("合同金额", element=None, default=None)
    price_currency: Currency | None = field("金额币种代码", element=None, default=None)
    price_unit: PriceUnit | None = field("金额单位", element=None, default=None)
    sign_date: Date | None = field("合同签订日期", element=None, default=None)

    currency_given, unit_given = money("contract_amount", currency="price_currency", unit="price_unit")
