"""标的企业: the company whose equity is on offer, and who holds it."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import together
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.property.base import (
    EXCHANGE_DISCLOSERS,
    MEASURES,
    OPINION_PROPERTY,
    Balance,
    LotKind,
    Percent,
    PropertyName,
    SignedBalance,
    Year,
    audited_before,
    balanced,
    percentage,
)
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import PriceUnit
from hub.schemas.types import Amount, Code, Count, Date, ExactStr, PartyCode, RegionCode, Str, YesNo

CLASS_VERSION = Rule(
    "property-class-version",
    "分类版本代码须为 2（GB/T 4754-2017）",
    "the edition of the industry classification is 2 (GB/T 4754-2017)",
)
HOLDER_CODE = Rule(
    "property-holder-code",
    "请填写股东代码；股东为自然人而未填的，公开时其姓名不会隐去",
    "give the shareholder's code: without it the name of a natural person is not masked for the public",
)

GBT4754_2017 = "2"


class CompanyKind(LotKind):
    """A record about the company whose equity a lot is."""

    fixed = ("bid_code", "subject_company_code")

    subject_company_name: PropertyName = field("转让标的企业名称")
    subject_company_code: PartyCode = field("标的企业社会信用代码/组织机构代码", party_code=True)


class PropertyTargetEnterprise(CompanyKind):
    """转让标的企业信息: the company whose equity is on offer, its staff and its accounts.

    企业国有资产交易监督管理办法 第十五条: the disclosure says what the company is and gives the figures of its audit.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = EXCHANGE_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 751
    dataset_name = "TRANSFER_ENTE_INFO"
    ggzy_stage = "0501"
    natural_key = ("project_code", "bid_code", "subject_company_code")
    label = "subject_company_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第十五条"

    sell_percent: Percent = field("本次拟转让产（股）权比例（%）")
    zone: RegionCode = field("转让标的企业所在地区")
    class_ver_code: Annotated[str, ExactStr(1)] = field("分类版本代码", description="2 is GB/T 4754-2017.")
    industry_code: Annotated[str, Code("industry_gbt4754")] = field("转让标的企业所属行业码")
    economy_type: Annotated[str, Code("economy_type")] = field("转让标的企业经济类型")
    employee_quantity: Annotated[int, Count(5)] = field("转让标的企业职工人数")
    has_contain_ground: YesNo = field("转让标的企业是否含有国有划拨土地")
    last_audit_year: Year | None = field("审计年度（上年度）", default=None)
    last_audit_unit: PropertyName | None = field("审计机构（上年度）", default=None)
    last_audit_asset: Balance | None = field("资产总额（上年度）", default=None)
    last_audit_debt: Balance | None = field("负债总额（上年度）", default=None)
    last_audit_equity: SignedBalance | None = field("净资产（所有者权益）（上年度）", default=None)
    last_audit_earning: Balance | None = field("营业收入（上年度）", default=None)
    last_audit_profit: SignedBalance | None = field("利润总额（上年度）", default=None)
    last_audit_netprofit: SignedBalance | None = field("净利润（上年度）", default=None)
    finance_report_date: Date = field("报表日期")
    finance_report_type: Annotated[str, Code("report_type")] = field("报表类型")
    total_capital: Balance | None = field("资产总额", default=None)
    total_debt: Balance | None = field("负债总额", default=None)
    ownership_interest: SignedBalance | None = field(
        "净资产（所有者权益）", element="OWENERSHIP_INTEREST", default=None
    )
    business_income: Balance | None = field("营业收入", default=None)
    business_profit: SignedBalance | None = field("利润总额", default=None)
    net_profit: SignedBalance | None = field("净利润", default=None)
    price_unit: PriceUnit | None = field(
        "金额单位",
        element=None,
        default=None,
        description="Of all amounts here; the specification has no element for it.",
    )

    percent_possible: ClassVar[Check] = percentage("sell_percent")
    whole_audit: ClassVar[Check] = together("last_audit_year", "last_audit_unit")
    audited_before_report: ClassVar[Check] = audited_before("last_audit_year", "finance_report_date")
    audit_balanced: ClassVar[Check] = balanced("last_audit_asset", "last_audit_debt", "last_audit_equity")
    report_balanced: ClassVar[Check] = balanced("total_capital", "total_debt", "ownership_interest")

    @rule(at="class_ver_code")
    def current_classification(self) -> PydanticCustomError | None:
        return None if self.class_ver_code == GBT4754_2017 else CLASS_VERSION()


class PropertyTargetShareholder(CompanyKind):
    """转让标的企业股东信息: one of the ten largest shareholders of the company whose equity is on offer.

    企业国有资产交易监督管理办法 第十五条: the disclosure gives the structure of the shareholders; of a natural person
    the name is masked.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = EXCHANGE_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 752
    dataset_name = "TRANSFER_ENTE_HAREHOLDER"
    ggzy_stage = "0501"
    natural_key = ("project_code", "bid_code", "top10_holder_name")
    label = "subject_company_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第十五条"

    top10_holder_name: Annotated[str, Str(500)] = field("股东名称", scope=Scope.MASKED)
    top10_holder_code: PartyCode | None = field(
        "股东代码",
        element=None,
        party_code=True,
        default=None,
        description="Tells whether the shareholder is a natural person, whose name is masked.",
    )
    # The specification has 22 digits; JSON numbers are exact to 15 in every reader.
    top10_holder_number: Annotated[int, Count(15)] = field("持股数量")
    top10_holder_percent: Annotated[Decimal, Amount(20, 2)] = field("股东持股比例", description="Percent, e.g. 51.")

    percent_possible: ClassVar[Check] = percentage("top10_holder_percent")

    @advice(at="top10_holder_code")
    def holder_is_known(self) -> PydanticCustomError | None:
        return HOLDER_CODE() if self.top10_holder_code is None else None
