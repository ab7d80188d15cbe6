"""财政部门的监督: decisions on complaints, inspections, and the assessment of procurement centres."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, seven_working_days, twenty_working_days
from hub.schemas.common_rules import in_order, together
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.procurement.base import ConcernedParty, ProcurementRecord, named_thread
from hub.schemas.rules import Check, Rule, advice
from hub.schemas.types import Code, Date, PartyCode, ShortText, Str, Text, Uscc, YesNo
from hub.schemas.workdays import working_days_between

COMPLAINT_DECISION = Rule(
    "complaint-decision-period",
    "财政部门应当自收到投诉之日起 30 个工作日内作出处理决定（政府采购法 第五十六条），检验、检测、鉴定、专家评审所需时间除外",
    "a complaint is decided within thirty working days of its receipt (政府采购法 第五十六条), not counting "
    "inspections, tests and expert opinions",
)
COMPLAINANT_CODE = Rule(
    "complainant-code",
    "请填写投诉人代码；投诉人为自然人而未填的，公开时其姓名不会隐去",
    "give the complainant's code: without it the name of a natural person is not masked for the public",
)

SUPERVISORS = frozenset({Role.APPROVER, Role.PRODUCER})
"""The finance department, which decides and writes the decision."""


class ProcurementComplaintDecision(ProcurementRecord):
    """投诉处理结果公告: what a finance department decided on a supplier's complaint.

    政府采购法 第五十六条 gives the time to decide; 国办发〔2017〕97号 二（一）4 names the decision, 财办库〔2020〕50号 its contents.
    """

    stage = Stage.SUPERVISION
    discloser = SUPERVISORS
    clocks = (twenty_working_days("decision_date"), AT_ONCE)
    natural_key = ("decision_doc_no",)
    label = "project_name"
    basis = "国办发〔2017〕97号 二（一）4；政府采购法 第五十六条；财办库〔2020〕50号"
    fixed = ("decision_doc_no",)

    decision_doc_no: Annotated[str, Str(100)] = field("处理决定文号")
    project_no: Annotated[str, Str(50)] = field("项目编号")
    project_name: Annotated[str, Str(600)] = field("项目名称")
    complainant_name: ShortText = field("投诉人", scope=Scope.MASKED)
    complainant_code: PartyCode | None = field(
        "投诉人代码",
        party_code=True,
        default=None,
        description="With a natural person's ID number here the public sees name and address masked, and no code.",
    )
    complainant_address: Annotated[str, Str(300)] | None = field("投诉人地址", scope=Scope.MASKED, default=None)
    respondents: list[ConcernedParty] = field("被投诉人", min_length=1, max_length=99)
    interested_parties: list[ConcernedParty] | None = field("相关当事人", default=None, min_length=1, max_length=99)
    basic_facts: Text = field("基本情况")
    basis_of_decision: Text = field("处理依据")
    result: Text = field("处理结果")
    complaint_date: Date | None = field("投诉日期", scope=Scope.GOVERNMENT, default=None)
    accept_date: Date | None = field("受理日期", default=None)
    decision_date: Date = field("处理决定日期")
    authority_name: ShortText = field("执法机关")
    authority_code: Uscc | None = field("执法机关代码", default=None)
    enter_credit_platform: YesNo = field("是否进入信用平台", scope=Scope.GOVERNMENT)

    accepted_after_complaint: ClassVar[Check] = in_order("complaint_date", "accept_date")
    decided_after_complaint: ClassVar[Check] = in_order("complaint_date", "decision_date")
    decided_after_acceptance: ClassVar[Check] = in_order("accept_date", "decision_date")

    @advice(at="complainant_code")
    def complainant_is_known(self) -> PydanticCustomError | None:
        return COMPLAINANT_CODE() if self.complainant_code is None else None

    @advice(at="decision_date")
    def decided_in_thirty_working_days(self) -> PydanticCustomError | None:
        if self.complaint_date is None:
            return None
        late = working_days_between(self.complaint_date, self.decision_date) > 30
        return COMPLAINT_DECISION() if late else None

    def thread(self, platform: str) -> str:
        """The project that the complaint is about."""
        return f"procurement:{platform}:{self.project_no}"


class ProcurementSupervisionDecision(ProcurementRecord):
    """监督检查处理结果公告: what a finance department decided after an inspection.

    政府采购法 第五十九条: it inspects; 国办发〔2017〕97号 二（一）4 names the decision, 财办库〔2020〕50号 its contents.
    """

    stage = Stage.SUPERVISION
    discloser = SUPERVISORS
    clocks = (
        twenty_working_days("decision_date"),
        seven_working_days("decision_date", where=("is_penalty", "1")),
        AT_ONCE,
    )
    natural_key = ("decision_doc_no",)
    label = "decision_doc_no"
    basis = "国办发〔2017〕97号 二（一）4；政府采购法 第五十九条；财办库〔2020〕50号"
    fixed = ("decision_doc_no",)

    decision_doc_no: Annotated[str, Str(100)] = field("处理（处罚）决定文号")
    project_no: Annotated[str, Str(50)] | None = field("项目编号", default=None)
    project_name: Annotated[str, Str(600)] | None = field("项目名称", default=None)
    parties: list[ConcernedParty] = field("相关当事人", min_length=1, max_length=99)
    basic_facts: Text = field("基本情况")
    basis_of_decision: Text = field("处理依据及结果")
    is_penalty: YesNo = field(
        "是否行政处罚",
        description="A penalty is also pushed as `administrative_penalty`, within seven working days.",
    )
    decision_date: Date = field("决定日期")
    authority_name: ShortText = field("执法机关")

    whole_project: ClassVar[Check] = together("project_no", "project_name")

    def thread(self, platform: str) -> str:
        """The project, or the decision where it is about none."""
        return f"procurement:{platform}:{self.project_no or self.decision_doc_no}"


class ProcurementAgencyAssessment(ProcurementRecord):
    """集中采购机构考核结果: how a finance department found a procurement centre's work over a period.

    政府采购法 第六十六条: the assessment's result is published; 国办发〔2017〕97号 二（一）4 names it.
    """

    stage = Stage.SUPERVISION
    discloser = SUPERVISORS
    clocks = (twenty_working_days("result_date"), AT_ONCE)
    natural_key = ("agency_name", "assessment_period")
    label = "agency_name"
    basis = "国办发〔2017〕97号 二（一）4；政府采购法 第六十六条；财办库〔2020〕50号"
    fixed = ("assessment_period",)

    agency_name: ShortText = field("集中采购机构名称")
    agency_code: Uscc | None = field("机构代码", default=None)
    assessment_period: Annotated[str, Str(100)] = field("考核期间")
    assessment_content: Text = field("考核内容")
    assessment_method: Text | None = field("考核方法", default=None)
    result: Text = field("考核结果")
    result_grade: Annotated[str, Code("assessment_grade")] | None = field("考核等次", default=None)
    problems: Text | None = field("存在问题", default=None)
    units_with_violations: Text | None = field(
        "被考核单位、人员违规情况",
        scope=Scope.MASKED,
        default=None,
        description="Bodies by their names; a natural person by the post held or the surname, never by the full name.",
    )
    assess_dept: ShortText = field("考核单位")
    result_date: Date = field("结果形成日期")

    def thread(self, platform: str) -> str:
        """The centre that was assessed."""
        return named_thread(platform, self.agency_name)
