"""单一来源采购公示."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order, lasts, plausible
from hub.schemas.kind import Role, Stage, field
from hub.schemas.procurement.base import ProcurementKind
from hub.schemas.rules import Check, Rule
from hub.schemas.shared import Currency, Price, PriceUnit
from hub.schemas.types import Date, ShortText, Str, Text

SINGLE_SOURCE_PERIOD = Rule(
    "single-source-period",
    "公示期不得少于 5 个工作日（政府采购法实施条例 第三十八条）",
    "the publicity stands for at least five working days (政府采购法实施条例 第三十八条)",
)


class ProcurementSingleSourcePublicity(ProcurementKind):
    """单一来源采购公示: why only one supplier can deliver, open to objection for five working days.

    政府采购法实施条例 第三十八条 gives the period, 财办库〔2020〕50号 the contents.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    ggzy_stage = "0201"
    natural_key = ("purchase_project_code", "publicity_start")
    label = "project_name"
    basis = "政府采购法实施条例 第三十八条；财办库〔2020〕50号"

    purchaser_name: ShortText = field("采购人")
    project_name: Annotated[str, Str(600)] = field("项目名称")
    goods_or_service: Text = field("拟采购的货物或服务的说明")
    budget_amount: Price = field("拟采购的货物或服务的预算金额", description="In `price_unit`.")
    currency_code: Currency = field("币种代码")
    price_unit: PriceUnit = field("金额单位")
    single_source_reason: Text = field("采用单一来源采购方式的原因及说明")
    supplier_name: ShortText = field("拟定供应商名称")
    supplier_address: Annotated[str, Str(300)] = field("拟定供应商地址")
    publicity_start: Date = field("公示开始日期")
    publicity_end: Date = field("公示结束日期")
    expert_opinion: Text | None = field(
        "专业人员论证意见", default=None, description="With the experts' names, employers and titles."
    )
    contact: Text = field("联系方式", description="Of the purchaser, the finance department and the agency.")

    in_its_order: ClassVar[Check] = in_order("publicity_start", "publicity_end")
    plausible_budget: ClassVar[Check] = plausible("budget_amount", "price_unit")

    five_working_days, fifth_working_day = lasts(
        "publicity_start", "publicity_end", 5, SINGLE_SOURCE_PERIOD, working=True
    )
