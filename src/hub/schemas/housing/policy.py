"""政策: the documents on rural renovation and on the allocation of homes."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import in_order, needed
from hub.schemas.housing.base import DEPARTMENT_OR_APPROVER, NOTICE_2012, OPINION_HOUSING, HousingKind, short_digest
from hub.schemas.kind import Stage, field
from hub.schemas.rules import Check, Rule, advice
from hub.schemas.types import Code, Codes, Date, ShortText, Str, Text, Url, Uscc

DOCUMENT_NUMBER = Rule(
    "document-number",
    "政策文件须填写文号；仅办事指南、政策解读及其他类可不填",
    "a document has its number; only guides, interpretations and others may be without one",
)
EXPIRY_DATE = Rule(
    "expiry-date",
    "文件已失效或废止，宜填写失效日期",
    "the document has expired or was repealed: say since when",
)

OVER = ("2", "3")
"""失效 and 废止 in the code table `doc_validity`."""


class PolicyKind(HousingKind):
    """A policy document; it is a thread of its own."""

    doc_title: Annotated[str, Str(500)] = field("文件名称")
    doc_no: Annotated[str, Str(100)] | None = field(
        "文号", default=None, description="Left out for guides, interpretations and other papers without a number only."
    )
    issuing_dept: ShortText = field("发布部门")
    issuing_dept_code: Uscc | None = field("发布部门统一社会信用代码", default=None)
    issue_date: Date = field("发布日期")
    effective_date: Date = field("实施日期")
    expiry_date: Date | None = field("失效日期", default=None)
    validity: Annotated[str, Code("doc_validity")] = field("有效性")
    content: Text = field("正文")
    interpretation_url: Url | None = field("政策解读链接", default=None)

    in_force_in_order: ClassVar[Check] = in_order("effective_date", "expiry_date")

    @advice(at="expiry_date")
    def says_since_when(self) -> PydanticCustomError | None:
        return EXPIRY_DATE() if self.validity in OVER and self.expiry_date is None else None

    def thread(self, platform: str) -> str:
        """The document by its number or, where it has none, by its title and day of issue."""
        names = (self.doc_no,) if self.doc_no is not None else (self.doc_title, self.issue_date.isoformat())
        return f"housing:{platform}:policy:{short_digest(*names)}"


class RuralRenovationPolicy(PolicyKind):
    """农村危房改造政策: who may have a rural dwelling renovated, by which standards and with what subsidy.

    国办发〔2017〕97号 二（一）1 names the policy; the standard catalogue of local government affairs lists its contents.
    """

    stage = Stage.POLICY
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (twenty_working_days("issue_date"), AT_ONCE)
    natural_key = ("doc_no", "doc_title", "issue_date")
    label = "doc_title"
    basis = f"{OPINION_HOUSING}；农村危房改造领域基层政务公开标准目录"

    doc_class: Annotated[str, Code("rural_policy_class")] = field("文件分类")
    keywords: list[Annotated[str, Str(50)]] | None = field("关键词", default=None, min_length=1, max_length=20)
    application_conditions: Text | None = field("申请条件", default=None)
    danger_grading_standard: Text | None = field("危房等级评定标准", default=None)
    subsidy_standard: Text | None = field("资金补助标准", default=None)
    completion_standard: Text | None = field("竣工合格标准", default=None)

    numbered: ClassVar[Check] = needed(
        "doc_no", DOCUMENT_NUMBER, where="doc_class", is_in=("1", "3", "4", "5", "6", "7")
    )


class HousingAllocationPolicy(PolicyKind):
    """保障性住房分配政策: who may have an affordable home, at what rent or price, and when it is given back.

    住房城乡建设部办公厅 2012 年通知: the policies and the guides for applicants are published.
    """

    stage = Stage.POLICY
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (twenty_working_days("issue_date"), AT_ONCE)
    natural_key = ("doc_no", "doc_title", "issue_date")
    label = "doc_title"
    basis = f"{OPINION_HOUSING}；{NOTICE_2012}"

    policy_class: Annotated[str, Code("alloc_policy_class")] = field("类别")
    housing_classes: Annotated[list[str], Codes("housing_class")] = field("适用保障房类别")
    eligibility: Text | None = field("准入条件", default=None)
    rent_standard: Text | None = field("租金（售价）标准", default=None)
    exit_rule: Text | None = field("退出规定", default=None)
    apply_guide: Text | None = field("申请材料与流程", default=None)

    numbered: ClassVar[Check] = needed("doc_no", DOCUMENT_NUMBER, where="policy_class", is_in=("1",))
