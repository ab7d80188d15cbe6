"""项目、招标项目与标段登记: what is tendered, in which parts, by whom."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import needed, plausible
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceUnit, SubjectRole, SubjectType
from hub.schemas.tender.base import ConstructionKind, SectionKind, TenderKind
from hub.schemas.types import (
    Code,
    Codes,
    Count,
    Date,
    DealCode,
    Instant,
    InvestmentProjectCode,
    PartyCode,
    PartyCodes,
    ProjectCode,
    RegionCode,
    ShortText,
    Str,
    Text,
    YesNo,
)

INVESTMENT_CODE = Rule(
    "investment-code-needed",
    "固定资产投资项目（1）须填写投资项目统一代码",
    "a fixed-asset investment (`relate_code` 1) has its investment project code",
)
AGENCY_NEEDED = Rule(
    "tender-agency-needed",
    "委托招标（2）须填写招标代理机构的名称、类别、代码和角色",
    "a tender by an agency (`tender_organize_form` 2) names it with its type, code and role",
)
JOINT_TENDERERS = Rule(
    "joint-tenderers",
    "联合招标（1）须有两个以上招标人代码，非联合招标只有一个",
    "a joint tender (`isunion` 1) has two tenderers at least, any other tender one",
)
TENDERER_TYPES = Rule(
    "tenderer-types", "招标人类别须与招标人代码逐一对应", "there is one type for every tenderer's code"
)
PROJECT_OF_TENDER = Rule(
    "project-of-tender",
    "招标项目编号的前 17 位须为项目编号",
    "a tender project code begins with the 17 characters of its project's code",
)
LAWFUL_MODE = Rule(
    "tender-lawful-mode",
    "依法必须招标的项目应公开招标或邀请招标（招标投标法 第十条）",
    "what the law says must be tendered is tendered openly or by invitation (招标投标法 第十条)",
)

BY_AGENCY = ("2",)
"""Code of `tender_org_form`."""


class TenderInvestmentProject(ConstructionKind):
    """项目: an investment project whose works are tendered, with its owner, funds and approval.

    国办发〔2017〕97号 二（一）6; its tender projects name it by its code.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 500
    dataset_name = "PROJECT"
    natural_key = ("project_code",)
    label = "project_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"
    fixed = ("project_code",)

    project_code: ProjectCode = field("项目编号")
    project_name: Annotated[str, Str(600)] = field("项目名称")
    region_code: RegionCode = field("项目所在行政区域代码")
    relate_code: Annotated[str, Code("relate_code")] = field("项目类别关联代码")
    invest_project_code: InvestmentProjectCode | None = field("投资项目统一代码", default=None)
    address: ShortText = field("项目地址")
    legal_person: ShortText = field("项目法人")
    class_ver_code: Literal["2"] = field("分类版本代码", description="2: GB/T 4754-2017.")
    industries_type: Annotated[str, Code("industry_gbt4754")] = field("项目行业分类")
    fund_source: Annotated[str, Str(1000)] = field("资金来源")
    contribution_scale: Annotated[str, Str(1000)] | None = field("出资比例", default=None)
    project_scale: Annotated[str, Str(1000)] = field("项目规模")
    contactor: Annotated[str, Str(100)] = field("联系人")
    contact_information: Annotated[str, Str(100)] = field("联系方式", scope=Scope.GOVERNMENT)
    approval_name: Annotated[str, Str(500)] = field("项目审批文件名称")
    approval_number: Annotated[str, Str(100)] | None = field("项目审批文号", default=None)
    approval_authority: ShortText | None = field("项目审批单位", default=None)
    create_time: Instant = field("项目建立时间")

    investment_code: ClassVar[Check] = needed("invest_project_code", INVESTMENT_CODE, where="relate_code", is_in=("1",))

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The project, whoever pushes: its code is unique in the country."""
        return f"project:{self.project_code}"


class TenderProject(TenderKind):
    """招标项目: what of a project is tendered together, who tenders it and who supervises.

    招标投标法 第八条 to 第十二条: the tenderer, the mode of tendering and the agency.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 501
    dataset_name = "TENDER_PROJECT"
    natural_key = ("tender_project_code",)
    label = "tender_project_name"
    basis = "招标投标法 第八条至第十二条；公共资源交易平台系统数据规范 V2.0"

    project_code: ProjectCode = field("项目编号")
    tender_self_code: ShortText | None = field("招标编号", default=None, description="The tenderer's own number.")
    unified_deal_code: DealCode | None = field(
        "统一交易标识码",
        scope=Scope.GOVERNMENT,
        default=None,
        description="Of a project without sections; otherwise every section has its own.",
    )
    is_to_law: YesNo = field("是否依法必须招标", scope=Scope.GOVERNMENT)
    tender_project_name: Annotated[str, Str(600)] = field("招标项目名称")
    tender_project_type: Annotated[str, Code("trade_class")] = field("招标项目类型")
    region_code: RegionCode = field("招标项目所在行政区域代码")
    tender_content: Text = field("招标内容与范围及招标方案说明")
    owner_name: ShortText | None = field("项目业主名称", default=None)
    tenderer_name: Annotated[str, Str(2000)] = field("招标人名称")
    tenderer_code_type: Annotated[list[str], Codes("subject_type")] = field("招标人类别")
    tenderer_code: PartyCodes = field("招标人代码", party_code=True)
    isunion: YesNo = field("是否联合招标")
    tenderer_role: SubjectRole = field("招标人角色")
    tender_agency_name: ShortText | None = field("招标代理机构名称", default=None)
    tender_agency_code_type: SubjectType | None = field("招标代理机构类别", default=None)
    tender_agency_code: PartyCode | None = field("招标代理机构代码", party_code=True, default=None)
    tender_agency_role: SubjectRole | None = field("招标代理机构角色", default=None)
    tender_mode: Annotated[str, Code("tender_mode")] = field("招标方式")
    tender_organize_form: Annotated[str, Code("tender_org_form")] = field("招标组织形式")
    create_time: Instant = field("招标项目建立时间")
    supervise_dept_name: ShortText = field("监督部门名称")
    supervise_dept_code: PartyCode | None = field("监督部门代码", party_code=True, default=None)
    approve_dept_name: ShortText = field("审核部门名称")
    approve_dept_code: PartyCode | None = field("审核部门代码", party_code=True, default=None)
    report_duty: Annotated[str, Str(100)] = field("申报责任人")

    agency_name, agency_type, agency_code, agency_role = (
        needed(name, AGENCY_NEEDED, where="tender_organize_form", is_in=BY_AGENCY)
        for name in ("tender_agency_name", "tender_agency_code_type", "tender_agency_code", "tender_agency_role")
    )

    @rule(at="tender_project_code")
    def project_comes_first(self) -> PydanticCustomError | None:
        return None if self.tender_project_code.startswith(self.project_code) else PROJECT_OF_TENDER()

    @rule(at="tenderer_code")
    def joint_or_not(self) -> PydanticCustomError | None:
        joint = len(self.tenderer_code) > 1
        return None if joint == (self.isunion == "1") else JOINT_TENDERERS()

    @rule(at="tenderer_code_type")
    def a_type_for_every_tenderer(self) -> PydanticCustomError | None:
        return None if len(self.tenderer_code_type) == len(self.tenderer_code) else TENDERER_TYPES()

    @advice(at="tender_mode")
    def openly_or_by_invitation(self) -> PydanticCustomError | None:
        return LAWFUL_MODE() if self.is_to_law == "1" and self.tender_mode not in ("1", "2") else None


class TenderSection(SectionKind):
    """标段（包）: one part of a tender project that is bid for by itself.

    招标投标法 第十九条: the tenderer divides a project into sections and says how long each takes.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 502
    dataset_name = "SECTION"
    natural_key = ("bid_section_code",)
    label = "bid_section_name"
    basis = "招标投标法 第十九条；公共资源交易平台系统数据规范 V2.0"

    bid_section_name: Annotated[str, Str(500)] = field("标段（包）名称")
    bid_section_num: Annotated[int, Field(strict=True, ge=1, le=9)] = field(
        "标段（包）招标次数", element="BID_ECTION_NUM", description="From 1: a repeated tender counts on."
    )
    bid_tender_mode: Annotated[str, Code("tender_mode")] = field("标段（包）招标方式")
    region_code: RegionCode = field("标段（包）所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    bid_section_content: Text = field("标段（包）内容")
    tender_project_classify_code: Annotated[str, Code("section_class")] = field("标段（包）分类代码")
    contract_reckon_price: Price = field("标段合同估算价")
    currency_code: Currency = field("标段合同估算价币种代码")
    price_unit: PriceUnit = field("标段合同估算价单位")
    bid_qualification: Text = field("投标人资格条件")
    begin_date: Date | None = field("计划开工日期", default=None)
    time_limit_days: Annotated[int, Count(5)] | None = field(
        "工期", element="LIMITE_TIME", default=None, description="In days."
    )
    create_time: Instant = field("标段（包）建立时间")

    plausible_price: ClassVar[Check] = plausible("contract_reckon_price", "price_unit")
