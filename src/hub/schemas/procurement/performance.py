"""履约验收阶段."""

from typing import Annotated

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.kind import Role, Stage, field
from hub.schemas.procurement.base import ProcurementRecord
from hub.schemas.types import Date, ShortText, Str, Text


class ProcurementAcceptance(ProcurementRecord):
    """公共服务项目验收结果公告: how a service for the public was found when the contract was performed.

    政府采购法实施条例 第四十五条: those served take part in the acceptance, and its result is published.
    """

    stage = Stage.PERFORMANCE
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (twenty_working_days("accept_date"), AT_ONCE)
    natural_key = ("contract_no", "accept_date")
    label = "contract_name"
    basis = "政府采购法实施条例 第四十五条；财办库〔2020〕50号"
    fixed = ("contract_no",)

    contract_no: Annotated[str, Str(100)] = field("合同编号")
    contract_name: Annotated[str, Str(600)] = field("合同名称")
    project_no: Annotated[str, Str(50)] = field("项目编号")
    project_name: Annotated[str, Str(600)] = field("项目名称")
    purchaser_name: ShortText = field("采购人（甲方）")
    supplier_name: ShortText = field("供应商（乙方）")
    subject_info: Text = field(
        "合同主要信息", description="What the service is, what is asked of it, for how long and where."
    )
    accept_date: Date = field("验收日期")
    accept_members: Text = field("验收组成员", description="Those whom the service is for are invited to take part.")
    accept_opinion: Text = field("验收意见")

    def thread(self, platform: str) -> str:
        """The project, by the number that its contract gives."""
        return f"procurement:{platform}:{self.project_no}"
