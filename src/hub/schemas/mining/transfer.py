"""出让阶段: announcement and result of tenders, auctions and listings."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, Ahead, twenty_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.mining.base import (
    MINING_DISCLOSERS,
    OPINION_MINING,
    TRADING_RULES,
    Area,
    Mineral,
    MiningKind,
    RightType,
    TransferMode,
    WanYuan,
    Years,
    tendered_by_right,
    working_days_long,
)
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import SubjectRole, SubjectType
from hub.schemas.types import Code, Date, Instant, InvestmentProjectCode, PartyCode, ShortText, Str, Text, Url

APPLIED_FROM_NOTICE = Rule(
    "mining-applications", "报名开始不得早于公告开始之日", "applications begin with the announcement at the earliest"
)
DEAL_PUBLISHED = Rule(
    "mining-deal-published", "成交时间不得晚于发布时间", "the deal was struck on the day of publication at the latest"
)

# The day of publication counts among the days of an announcement, but not among those before its last day.
ANNOUNCED = Ahead(id="D-MIN20", days=19, working=True, of="notice_end", basis=TRADING_RULES)
RESULT_SHOWN = Ahead(id="D-MIN10", days=9, working=True, of="publicity_end", basis=TRADING_RULES)


class MiningTransferAnnouncement(MiningKind):
    """矿业权招拍挂出让公告: an exploration or mining right on offer by tender, auction or listing.

    矿业权出让交易规则（自然资规〔2023〕1号）: announced for at least twenty working days, with the contents listed there.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = MINING_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, ANNOUNCED, AT_ONCE)
    dataset = 650
    other_datasets = (651,)
    dataset_name = "EXPLOR_BID_AUCTION_TRANS_ANN"
    ggzy_stage = "0401"
    natural_key = ("unified_deal_code",)
    label = "project_name"
    basis = f"{OPINION_MINING}；{TRADING_RULES}"
    fixed = ("right_type",)

    right_type: RightType = field(
        "矿业权类型", element=None, description="exploration is dataset 650, mining is dataset 651."
    )
    invest_project_code: InvestmentProjectCode | None = field("投资项目统一代码", default=None)
    url: Url | None = field("公告源URL", default=None)
    transfer_mode: TransferMode = field("出让方式", element="IN_BUY_KIND")
    mineral_code: Mineral = field("矿种", element="IN_MINE_COME")
    term_years: Years = field("出让年限", element="QT_PLAN_YEARS")
    area_km2: Area = field("面积(平方公里)", element="QT_TOTAL_AREA")
    location: ShortText = field("地理位置", element="NA_GEOGRAPHY_POSITION")
    area_coordinates: Text = field(
        "区域坐标",
        element="NA_AREA_COORDINATE",
        description="As the specification writes them: blocks of points for exploration rights, points with elevations "
        "and ore bodies for mining rights.",
    )
    transferor_name: ShortText = field("出让人", element=None)
    start_price_wan: WanYuan = field("起始价(万元)", element=None)
    royalty_rate: Annotated[str, Str(100)] | None = field("出让收益率", element=None, default=None)
    exploration_degree: ShortText | None = field("勘查工作程度", element=None, default=None)
    bidder_qualification: Text = field("竞买人资格条件", element=None)
    notice_start: Date = field("公告开始", element=None)
    notice_end: Date = field("公告结束", element=None)
    apply_start: Instant = field("报名开始", element=None)
    apply_end: Instant = field("报名截止", element=None)
    resource_reserves: Text | None = field("资源储量", element=None, default=None)
    eco_requirement: Text | None = field("生态修复/环保要求", element=None, default=None)

    mode_of_the_right: ClassVar[Check] = tendered_by_right()
    announced_in_order: ClassVar[Check] = in_order("notice_start", "notice_end")
    applied_in_order: ClassVar[Check] = in_order("apply_start", "apply_end")
    twenty_days_of_notice: ClassVar[Check] = working_days_long("notice_start", "notice_end", 20)

    @rule(at="apply_start")
    def applied_once_announced(self) -> PydanticCustomError | None:
        return APPLIED_FROM_NOTICE() if self.apply_start.date() < self.notice_start else None


class MiningTransferResult(MiningKind):
    """矿业权招拍挂出让结果公示: who gained an exploration or mining right by tender, auction or listing, and its price.

    矿业权出让交易规则（自然资规〔2023〕1号）: public for at least ten working days, and open to objection.
    """

    stage = Stage.AWARD
    discloser = MINING_DISCLOSERS
    clocks = (twenty_working_days("deal_date"), RESULT_SHOWN, AT_ONCE)
    dataset = 652
    other_datasets = (653,)
    dataset_name = "EXPLOR_BID_AUC_TRANS_RES_ANN"
    ggzy_stage = "0402"
    natural_key = ("unified_deal_code",)
    label = "project_name"
    basis = f"{OPINION_MINING}；{TRADING_RULES}"
    fixed = ("right_type",)

    right_type: RightType = field(
        "矿业权类型", element=None, description="exploration is dataset 652, mining is dataset 653."
    )
    url: Url = field("公告源URL")
    transfer_mode: TransferMode = field("出让方式", element="IN_BUY_KIND")
    mineral_code: Mineral | None = field("矿种", element=None, default=None)
    term_years: Years = field("出让年限", element="QT_PLAN_YEARS")
    area_km2: Area = field("面积(平方公里)", element="QT_TOTAL_AREA")
    location: ShortText = field("地理位置", element="NA_GEOGRAPHY_POSITION")
    area_coordinates: Text = field("区域坐标", element="NA_AREA_COORDINATE")
    winner_name: ShortText = field("竞得人名称", element="NA_PUBLIC_BIDDER")
    bidder_type: SubjectType = field("竞得人类别")
    bidder_code: PartyCode = field("竞得人代码", party_code=True)
    bidder_role: SubjectRole = field("竞得人角色")
    deal_price_wan: WanYuan = field("成交价(万元)", element="QT_PUBLIC_PRICE")
    winner_address: Annotated[str, Str(300)] = field("竞得人公司地址", element="NA_REG_ADDRESS", scope=Scope.MASKED)
    deal_place: Annotated[str, Str(255)] = field("成交地点", element="NA_TD_ADDRESS")
    deal_date: Date = field("成交时间", element="DT_BUY_DATE")
    royalty_pay_mode: Annotated[str, Code("royalty_pay")] = field("出让收益缴纳方式", element="IN_COST_STYLE")
    royalty_pay_date: Date = field("出让收益缴纳时间", element="DT_COST_DATE")
    legal_representative: Annotated[str, Str(50)] | None = field("竞得人法定代表人", element=None, default=None)
    registration_deadline: ShortText | None = field("申请办理登记时限", element=None, default=None)
    publicity_start: Date = field("公示开始", element=None)
    publicity_end: Date = field("公示结束", element=None)
    objection_channel: Text = field("异议方式", element=None)

    mode_of_the_right: ClassVar[Check] = tendered_by_right()
    publicity_in_order: ClassVar[Check] = in_order("publicity_start", "publicity_end")
    ten_days_of_publicity: ClassVar[Check] = working_days_long("publicity_start", "publicity_end", 10)

    @rule(at="deal_date")
    def published_after_the_deal(self) -> PydanticCustomError | None:
        return DEAL_PUBLISHED() if self.deal_date > self.publishing_time.date() else None
