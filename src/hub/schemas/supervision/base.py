"""What the supervision kinds have in common."""

from typing import Annotated, ClassVar

from hub.schemas.common_rules import sections_of_project
from hub.schemas.kind import Domain, Kind, Role, Scope, field
from hub.schemas.rules import Check
from hub.schemas.types import DealCode, SectionCode, ShortText, Str, TenderProjectCode

SUPERVISORS = frozenset({Role.APPROVER, Role.IMPLEMENTER, Role.PRODUCER})
"""The departments that supervise: they approve, manage, and make the records of both."""


class SupervisedSection(Kind):
    """A record of supervision over one section of a tender project, in the project's thread."""

    domain = Domain.SUPERVISION
    supervision = "招标投标行政监督部门"
    fixed = ("bid_section_code",)

    tender_project_name: ShortText = field("招标项目（采购项目）名称", scope=Scope.GOVERNMENT)
    tender_project_code: TenderProjectCode = field("招标项目（采购项目）编号")
    bid_section_code: SectionCode = field("标段（包）编号")
    bid_section_name: Annotated[str, Str(500)] = field("标段（包）名称")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)

    section_belongs: ClassVar[Check] = sections_of_project("bid_section_code")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The tender project, whoever pushes: its code is unique in the country."""
        return f"tender:{self.tender_project_code}"
