"""成交阶段."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, Within
from hub.schemas.common_rules import in_order, needed, together
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.land.base import LAND_DISCLOSERS, LandArea, LandKind, LandPrice
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import Currency, PriceUnit
from hub.schemas.threads import short_digest
from hub.schemas.types import (
    Code,
    Codes,
    Date,
    DealCode,
    Instant,
    InvestmentProjectCode,
    PartyCode,
    PartyCodes,
    RegionCode,
    ShortText,
    Str,
    Text,
    Url,
)

LAND_INVESTMENT = Rule(
    "land-investment-code",
    "项目类别关联代码为“固定资产投资项目”(1)时须填写投资项目统一代码",
    "a fixed-asset investment (`relate_code` 1) has its investment project code",
)
LAND_BUYERS = Rule(
    "land-buyers",
    "受让人类别与受让人代码的个数须一致，应为 {codes}",
    "there are as many types as codes of the parties that take the land, {codes}",
)

RESULT_IN_TEN_DAYS = Within(
    id="D-LAND-RES10",
    days=10,
    of="deal_time",
    basis="招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）",
)


class LandDealPublicity(LandKind):
    """成交公示: which parcel went to whom, and at what price.

    招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）: published within ten working days of the end of the tender,
    auction or listing.
    """

    stage = Stage.AWARD
    discloser = LAND_DISCLOSERS
    clocks = (RESULT_IN_TEN_DAYS, AT_ONCE)
    dataset = 601
    dataset_name = "DEAL_LAND_INFO"
    ggzy_stage = "0302"
    natural_key = ("deal_land_code",)
    label = "announcement_title"
    basis = "国办发〔2017〕97号 二（一）2；招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）"
    fixed = ("deal_land_code",)

    deal_land_code: Annotated[str, Str(100)] = field("成交宗地标示", scope=Scope.GOVERNMENT)
    deal_announcement_guid: Annotated[str, Str(100)] = field(
        "项目编号ID", scope=Scope.GOVERNMENT, description="`announcement_guid` of the announcement."
    )
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    relate_code: Annotated[str, Code("relate_code")] = field("项目类别关联代码")
    invest_project_code: InvestmentProjectCode | None = field("投资项目统一代码", scope=Scope.GOVERNMENT, default=None)
    land_project_name: Annotated[str, Str(500)] = field("项目名称")
    region_code: RegionCode = field("项目所在行政区划代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    tra_agency_name: ShortText = field("交易机构名称")
    tra_agency_code: PartyCode = field("交易机构代码", party_code=True)
    land_code: Annotated[str, Str(100)] = field("宗地编号")
    land_area: LandArea = field(
        "土地面积", description="In square metres, as in the announcement; the specification gives no unit."
    )
    land_usage: Annotated[str, Str(50)] = field("土地用途")
    lend_age_limit: Annotated[str, Str(50)] = field("出让年限")
    land_position: ShortText = field("土地坐落")
    deal_price: LandPrice = field("成交价格", description="In `price_unit`.")
    currency_code: Currency = field("价格币种代码", scope=Scope.GOVERNMENT)
    price_unit: PriceUnit = field("价格单位")
    lending_name: ShortText = field("受让人名称")
    lending_type: Annotated[list[str], Codes("subject_type")] = field("受让人类别")
    lending_code: PartyCodes = field("受让人代码", party_code=True)
    remark: Annotated[str, Str(4000)] | None = field("备注", element="LAND_BZ", default=None)
    land_url: Url = field("成交宗地公示URL")
    announcement_title: Annotated[str, Str(500)] = field("成交公示标题")
    announcement_content: Text = field("成交公示内容", element="ANNOUNCEMENT_CONNECT")
    publishing_time: Instant = field("公示发布时间")
    deal_time: Instant | None = field("成交时间", element=None, default=None)
    supply_type: Annotated[str, Code("supply_type")] | None = field("出让方式", element=None, default=None)
    publicity_start: Date | None = field("公示开始", element=None, default=None)
    publicity_end: Date | None = field("公示结束", element=None, default=None)
    objection_channel: Text | None = field("意见反馈方式", element=None, default=None)

    investment_code: ClassVar[Check] = needed("invest_project_code", LAND_INVESTMENT, where="relate_code", is_in=("1",))
    published_after_deal: ClassVar[Check] = in_order("deal_time", "publishing_time")
    whole_publicity: ClassVar[Check] = together("publicity_start", "publicity_end")
    publicity_in_order: ClassVar[Check] = in_order("publicity_start", "publicity_end")

    @rule(at="lending_type")
    def a_type_for_every_buyer(self) -> PydanticCustomError | None:
        codes = len(self.lending_code)
        return None if len(self.lending_type) == codes else LAND_BUYERS(codes=codes)

    def thread(self, platform: str) -> str:
        """The announcement that the parcel was offered in: its identifier is unique on its platform only, and not public."""
        return f"land:{platform}:{short_digest(self.deal_announcement_guid)}"
