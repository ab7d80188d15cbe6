"""What the procurement kinds have in common."""

from hashlib import sha256
from typing import Annotated, ClassVar

from hub.schemas.common_rules import together
from hub.schemas.kind import Domain, Kind, Part, Scope, field
from hub.schemas.rules import Check, Ruled
from hub.schemas.types import PartyCode, ShortText, Str


class ProcurementRecord(Kind):
    """A record about government procurement, of a project or beyond one."""

    domain = Domain.PROCUREMENT
    media = ("中国政府采购网", "中国政府采购网省级分网")
    supervision = "财政部门（政府采购监督管理部门）"


class ProcurementKind(ProcurementRecord):
    """A record of a procurement project; all records of the project that one platform pushes are one thread."""

    purchase_project_code: Annotated[str, Str(50)] = field("采购项目编号")

    def thread(self, platform: str) -> str:
        """The project's code, which is unique on its platform only."""
        return f"procurement:{platform}:{self.purchase_project_code}"


class NamedProject(ProcurementKind):
    """A record that names its project besides giving its code."""

    purchase_project_name: Annotated[str, Str(600)] = field("采购项目名称")


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


class ConcernedParty(Part):
    """当事人: a party that a decision names; of a natural person the address is masked and the code left out."""

    name: ShortText = field("名称")
    code: PartyCode | None = field("代码", party_code=True, default=None)
    address: Annotated[str, Str(300)] | None = field("地址", scope=Scope.MASKED, default=None)


def named_thread(platform: str, name: str) -> str:
    """The thread of a body that may have no code: its name as 32 hexadecimal digits, as a name may be too long."""
    return f"procurement:{platform}:{sha256(name.encode()).hexdigest()[:32]}"
