"""采购资格审查阶段."""

from typing import Annotated

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.procurement.base import ProcurementKind
from hub.schemas.rules import Rule, rule
from hub.schemas.shared import PROJECT_DISCLOSERS
from hub.schemas.types import DealCode, Instant, PartyCode, ShortText, Str, Text, Url

PASSED_AND_FAILED = Rule(
    "passed-and-failed",
    "同一供应商不得既通过又未通过资格审查",
    "a supplier cannot both pass and fail",
)
PASSED_TWICE = Rule("supplier-listed-twice", "同一供应商在名单中只列一次", "a supplier stands in the list only once")


class QualifiedSupplier(Part):
    """通过资格审查的供应商: one supplier whose bid is reviewed further."""

    name: ShortText = field("供应商名称")
    code: PartyCode = field("供应商代码", party_code=True)


class FailedSupplier(Part):
    """未通过资格审查的供应商: one supplier that was turned away, and why; a natural person by the first character."""

    name: ShortText = field("供应商名称", scope=Scope.MASKED)
    code: PartyCode | None = field("供应商代码", party_code=True, default=None)
    reason: Text = field("未通过的原因")


class ProcurementPrequalificationResult(ProcurementKind):
    """采购资格审查结果: the suppliers that are qualified for a section, and those that are not.

    政府采购法 第二十三条: the purchaser reviews whether suppliers are qualified; 国办发〔2017〕97号 二（三） counts the result
    among what is published and shared.
    """

    stage = Stage.QUALIFICATION
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("purchase_project_code", "purchase_section_code")
    label = "notice_name"
    basis = "国办发〔2017〕97号 二（三）；政府采购法 第二十三条"

    purchase_section_code: Annotated[str, Str(50)] | None = field("子包编号", default=None)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    notice_name: Annotated[str, Str(600)] = field("标题")
    passed_suppliers: list[QualifiedSupplier] = field("通过资格审查的供应商", max_length=999)
    failed_suppliers: list[FailedSupplier] | None = field(
        "未通过资格审查的供应商及原因", default=None, min_length=1, max_length=999
    )
    result_create_time: Instant = field("结果生成时间")
    url: Url | None = field("源URL", default=None)

    @rule(at="passed_suppliers")
    def listed_once(self) -> PydanticCustomError | None:
        codes = [supplier.code for supplier in self.passed_suppliers]
        return PASSED_TWICE() if len(set(codes)) < len(codes) else None

    @rule(at="failed_suppliers")
    def either_passed_or_failed(self) -> PydanticCustomError | None:
        passed = {supplier.name for supplier in self.passed_suppliers}
        failed = {supplier.name for supplier in self.failed_suppliers or ()}
        return PASSED_AND_FAILED() if passed & failed else None
