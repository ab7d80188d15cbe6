"""决策批准阶段: what was decided and approved, and what auditors and appraisers found."""

from hashlib import sha256
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, twenty_working_days
from hub.schemas.common_rules import in_order, needed
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.property.base import (
    EXCHANGE_DISCLOSERS,
    MEASURES,
    OPINION_PROPERTY,
    Balance,
    PartyNames,
    ProjectCode,
    PropertyKind,
    PropertyName,
    PropertyRecord,
    SignedBalance,
    Year,
    audited_before,
    balanced,
)
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import PriceUnit
from hub.schemas.types import Code, Date, ShortText, Str, Text, Uscc, YesNo

APPROVAL_REVIEW = Rule(
    "property-approval-review",
    "公开前须审查商业秘密，结论应为“可公开”（1）或“区分处理后公开”（2）",
    "trade secrets are looked for before it is published: the result is 1 (all of it) or 2 (in part)",
)
AUDIT_CONTENT = Rule("property-audit-content", "审计结果须填写此项", "an audit has this field")
APPRAISAL_CONTENT = Rule("property-appraisal-content", "评估结果须填写此项", "an appraisal has this field")
AMOUNTS_UNIT = Rule(
    "property-amounts-unit", "审计、评估结果须填写金额单位", "the amounts of an audit or an appraisal have a unit"
)

FIT_TO_PUBLISH = ("1", "2")
"""Codes of `secrecy_review` with which the approval may be published."""
AUDIT, APPRAISAL = "1", "2"
"""审计 and 资产评估 in the code table `intermediary_type`."""


def _audited(at: str) -> Check:
    """A rule: an audit gives the field `at`."""
    return needed(at, AUDIT_CONTENT, where="intermediary_type", is_in=(AUDIT,))


class PropertyDecisionApproval(PropertyRecord):
    """产权交易决策及批准信息: who decided and who approved that state-owned property is traded.

    国办发〔2017〕97号 二（一）5; 企业国有资产交易监督管理办法 第七条至第九条 say who decides and approves.
    """

    stage = Stage.APPROVAL
    discloser = frozenset({Role.APPROVER, Role.PRODUCER})
    clocks = (twenty_working_days("approval_date"),)
    natural_key = ("project_code", "approval_doc_no")
    label = "project_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}"

    project_name: PropertyName = field("项目名称")
    project_code: ProjectCode | None = field(
        "项目编号", default=None, description="The exchange's code, once the project is listed."
    )
    transaction_type: Annotated[str, Code("property_txn_type")] = field("交易类型")
    transferor_name: PartyNames = field("转让方(增资企业)")
    transferor_code: list[Uscc] = field("转让方代码", min_length=1, max_length=100)
    target_name: PropertyName = field("标的(企业/资产)名称")
    internal_decision_form: Annotated[str, Code("decision_form")] = field("内部决策形式")
    internal_decision_date: Date = field("内部决策日期")
    internal_decision_doc: PropertyName = field("内部决策文件名称文号")
    approve_org: ShortText = field("批准单位")
    approve_org_type: Annotated[str, Code("approve_org_type")] = field("批准单位类型")
    approval_doc_name: PropertyName = field("批准文件名称")
    approval_doc_no: Annotated[str, Str(100)] = field("批准文号")
    approval_date: Date = field("批准日期")
    approval_content: Text = field("批准内容摘要", description="Without trade secrets.")
    employee_plan_approved: YesNo | None = field("职工安置方案是否经职代会审议", default=None)
    trade_secret_review: Annotated[str, Code("secrecy_review")] = field("商业秘密审查结论", scope=Scope.GOVERNMENT)

    decided_before_approved: ClassVar[Check] = in_order("internal_decision_date", "approval_date")

    @rule(at="trade_secret_review")
    def reviewed(self) -> PydanticCustomError | None:
        return None if self.trade_secret_review in FIT_TO_PUBLISH else APPROVAL_REVIEW()

    def thread(self, platform: str) -> str:
        """The approval by a digest of its body and number: an exchange gives the project its code only later."""
        named = sha256(f"{self.approve_org}\n{self.approval_doc_no}".encode()).hexdigest()[:32]
        return f"property:{platform}:approval:{named}"


class PropertyAuditResult(PropertyKind):
    """相关中介机构审计结果: what an auditor, an appraiser or another intermediary found about the target.

    国办发〔2017〕97号 二（一）5; 企业国有资产交易监督管理办法 第十一条、第十二条 ask for the audit and the appraisal.
    """

    stage = Stage.APPROVAL
    discloser = EXCHANGE_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("project_code", "report_no")
    label = "subject_company_name"
    basis = f"{OPINION_PROPERTY}；{MEASURES}第十一条、第十二条"
    fixed = ("report_no", "intermediary_type")

    subject_company_name: PropertyName = field("标的企业名称")
    subject_company_code: Uscc = field("标的企业代码")
    intermediary_type: Annotated[str, Code("intermediary_type")] = field("中介机构类型")
    intermediary_name: PropertyName = field("中介机构名称")
    intermediary_code: Uscc | None = field("中介机构代码", default=None)
    report_no: Annotated[str, Str(100)] = field("报告编号")
    report_date: Date = field("报告日期")
    base_date: Date = field("审计(评估)基准日")
    audit_year: Year | None = field("审计年度", default=None)
    opinion_type: Annotated[str, Code("audit_opinion")] | None = field("审计意见类型", default=None)
    total_assets: Balance | None = field("资产总额", default=None)
    total_liabilities: Balance | None = field("负债总额", default=None)
    net_assets: SignedBalance | None = field("净资产", default=None)
    revenue: Balance | None = field("营业收入", default=None)
    total_profit: SignedBalance | None = field("利润总额", default=None)
    net_profit: SignedBalance | None = field("净利润", default=None)
    evaluate_value: SignedBalance | None = field("评估结果", default=None)
    evaluate_method: Annotated[str, Code("eval_method")] | None = field("评估方法", default=None)
    filing_org: ShortText | None = field("核准(备案)单位", default=None)
    price_unit: PriceUnit | None = field("金额单位", default=None, description="Of all amounts here.")
    special_matters: Text | None = field("特别事项/重大期后事项", default=None, description="Without trade secrets.")

    year_audited, opinion_given, assets_audited, debts_audited = (
        _audited(at) for at in ("audit_year", "opinion_type", "total_assets", "total_liabilities")
    )
    equity_audited, revenue_audited, profit_audited, net_profit_audited = (
        _audited(at) for at in ("net_assets", "revenue", "total_profit", "net_profit")
    )
    appraised: ClassVar[Check] = needed(
        "evaluate_value", APPRAISAL_CONTENT, where="intermediary_type", is_in=(APPRAISAL,)
    )
    unit_of_amounts: ClassVar[Check] = needed(
        "price_unit", AMOUNTS_UNIT, where="intermediary_type", is_in=(AUDIT, APPRAISAL)
    )
    audited_before_report: ClassVar[Check] = audited_before("audit_year", "report_date")
    based_before_report: ClassVar[Check] = in_order("base_date", "report_date")
    balance: ClassVar[Check] = balanced("total_assets", "total_liabilities", "net_assets")
