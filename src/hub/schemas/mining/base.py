"""What the mining kinds have in common."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from hub.schemas.kind import Domain, Kind, Role, Scope, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.threads import short_digest
from hub.schemas.types import Amount, Code, DealCode, Instant, PartyCode, RegionCode, ShortText, Str
from hub.schemas.workdays import is_working, working_days_between

RIGHT_FIELD = Rule("mining-right-field", "该类矿业权须填写此项", "a right of this type has this field")
RIGHT_MODE = Rule(
    "mining-right-mode",
    "出让方式与矿业权类型或公告类别不符，应为：{modes}",
    "this way of transfer is not one for this type of right here; it is one of {modes}",
)
MINING_PERIOD = Rule(
    "mining-period",
    "期限不足 {days} 个工作日（矿业权出让交易规则）",
    "it lasts less than {days} working days (矿业权出让交易规则)",
)

OPINION_MINING = "国办发〔2017〕97号 二（一）3"
TRADING_RULES = "矿业权出让交易规则（自然资规〔2023〕1号）"

MINING_DISCLOSERS = frozenset({Role.IMPLEMENTER, Role.PRODUCER})
"""The natural-resources department, which transfers the right, and the trading centre, which makes the notices."""
LICENSING_DISCLOSERS = frozenset({Role.APPROVER, Role.PRODUCER})
"""The natural-resources department that licenses the right and makes the documents."""

EXPLORATION, MINING = "exploration", "mining"
"""The codes of `mining_right_type`."""
TENDERED = {EXPLORATION: ("131", "132", "133"), MINING: ("220", "230", "240")}
"""招标、拍卖、挂牌 of each type of right in the code table `mine_transfer_mode`."""

RightType = Annotated[str, Code("mining_right_type")]
TransferMode = Annotated[str, Code("mine_transfer_mode")]
Mineral = Annotated[str, Code("mine_species")]
Area = Annotated[Decimal, Amount(20, 6)]
"""Square kilometres."""
Years = Annotated[Decimal, Amount(5, 2)]
WanYuan = Annotated[Decimal, Amount(20, 6)]
"""Ten thousand yuan; the specification has no element for the unit."""
Scale = Annotated[Decimal, Amount(20, 6)]
"""A yearly production, in the unit that stands beside it."""
ProjectName = Annotated[str, Str(500)]


class MiningRecord(Kind):
    """A record about an exploration or mining right."""

    domain = Domain.MINING
    media = ("自然资源部门户网站", "自然资源主管部门门户网站", "公共资源交易平台")
    supervision = "自然资源主管部门"


class MiningKind(MiningRecord):
    """A record of one deal: a transfer, a delimitation or a registration; all records of the deal are one thread."""

    project_name: ProjectName = field("项目名称/矿山名称", element="NA_APP_NAME")
    publishing_time: Instant = field("发布时间")
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    region_code: RegionCode = field("项目所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    tra_agency_name: ShortText = field("交易机构名称")
    tra_agency_code: PartyCode = field("交易机构代码", party_code=True)

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The deal, whoever pushes: a digest of its code, which is not for the public while threads are."""
        return f"mining:{short_digest(self.unified_deal_code)}"


def tendered_by_right() -> Check:
    """A rule: the way of transfer is a tender, an auction or a listing of the type of right."""

    @rule(at="transfer_mode")
    def check(payload: Any) -> PydanticCustomError | None:
        modes = TENDERED[payload.right_type]
        return None if payload.transfer_mode in modes else RIGHT_MODE(modes=", ".join(modes))

    return check


def working_days_long(first: str, last: str, days: int) -> Check:
    """Advice: at least `days` working days lie from `first` to `last`, both of them counted."""

    @advice(at=last)
    def check(payload: Any) -> PydanticCustomError | None:
        start, end = getattr(payload, first), getattr(payload, last)
        lasts = working_days_between(start, end) + is_working(start)
        return MINING_PERIOD(days=days) if lasts < days else None

    return check
