"""Later editions of tender kinds: the specification grows, and platforms move one by one."""

from typing import Annotated

from hub.schemas.kind import Scope, field
from hub.schemas.tender.award import WinResultNotice
from hub.schemas.types import Code, IdNumber, RegionCode, Str


class WinResultNotice21(WinResultNotice):
    """中标结果公告: who won a section, at what price, and who leads the work.

    The fourth edition of the machine validators of dataset 513 asks for the project leader and for the winner's region.
    """

    schema_version = "2.1"

    bidder_region_code: RegionCode = field("中标投标人所在行政区域代码")
    bidder_property: Annotated[str, Code("enterprise_nature")] | None = field("中标投标人企业性质", default=None)
    project_lead: Annotated[str, Str(50)] = field(
        "项目负责人", description="Named in the notice: 招标公告和公示信息发布管理办法 第六条."
    )
    project_lead_id: IdNumber | None = field("项目负责人身份证号码", scope=Scope.GOVERNMENT, default=None)
