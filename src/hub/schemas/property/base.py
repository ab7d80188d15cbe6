"""What the property kinds have in common."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.kind import Domain, Kind, Role, Scope, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.types import Amount, DealCode, PartyCode, RegionCode, ShortText, SignedAmount, Str
from hub.schemas.workdays import working_days_between

PERCENT_LIMIT = Rule("property-percent", "比例须大于 0 且不超过 100", "a percentage is above 0 and at most 100")
PARTY_COUNT = Rule(
    "property-party-count",
    "个数须与转让方代码个数一致，应为 {listed}",
    "there are as many as there are codes of transferors, {listed}",
)
DISCLOSURE_PERIOD = Rule(
    "property-period",
    "期限不足 {days} 个工作日（企业国有资产交易监督管理办法）",
    "it lasts less than {days} working days (企业国有资产交易监督管理办法)",
)
AUDIT_YEAR = Rule(
    "property-audit-year",
    "审计年度不得晚于 {date} 所在年度",
    "the audited year may not be later than the year of `{date}`",
)
NET_ASSETS = Rule(
    "property-net-assets",
    "净资产与资产总额减负债总额之差 {difference} 不符",
    "the net assets are not the assets less the liabilities, {difference}",
)

OPINION_PROPERTY = "国办发〔2017〕97号 二（一）5"
MEASURES = "企业国有资产交易监督管理办法（国务院国资委、财政部令第32号）"

EXCHANGE_DISCLOSERS = frozenset({Role.IMPLEMENTER, Role.PRODUCER})
"""The transferor, who carries the transfer out, and the exchange, which makes the notices."""

ProjectCode = Annotated[str, Str(20)]
"""An exchange's own code of a project, unique there only."""
LotCode = Annotated[str, Str(20)]
PropertyName = Annotated[str, Str(300)]
PartyNames = Annotated[str, Str(2000)]
"""The name of a party, or those of several with a semicolon between them."""
Percent = Annotated[Decimal, Amount(20, 4)]
Balance = Annotated[Decimal, Amount(22, 6)]
"""An amount of a company's accounts."""
SignedBalance = Annotated[Decimal, SignedAmount(22, 6)]
"""An amount of a company's accounts that may be a loss or a deficit."""
Year = Annotated[int, Field(strict=True, ge=1949, le=2099)]


class PropertyRecord(Kind):
    """A record about a trade in state-owned assets, of a project or before there is one."""

    domain = Domain.PROPERTY
    media = ("产权交易机构网站", "公共资源交易平台")
    supervision = "国有资产监督管理机构、财政部门"


class PropertyKind(PropertyRecord):
    """A record of a project; all records of the project that one platform pushes are one thread."""

    project_code: ProjectCode = field("项目编号")

    def thread(self, platform: str) -> str:
        """The project's code, which is unique on its platform only."""
        return f"property:{platform}:{self.project_code}"


class LotKind(PropertyKind):
    """A record of a lot that the project offers; without a code the lot is the whole project."""

    bid_code: LotCode | None = field("标的编号", default=None)


class TradedLot(LotKind):
    """A record of a lot on the exchange: what it is, where, and which exchange trades it."""

    project_name: PropertyName = field("项目名称")
    bid_name: PropertyName | None = field("标的名称", default=None)
    unified_deal_code: DealCode = field("统一交易标识码", scope=Scope.GOVERNMENT)
    region_code: RegionCode = field("标的所在行政区域代码")
    tra_place_code: RegionCode = field("交易发生行政区域代码")
    tra_agency_name: ShortText = field("交易机构名称")
    tra_agency_code: PartyCode = field("交易机构代码", party_code=True)


def percentage(at: str) -> Check:
    """A rule: the percentage, where it is given, is above 0 and at most 100."""

    @rule(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        given: Decimal | None = getattr(payload, at)
        return None if given is None or 0 < given <= 100 else PERCENT_LIMIT()

    return check


def one_each(at: str, listed: str) -> Check:
    """A rule: the list `at` has as many members as `listed`."""

    @rule(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        count = len(getattr(payload, listed))
        return None if len(getattr(payload, at)) == count else PARTY_COUNT(listed=count)

    return check


def disclosed_for(first: str, last: str, days: int) -> Check:
    """Advice: where both dates are given, at least `days` working days come after `first`, `last` included."""

    @advice(at=last)
    def check(payload: Any) -> PydanticCustomError | None:
        start, end = getattr(payload, first), getattr(payload, last)
        if start is None or end is None or working_days_between(start, end) >= days:
            return None
        return DISCLOSURE_PERIOD(days=days)

    return check


def audited_before(year: str, date: str) -> Check:
    """A rule: the audited year is not later than the year of `date`."""

    @rule(at=year)
    def check(payload: Any) -> PydanticCustomError | None:
        audited: int | None = getattr(payload, year)
        return AUDIT_YEAR(date=date) if audited is not None and audited > getattr(payload, date).year else None

    return check


def balanced(assets: str, debts: str, equity: str) -> Check:
    """Advice: where all three are given, the equity is the assets less the debts."""

    @advice(at=equity)
    def check(payload: Any) -> PydanticCustomError | None:
        owned, owed, net = getattr(payload, assets), getattr(payload, debts), getattr(payload, equity)
        if owned is None or owed is None or net is None or owned - owed == net:
            return None
        return NET_ASSETS(difference=f"{owned - owed:f}")

    return check
