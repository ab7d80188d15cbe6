"""合同履行阶段."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import money, plausible
from hub.schemas.kind import Role, Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import Currency, Price, PriceUnit
from hub.schemas.tender.base import SectionKind
from hub.schemas.types import Code, Count, Date, Instant, PartyCode, ShortText, Str, Text


class TenderPerformance(SectionKind):
    """合同履行信息: how the contract of a section is carried out, changed, finished and settled.

    国办发〔2017〕97号 二（一）6: the conclusion and the performance of contracts are made public.
    """

    stage = Stage.PERFORMANCE
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (twenty_working_days("report_date"), AT_ONCE)
    dataset = 522
    dataset_name = "PERFORMANCE"
    natural_key = ("bid_section_code", "performance_report_name", "report_issue_time")
    label = "performance_report_name"
    basis = "国办发〔2017〕97号 二（一）6"

    performance_report_name: Annotated[str, Str(600)] = field("履约情况报告名称")
    tenderer_name: ShortText = field("业主/招标人名称")
    tenderer_code: PartyCode = field("业主/招标人代码", party_code=True)
    performance_party_name: ShortText = field("履约人名称")
    performance_party_code: PartyCode = field("履约人代码", party_code=True)
    settle_price: Price | None = field("合同结算金额", default=None)
    finish_time: Instant = field("合同完成时间")
    contract_change_content: Text | None = field("合同变更内容", default=None)
    actually_period: Annotated[int, Count(4)] | None = field("实际履约期限", default=None, description="In days.")
    performance_content: Text | None = field("履约内容", default=None)
    report_issue_time: Instant | None = field("履约报告出具时间", default=None)
    performance_stage: Annotated[str, Code("performance_stage")] | None = field("履约节点", element=None, default=None)
    report_date: Date = field("履约信息形成日期", element=None)
    settle_currency: Currency | None = field("结算币种", element=None, default=None)
    settle_unit: PriceUnit | None = field("结算单位", element=None, default=None)

    currency_given, unit_given = money("settle_price", currency="settle_currency", unit="settle_unit")
    plausible_price: ClassVar[Check] = plausible("settle_price", "settle_unit")
