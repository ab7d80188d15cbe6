"""What all tender kinds have in common."""

from decimal import Decimal
from typing import ClassVar

from hub.schemas.common_rules import sections_of_project
from hub.schemas.kind import Domain, Kind, Scope, field
from hub.schemas.rules import Check
from hub.schemas.types import DealCode, SectionCode, TenderProjectCode


def whole_units(amount: Decimal, unit: str | None) -> Decimal:
    """The amount in whole units of its currency: code 1 of `price_unit` is ten thousand of them."""
    return amount * (10_000 if unit == "1" else 1)


class ConstructionKind(Kind):
    """A record of a construction project: of the project itself or of one of its tenders.

    招标公告和公示信息发布管理办法（国家发展改革委令第10号）第八条 names the media.
    """

    domain = Domain.TENDER
    media = ("中国招标投标公共服务平台", "项目所在地省级电子招标投标公共服务平台")
    supervision = "招标投标行政监督部门"


class TenderKind(ConstructionKind):
    """A record of a tender project; all records of the project are one thread."""

    tender_project_code: TenderProjectCode = field("招标项目编号")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The tender project, whoever pushes: its code is unique in the country."""
        return f"tender:{self.tender_project_code}"


class SectionKind(TenderKind):
    """A record of one section (标段/包) of a tender project."""

    fixed: ClassVar[tuple[str, ...]] = ("bid_section_code",)

    bid_section_code: SectionCode = field("标段（包）编号")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)

    section_belongs: ClassVar[Check] = sections_of_project("bid_section_code")
