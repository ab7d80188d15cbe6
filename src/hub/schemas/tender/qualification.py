"""资格预审阶段."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import sections_of_project
from hub.schemas.kind import Part, Role, Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import PROJECT_DISCLOSERS
from hub.schemas.tender.base import SectionKind, TenderKind
from hub.schemas.types import DealCodes, Instant, PartyCode, SectionCodes, ShortText, Str, Text, Url


class PassedApplicant(Part):
    """通过资格预审的申请人: one applicant that may bid."""

    name: ShortText = field("申请人名称", element=None)
    code: PartyCode = field("申请人代码", element=None, party_code=True)


class PrequalificationResult(SectionKind):
    """资格预审结果: the applicants that may bid for a section.

    招标投标法实施条例 第十九条: the tenderer tells the applicants the result in time.
    """

    stage = Stage.QUALIFICATION
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 516
    dataset_name = "QUALI_INQUERY_RESULT"
    ggzy_stage = "0106"
    natural_key = ("tender_project_code", "bid_section_code")
    label = "notice_name"
    basis = "招标投标法实施条例 第十九条；国办发〔2017〕97号 二（三）"

    notice_name: Annotated[str, Str(600)] = field("资格预审结果标题")
    passed_applicant_list: Text = field("通过资格预审的申请人名单")
    result_create_time: Instant = field("资格评审结果生成时间")
    url: Url = field("结果发布源URL")
    passed_applicants: list[PassedApplicant] = field(
        "通过资格预审的申请人",
        element=None,
        description="The list once more, one object an applicant.",
        min_length=1,
        max_length=999,
    )


class PrequalificationApplication(TenderKind):
    """资格预审申请文件: who applied to be qualified, when and with what; for the government alone.

    招标投标法 第二十二条: who takes part is not told to others.
    """

    stage = Stage.QUALIFICATION
    discloser = frozenset({Role.PRODUCER})
    clocks = (AT_ONCE,)
    dataset = 515
    dataset_name = "QUALI_INQUERY_APP_FILE"
    natural_key = ("tender_project_code", "applicant_code")
    label = "applicant_name"
    basis = "招标投标法 第二十二条；招标投标法实施条例 第十七条"
    government_only = True

    bid_section_codes: SectionCodes = field("相关标段（包）编号")
    unified_deal_codes: DealCodes = field("相关统一交易标识码", scope=Scope.GOVERNMENT)
    applicant_name: ShortText = field("申请人名称", element="APPLICANTION_NAME")
    applicant_code: PartyCode = field("申请人代码", element="APPLICANTION_CODE", party_code=True)
    qualification_element: Text = field("投标资格条件")
    bid_manager: Annotated[str, Str(100)] = field("投标单位项目负责人")
    apply_submit_time: Instant = field("申请递交时间")

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_codes")
