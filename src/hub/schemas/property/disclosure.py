"""Information disclosure: how long a lot is on offer, and that other contents begin it anew."""

from typing import Annotated, ClassVar, Self

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import Ahead
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Scope, field
from hub.schemas.property.base import MEASURES, TradedLot
from hub.schemas.rules import Check, Rule, following, rule
from hub.schemas.shared import Price
from hub.schemas.types import Code, Count, Date, YesNo
from hub.schemas.workdays import working_days_between

DISCLOSURE_START = Rule(
    "property-disclosure-start", "披露开始须为挂牌日期", "the disclosure starts on the day of the listing"
)

DISCLOSED_ANEW = Rule(
    "property-disclosed-anew",
    "变更披露内容的，须重新披露，披露截止须晚于原截止日期；变更的内容：{fields}",
    "other contents are disclosed anew, so the disclosure ends later than before: {fields}",
)
EXTENDED = Rule(
    "property-disclosure-extension",
    "延长披露的，每次不得少于 {least} 个工作日，现为 {by} 个工作日（企业国有产权交易操作规则）",
    "a disclosure is extended by {least} working days at least, not by {by} (企业国有产权交易操作规则)",
)

EXTENSION = 5
"""The working days by which a disclosure is extended at least (企业国有产权交易操作规则)."""

EQUITY_DISCLOSED = Ahead(id="D-PROP20", days=20, working=True, of="disclosure_end", basis=f"{MEASURES}第十三条")
PRE_DISCLOSED = Ahead(id="D-PROP-PRE20", days=20, working=True, of="pre_end", basis=f"{MEASURES}第十三条")


class Listing(TradedLot):
    """A lot on offer: while it is disclosed, other contents are disclosed anew and extensions are whole periods."""

    contents: ClassVar[tuple[str, ...]]
    """The fields whose change begins the disclosure anew."""

    fixed = ("bid_code",)

    project_classify_code: Annotated[str, Code("trade_class")] | None = field(
        "项目分类代码", scope=Scope.GOVERNMENT, default=None
    )
    publish_duration: Annotated[int, Count(3)] = field("挂牌期间")
    publish_date: Date = field("挂牌日期")
    post_pone: YesNo = field("是否自动延期")
    disclosure_start: Date = field("披露开始", element=None)
    disclosure_end: Date = field("披露截止", element=None)
    deposit: Price | None = field("交易保证金", element=None, default=None, description="In `price_unit`.")

    disclosed_in_order: ClassVar[Check] = in_order("disclosure_start", "disclosure_end")

    @rule(at="disclosure_start")
    def disclosed_with_the_listing(self) -> PydanticCustomError | None:
        return None if self.disclosure_start == self.publish_date else DISCLOSURE_START()

    @following(at="disclosure_end")
    def disclosed_anew_or_for_whole_periods_longer(self, previous: Self) -> PydanticCustomError | None:
        if changed := [name for name in self.contents if getattr(self, name) != getattr(previous, name)]:
            later = self.disclosure_end > previous.disclosure_end
            return None if later else DISCLOSED_ANEW(fields=", ".join(changed))
        by = working_days_between(previous.disclosure_end, self.disclosure_end)
        longer = self.disclosure_end > previous.disclosure_end
        return EXTENDED(least=EXTENSION, by=by) if longer and by < EXTENSION else None
