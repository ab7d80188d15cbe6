"""采购文件."""

from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, Within
from hub.schemas.common_rules import plausible
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.procurement.base import ProcurementKind
from hub.schemas.procurement.budget_rules import ceiling_within_budget
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceUnit
from hub.schemas.types import Code, Date, DealCode, Instant, Str, Text

CLARIFICATION = Rule(
    "clarification-content",
    "第 2 版起的采购文件须填写澄清修改内容",
    "from its second version on a document says what was clarified or changed",
)
DOCUMENT_REVIEW = Rule(
    "document-review",
    "采购文件公开前须审查，结论应为“可公开”（1）或“区分处理后公开”（2）",
    "documents are reviewed before they are published: the result is 1 (all of it) or 2 (in part)",
)

FIT_TO_PUBLISH = ("1", "2")
"""Codes of `secrecy_review` with which the documents may be published."""


class ProcurementDocument(ProcurementKind):
    """采购文件: one version of the documents that suppliers answer to.

    政府采购法实施条例 第四十三条: published at the latest with the result, within two working days of the supplier's choice.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (Within(id="D-PRES2", days=2, of="determined_date", basis="政府采购法实施条例 第四十三条"), AT_ONCE)
    natural_key = ("purchase_project_code", "purchase_section_code", "doc_version")
    label = "doc_name"
    basis = "国办发〔2017〕97号 二（一）4；政府采购法实施条例 第四十三条"
    fixed = ("doc_version",)
    attached = ("PURCHASE_FILE",)

    purchase_section_code: list[Annotated[str, Str(50)]] | None = field(
        "子包编号", default=None, min_length=1, max_length=99, description="Left out where it is for all sections."
    )
    unified_deal_code: DealCode | None = field("统一交易标识码", scope=Scope.GOVERNMENT, default=None)
    doc_name: Annotated[str, Str(600)] = field("采购文件名称")
    doc_type: Annotated[str, Code("procurement_doc_type")] = field("文件类型")
    doc_version: Annotated[int, Field(strict=True, ge=1, le=999)] = field(
        "版本", description="From 1 on; a clarification or a change makes the next one."
    )
    issue_time: Instant = field("发出时间")
    budget_amount: Price = field("项目预算金额", description="In `price_unit`.")
    ceiling_price: Price | None = field("最高限价", default=None, description="In `price_unit`.")
    currency_code: Currency = field("币种代码")
    price_unit: PriceUnit = field("金额单位")
    evaluation_method: Text | None = field("评审办法", default=None)
    clarify_content: Text | None = field("澄清修改内容", default=None)
    trade_secret_review: Annotated[str, Code("secrecy_review")] = field(
        "涉密、商业秘密审查结论", scope=Scope.GOVERNMENT
    )
    determined_date: Date | None = field(
        "供应商确定日期",
        default=None,
        description="The day of the supplier's choice, where the documents are published with the result.",
    )

    within_budget: ClassVar[Check] = ceiling_within_budget
    plausible_budget: ClassVar[Check] = plausible("budget_amount", "price_unit")

    @rule(at="clarify_content")
    def clarified_from_the_second_on(self) -> PydanticCustomError | None:
        return CLARIFICATION() if self.doc_version > 1 and self.clarify_content is None else None

    @rule(at="trade_secret_review")
    def reviewed(self) -> PydanticCustomError | None:
        return None if self.trade_secret_review in FIT_TO_PUBLISH else DOCUMENT_REVIEW()
