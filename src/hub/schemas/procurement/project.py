"""采购项目及其预算."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import needed, plausible, price_form
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.procurement.base import NamedProject, ProcurementKind
from hub.schemas.procurement.budget_rules import ceiling_within_budget
from hub.schemas.rules import Check, Rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceForm, PriceUnit, SubjectRole
from hub.schemas.types import (
    Code,
    DealCode,
    Instant,
    InvestmentProjectCode,
    PartyCode,
    PartyCodes,
    RegionCode,
    ShortText,
    Str,
    Text,
    YesNo,
)

INVESTMENT_CODE = Rule(
    "procurement-investment-code",
    "固定资产投资项目（1）须填写投资项目统一代码",
    "a fixed-asset investment project (1) has an investment project code",
)

INVESTMENT = "1"
"""固定资产投资项目 in the code table `relate_code`."""


class ProcurementProject(NamedProject):
    """采购项目: the master data of one section of a procurement project.

    公共资源交易平台系统数据规范 V2.0, dataset 550; 国办发〔2017〕97号 二（一）4 names the project's budget.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 550
    dataset_name = "PURCHASE_PROJECT"
    natural_key = ("purchase_project_code", "purchase_section_code")
    label = "purchase_project_name"
    basis = "国办发〔2017〕97号 二（一）4；公共资源交易平台系统数据规范 V2.0"
    fixed = ("purchase_section_code",)

    relate_code: Annotated[str, Code("relate_code")] = field("项目类别关联代码")
    invest_project_code: InvestmentProjectCode | None = field("投资项目统一代码", default=None)
    tender_project_type: Annotated[str, Code("trade_class")] = field("采购项目类型")
    purchaser_name: Annotated[str, Str(2000)] = field("采购人名称")
    purchaser_code: PartyCodes = field("采购人代码", party_code=True)
    purchaser_role: SubjectRole = field("采购人角色")
    price_form_code: PriceForm = field("价款形式代码")
    budget_amount: Price | None = field("项目预算", element="PROGRAM_BUDGET", default=None)
    budget_currency: Currency | None = field("预算金额币种", default=None)
    budget_unit: PriceUnit | None = field("预算金额单位", element="UNIT_BUDGET", default=None)
    other_program_budget: Annotated[str, Str(2000)] | None = field("优惠率或其它类型项目预算", default=None)
    is_ppp: YesNo | None = field("是否PPP项目", element="IS_PROJECT", default=None)
    purchaser_mode: Annotated[str, Code("purchase_mode")] = field("采购方式")
    purchaser_content: Text | None = field("采购内容", default=None)
    purchaser_organize_form: Annotated[str, Code("purchase_org_form")] = field("采购组织形式", scope=Scope.GOVERNMENT)
    purchaser_agency_name: ShortText = field("采购代理机构名称")
    purchaser_agency_code: PartyCode = field("采购代理机构代码", party_code=True)
    purchaser_agency_role: SubjectRole = field("采购代理机构角色")
    purchaser_agency_connector: Annotated[str, Str(100)] | None = field("采购代理机构联系人", default=None)
    purchaser_agency_information: Annotated[str, Str(50)] | None = field("采购代理机构联系电话", default=None)
    purchase_section_code: Annotated[str, Str(50)] = field("采购项目子包编号")
    purchase_section_name: Annotated[str, Str(600)] = field("采购项目子包名称")
    region_code: RegionCode = field("采购项目子包所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    create_time: Instant = field("项目创建时间")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    catalog_code: Annotated[str, Code("procurement_catalog")] | None = field("采购品目代码", element=None, default=None)
    is_joint_bid_allowed: YesNo | None = field("是否接受联合体", element=None, default=None)

    investment_code: ClassVar[Check] = needed(
        "invest_project_code", INVESTMENT_CODE, where="relate_code", is_in=(INVESTMENT,)
    )
    amount_given, currency_given, unit_given, text_given = price_form(
        amount="budget_amount", currency="budget_currency", unit="budget_unit", other="other_program_budget"
    )
    plausible_budget: ClassVar[Check] = plausible("budget_amount", "budget_unit")


class ProcurementBudget(ProcurementKind):
    """采购项目预算金额: the budget of a project or of one of its sections.

    财库〔2015〕135号: published with the notice and in the documents; 国办发〔2017〕97号 二（一）4 names it.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("purchase_project_code", "purchase_section_code")
    label = "purchase_project_code"
    basis = "国办发〔2017〕97号 二（一）4；财库〔2015〕135号"
    fixed = ("purchase_section_code",)

    purchase_section_code: Annotated[str, Str(50)] | None = field(
        "子包编号", default=None, description="Left out where the budget is that of the whole project."
    )
    price_form_code: PriceForm = field("价款形式")
    budget_amount: Price | None = field("预算金额", default=None)
    budget_currency: Currency | None = field("币种", default=None)
    budget_unit: PriceUnit | None = field("单位", default=None)
    other_budget: Annotated[str, Str(2000)] | None = field("优惠率或其他类型预算", default=None)
    ceiling_price: Price | None = field("最高限价", default=None, description="In `budget_unit`.")
    budget_doc_no: Annotated[str, Str(100)] | None = field("预算批复文号", default=None)
    fund_source: Annotated[str, Str(1000)] | None = field("资金来源", default=None)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="budget_amount", currency="budget_currency", unit="budget_unit", other="other_budget"
    )
    within_budget: ClassVar[Check] = ceiling_within_budget
    plausible_budget: ClassVar[Check] = plausible("budget_amount", "budget_unit")
