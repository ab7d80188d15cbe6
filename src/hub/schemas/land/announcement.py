"""出让公告阶段."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, Ahead
from hub.schemas.codes import regions
from hub.schemas.common_rules import FIRST_DAY, in_order, needed_with, short_by_first_day, too_short
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.land.base import LAND_DISCLOSERS, LandArea, LandKind, LandPrice, PlotRatio, plot_ratio_in_order
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import Currency, PriceUnit
from hub.schemas.threads import short_digest
from hub.schemas.types import (
    Code,
    Count,
    Date,
    DealCode,
    Instant,
    PartyCode,
    RegionCode,
    ShortText,
    Str,
    Text,
    Url,
    YesNo,
    beijing_day,
)
from hub.schemas.types.projects import REGION_UNKNOWN
from hub.schemas.types.shape import Shape

DISTRICT_FORMAT = Rule(
    "district-format",
    "行政区划代码须为 6 位数字（GB/T 2260），乡镇级为 9 位",
    "a district code has 6 digits (GB/T 2260), that of a township 9",
)
PARCEL_COUNT = Rule(
    "parcel-count",
    "宗地数量与宗地明细条数不符，应为 {listed}",
    "the number of parcels is not that of the parcels listed, {listed}",
)
PARCEL_TWICE = Rule(
    "parcel-twice", "同一公告内宗地编号不得重复", "no two parcels of an announcement have the same code"
)
CANCEL_REASON = Rule("cancel-reason", "填写撤回时间时须说明撤销原因", "a withdrawn announcement gives its reason")
LAND_NOTICE = Rule(
    "land-notice",
    "出让公告距招标、拍卖、挂牌开始不足 20 日（招标拍卖挂牌出让国有建设用地使用权规定 第八条）",
    "announced less than twenty days before the tender, auction or listing begins "
    "(招标拍卖挂牌出让国有建设用地使用权规定 第八条)",
)
LATER_LAND_NOTICE = Rule(
    "land-notice-later",
    "补充公告距招标、拍卖、挂牌开始不足 20 日，变动影响土地价格的应顺延（招标拍卖挂牌出让国有建设用地使用权规定）",
    "a later announcement stands less than twenty days before the tender, auction or listing, which is put off where the "
    "change bears on the price (招标拍卖挂牌出让国有建设用地使用权规定)",
)
LISTING_PERIOD = Rule(
    "listing-period",
    "挂牌时间不足 10 日（招标拍卖挂牌出让国有建设用地使用权规定 第十八条）",
    "a listing lasts at least ten days (招标拍卖挂牌出让国有建设用地使用权规定 第十八条)",
)

BEFORE_LISTING = Ahead(
    id="D-LAND20",
    days=20,
    of="listing_start_time",
    basis="招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）第八条",
)

FIRST_ANNOUNCEMENT = "1"
"""出让公告 in the code table `land_pub_type`."""
LISTING = "3"
"""挂牌 in the code table `listing_type`."""


def _in_a_known_county(district: str) -> str:
    if district[:6] not in regions():
        raise REGION_UNKNOWN()
    return district


LandDistrict = Annotated[
    str,
    Shape(
        r"^[0-9]{6}([0-9]{3})?$",
        DISTRICT_FORMAT,
        check=_in_a_known_county,
        shown={"examples": ["350104", "350104001"]},
    ),
]
"""A region code (GB/T 2260), or that of a township: three more digits."""


class Parcel(Part):
    """宗地: one parcel, its planning indicators and its prices (in the announcement's `price_unit`)."""

    land_code: Annotated[str, Str(100)] = field("宗地编号", element=None)
    area_m2: LandArea = field("宗地面积(㎡)", element=None)
    boundary: Text | None = field("界址/坐标", element=None, default=None)
    location: ShortText = field("坐落", element=None)
    current_state: Text | None = field("现状", element=None, default=None)
    use: Annotated[str, Code("land_use")] = field("规划用途", element=None)
    term_years: Annotated[str, Str(50)] = field("使用年期", element=None)
    plot_ratio_min: PlotRatio | None = field("容积率下限", element=None, default=None)
    plot_ratio_max: PlotRatio | None = field("容积率上限", element=None, default=None)
    building_density: Annotated[str, Str(50)] | None = field("建筑密度(%)", element=None, default=None)
    green_rate: Annotated[str, Str(50)] | None = field("绿地率(%)", element=None, default=None)
    height_limit: Annotated[str, Str(50)] | None = field("建筑限高(米)", element=None, default=None)
    investment_intensity: LandPrice | None = field("投资强度(万元/公顷)", element=None, default=None)
    deposit: LandPrice = field("竞买保证金", element=None)
    start_price: LandPrice = field("起始价/起叫价", element=None)
    price_step: LandPrice | None = field("加价幅度", element=None, default=None)
    has_reserve_price: YesNo | None = field("是否设有底价", element=None, default=None)

    highest_not_below_lowest: ClassVar[Check] = plot_ratio_in_order()


class LandTransferAnnouncement(LandKind):
    """出让公告: the parcels on offer, their conditions, and how to bid for them.

    招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）第八条、第九条: announced at least twenty days before the
    bidding begins, with the contents listed there. A change or a withdrawal is a further version of the announcement.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = LAND_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, BEFORE_LISTING, AT_ONCE)
    dataset = 600
    dataset_name = "DEAL_BEHAVIOR_INFO"
    ggzy_stage = "0301"
    natural_key = ("announcement_guid",)
    label = "announcement_title"
    basis = "招标拍卖挂牌出让国有建设用地使用权规定（国土资源部令第39号）第八条、第九条"

    announcement_guid: Annotated[str, Str(100)] = field("项目编号ID", scope=Scope.GOVERNMENT)
    land_project_name: Annotated[str, Str(500)] = field("项目名称")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    announcement_title: Annotated[str, Str(500)] = field("公示标题")
    announcement_content: Text = field("公示内容", element="ANNOUNCEMENT_CONNECT")
    land_district: LandDistrict = field("项目所在行政区划代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    tra_agency_name: ShortText = field("交易机构名称")
    tra_agency_code: PartyCode = field("交易机构代码", party_code=True)
    url: Url = field("公告源URL")
    end_date: Date = field("截止日期")
    create_time: Date = field("创建时间")
    publishing_time: Date = field("发布时间")
    supply_type: Annotated[str, Code("supply_type")] = field("供应方式")
    change_time: Date | None = field("修改日期", default=None)
    retreat_time: Date | None = field("撤回时间", scope=Scope.GOVERNMENT, default=None)
    announcement_unit: Annotated[str, Str(100)] = field("公示单位")
    announcement_start_time: Date = field("公示开始时间")
    announcement_deadline: Date = field("公示结束时间")
    field_num: Annotated[int, Count(10)] = field("宗地数量")
    listing_start_time: Instant | None = field("招拍挂开始时间", minutes=True, default=None)
    listing_deadline: Instant | None = field("招拍挂结束时间", minutes=True, default=None)
    listing_type: Annotated[str, Code("listing_type")] | None = field("招拍挂类型", default=None)
    announcement_type: Annotated[str, Code("land_pub_type")] = field("公示类型")
    liaison_unit: Annotated[str, Str(100)] = field("联系单位")
    unit_address: Annotated[str, Str(100)] | None = field("单位地址", default=None)
    zip_code: Annotated[str, Str(10)] | None = field("邮政编码", default=None)
    contact_person: Annotated[str, Str(50)] | None = field("联系人", default=None)
    contact_number: Annotated[str, Str(50)] = field("联系电话")
    email: Annotated[str, Str(100)] | None = field("电子邮箱", default=None)
    cancel_reason: Annotated[str, Str(4000)] | None = field("撤销原因", default=None)
    announcement_code: Annotated[str, Str(100)] = field("公示编号")
    attachment_set_code: Text = field("附件关联标识号", scope=Scope.GOVERNMENT)
    transferor_name: ShortText = field("出让人名称", element=None)
    transferor_address: Annotated[str, Str(300)] = field("出让人地址", element=None)
    price_currency: Currency = field("币种代码", element=None)
    price_unit: PriceUnit = field("金额单位", element=None)
    parcels: list[Parcel] = field("宗地明细", element=None, min_length=1, max_length=999)
    bidder_qualification: Text = field("竞买人资格要求", element=None)
    application_method: Text = field("申请取得资格的办法", element=None)
    doc_get_info: Text = field("获取出让文件的时间、地点和方式", element=None)
    bidding_time_place: Text = field("招拍挂的时间、地点、期限和竞价方式", element=None)
    winner_rule: Text = field("确定中标人、竞得人的标准和方法", element=None)

    announced_in_order: ClassVar[Check] = in_order("announcement_start_time", "announcement_deadline")
    listed_in_order: ClassVar[Check] = in_order("listing_start_time", "listing_deadline")
    withdrawal_reason: ClassVar[Check] = needed_with("cancel_reason", CANCEL_REASON, "retreat_time")

    @rule(at="field_num")
    def as_many_parcels(self) -> PydanticCustomError | None:
        return None if self.field_num == len(self.parcels) else PARCEL_COUNT(listed=len(self.parcels))

    @rule(at="parcels")
    def no_parcel_twice(self) -> PydanticCustomError | None:
        codes = [parcel.land_code for parcel in self.parcels]
        return PARCEL_TWICE() if len(set(codes)) < len(codes) else None

    @rule(at="listing_start_time")
    def twenty_days_of_notice(self) -> PydanticCustomError | None:
        return LAND_NOTICE() if self.announcement_type == FIRST_ANNOUNCEMENT and self._late() else None

    @advice(at="listing_start_time")
    def twenty_days_of_later_notice(self) -> PydanticCustomError | None:
        return LATER_LAND_NOTICE() if self.announcement_type != FIRST_ANNOUNCEMENT and self._late() else None

    def _late(self) -> bool:
        if self.listing_start_time is None:
            return False
        return beijing_day(self.listing_start_time) - self.announcement_start_time < timedelta(days=20)

    @rule(at="listing_deadline")
    def ten_days_of_listing(self) -> PydanticCustomError | None:
        if self.listing_type != LISTING:
            return None
        return (
            LISTING_PERIOD() if too_short(self.listing_start_time, self.listing_deadline, 10, working=False) else None
        )

    @advice(at="listing_deadline")
    def ten_days_of_listing_without_the_first(self) -> PydanticCustomError | None:
        if self.listing_type != LISTING:
            return None
        short = short_by_first_day(self.listing_start_time, self.listing_deadline, 10, working=False)
        return FIRST_DAY(days=10) if short else None

    def thread(self, platform: str) -> str:
        """The announcement: its identifier is unique on its platform only, and not public."""
        return f"land:{platform}:{short_digest(self.announcement_guid)}"
