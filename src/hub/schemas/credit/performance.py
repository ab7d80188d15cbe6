"""履约."""

from decimal import Decimal
from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order, plausible, sections_of_project
from hub.schemas.credit.base import DEPARTMENTS, ScopedCreditKind
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import Currency, Price, PriceUnit
from hub.schemas.types import (
    Amount,
    Code,
    Count,
    DealCode,
    Instant,
    SectionCode,
    ShortText,
    Str,
    TenderProjectCode,
)

StandardStatus = Annotated[str, Code("standard_status")]


class PerformanceCredit(ScopedCreditKind):
    """履约信息: how a party carried a contract out, in quality, safety, environment, time and money.

    国办发〔2017〕97号 二（一）6, 二（三）; 公共资源交易平台系统数据规范 V2.0, dataset 305.
    """

    stage = Stage.PERFORMANCE
    discloser = DEPARTMENTS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 305
    dataset_name = "PERFORMANCE_INFO"
    natural_key = ("body_code", "bid_section_code")
    label = "tender_project_name"
    basis = "国办发〔2017〕97号 二（一）6、二（三）"
    fixed = ("bid_section_code",)

    tender_project_name: ShortText = field("招标项目（采购项目）名称", scope=Scope.PER_RECORD)
    tender_project_code: TenderProjectCode = field("招标项目（采购项目）编号", scope=Scope.PER_RECORD)
    bid_section_code: SectionCode = field("标段（包）编号", scope=Scope.PER_RECORD)
    bid_section_name: Annotated[str, Str(500)] = field("标段（包）名称", scope=Scope.PER_RECORD)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.PER_RECORD)
    contract_amount: Price = field("合同金额", scope=Scope.PER_RECORD)
    contract_currency: Currency = field("合同金额币种", scope=Scope.PER_RECORD)
    contract_currencyunit: PriceUnit = field("合同金额单位", scope=Scope.PER_RECORD)
    contract_period: Annotated[int, Count(4)] = field("合同工期", scope=Scope.PER_RECORD, description="In days.")
    contract_signing_time: Instant = field("合同签署时间", scope=Scope.PER_RECORD)
    quality_standards: StandardStatus = field("质量达标状况", scope=Scope.PER_RECORD)
    safety_standards: StandardStatus = field("安全达标状况", scope=Scope.PER_RECORD)
    environment_standards: StandardStatus = field("环保达标状况", scope=Scope.PER_RECORD)
    construction_period: Annotated[int, Count(4)] = field(
        "工期（天）", scope=Scope.PER_RECORD, description="The days that it took."
    )
    contract_settlement_amount: Annotated[Decimal, Amount(20, 6)] = field(
        "合同结算金额（元）", scope=Scope.PER_RECORD, description="In yuan, whatever the unit of the contract's amount."
    )
    contract_finish_time: Instant = field("合同完成时间", scope=Scope.PER_RECORD)
    performance_submitted_time: Instant = field("履约信息递交时间", scope=Scope.PER_RECORD)
    government: ShortText = field("发布部门", scope=Scope.PER_RECORD)
    document_code: Annotated[str, Str(50)] = field("处理文件文号", scope=Scope.PER_RECORD)

    section_belongs: ClassVar[Check] = sections_of_project("bid_section_code")
    finished_after_signing: ClassVar[Check] = in_order("contract_signing_time", "contract_finish_time")
    reported_after_finishing: ClassVar[Check] = in_order("contract_finish_time", "performance_submitted_time")
    plausible_amount: ClassVar[Check] = plausible("contract_amount", "contract_currencyunit")
