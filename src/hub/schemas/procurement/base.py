"""What the procurement kinds have in common."""

from typing import Annotated, ClassVar

from hub.schemas.common_rules import together
from hub.schemas.kind import Domain, Kind, field
from hub.schemas.rules import Check, Ruled
from hub.schemas.types import ShortText, Str


class ProcurementKind(Kind):
    """A record of a procurement project; all records of the project that one platform pushes are one thread."""

    domain = Domain.PROCUREMENT

    purchase_project_code: Annotated[str, Str(50)] = field("采购项目编号")
    purchase_project_name: Annotated[str, Str(600)] = field("采购项目名称")

    def thread(self, platform: str) -> str:
        """The project's code, which is unique on its platform only."""
        return f"procurement:{platform}:{self.purchase_project_code}"


class Contacts(Ruled):
    """联系方式: the last section of every announcement (财办库〔2020〕50号)."""

    purchaser_name: ShortText = field("采购人名称", element=None)
    purchaser_address: Annotated[str, Str(300)] = field("采购人地址", element=None)
    purchaser_phone: Annotated[str, Str(50)] = field("采购人联系方式", element=None)
    agency_name: ShortText | None = field("代理机构名称", element=None, default=None)
    agency_address: Annotated[str, Str(300)] | None = field("代理机构地址", element=None, default=None)
    agency_phone: Annotated[str, Str(50)] | None = field("代理机构联系方式", element=None, default=None)
    project_contact: Annotated[str, Str(100)] = field("项目联系人", element=None)
    project_phone: Annotated[str, Str(50)] = field("项目联系电话", element=None)

    whole_agency: ClassVar[Check] = together("agency_name", "agency_address", "agency_phone")
