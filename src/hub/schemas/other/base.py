"""What the kinds of other trades have in common."""

from typing import Annotated

from hub.schemas.kind import Domain, Kind, Scope, field
from hub.schemas.shared import PROJECT_DISCLOSERS
from hub.schemas.types import Code, DealCode, Instant, PartyCode, RegionCode, ShortText, Str, Text, Url


class OtherTradeKind(Kind):
    """A record of a trade outside the named fields; all records of the project on one platform are one thread."""

    domain = Domain.OTHER
    discloser = PROJECT_DISCLOSERS
    natural_key = ("project_code", "publishing_time")

    project_name: Annotated[str, Str(300)] = field("项目名称")
    project_code: Annotated[str, Str(20)] = field("项目编号")
    publishing_time: Instant = field("公告发布时间")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    region_code: RegionCode = field("项目所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    tra_agency_name: ShortText = field("交易机构名称")
    tra_agency_code: PartyCode = field("交易机构代码", party_code=True)
    announcement_content: Text = field("公告内容", element="ANNOUNCEMENT_CONNECT")
    url: Url = field("公告源URL")
    classify_code: Annotated[str, Code("other_trade_class")] = field("交易业务类型代码", scope=Scope.GOVERNMENT)

    def thread(self, platform: str) -> str:
        """The project's code, which is unique on its platform only."""
        return f"other:{platform}:{self.project_code}"
