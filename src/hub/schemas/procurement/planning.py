"""采购意向阶段."""

from decimal import Decimal
from typing import Annotated

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, Ahead
from hub.schemas.kind import Part, Role, Stage, field
from hub.schemas.procurement.base import ProcurementRecord, named_thread
from hub.schemas.rules import Rule, rule
from hub.schemas.types import Amount, Count, Date, ExactStr, ShortText, Str, Text, Uscc

EXPECTED_MONTH = Rule(
    "expected-month",
    "预计采购时间须为“年月”6 位数字，如 202608",
    "an expected month is its year and month in six digits, e.g. 202608",
)
INTENTION_SEQUENCE = Rule(
    "intention-sequence", "意向明细的序号不得重复", "no two lines of the intention have the same number"
)
EARLIEST_START = Rule(
    "earliest-start",
    "须在意向明细中最早的预计采购月份内",
    "the earliest start lies in the first expected month of the lines",
)


class IntendedPurchase(Part):
    """意向明细: one purchase that is intended, with its budget and month."""

    seq: Annotated[int, Count(4)] = field("序号")
    project_name: Annotated[str, Str(600)] = field("采购项目名称")
    demand: Text = field("采购需求概况", description="What is bought, how much, what it has to do, and by when.")
    budget_wan: Annotated[Decimal, Amount(20, 6)] = field("预算金额（万元）", description="In ten thousand yuan.")
    expected_month: Annotated[str, ExactStr(6)] = field("预计采购时间", description="yyyyMM")
    remark: Text | None = field("备注", default=None)

    @rule(at="expected_month")
    def month_exists(self) -> PydanticCustomError | None:
        digits = self.expected_month.isascii() and self.expected_month.isdecimal()
        return None if digits and 1 <= int(self.expected_month[4:]) <= 12 else EXPECTED_MONTH()


class ProcurementIntention(ProcurementRecord):
    """采购意向公开: what a purchaser means to buy, published at least thirty days before it begins to.

    财库〔2020〕10号 asks for it; 财办库〔2020〕50号 gives its contents.
    """

    stage = Stage.PLAN
    discloser = frozenset({Role.IMPLEMENTER})
    clocks = (
        Ahead(id="D-INTENT30", days=30, of="earliest_start", basis="财库〔2020〕10号"),
        TWENTY_WORKING_DAYS,
        AT_ONCE,
    )
    natural_key = ("purchaser_name", "items")
    label = "purchaser_name"
    basis = "财库〔2020〕10号；财办库〔2020〕50号"

    purchaser_name: ShortText = field("采购单位")
    purchaser_code: Uscc | None = field("采购单位代码", default=None)
    items: list[IntendedPurchase] = field("意向明细", min_length=1, max_length=500)
    earliest_start: Date | None = field(
        "最早采购活动开始日期",
        default=None,
        description="The first day on which any of the purchases may begin, where it is known to the day.",
    )

    @rule(at="items")
    def numbered_once(self) -> PydanticCustomError | None:
        numbers = [item.seq for item in self.items]
        return INTENTION_SEQUENCE() if len(set(numbers)) < len(numbers) else None

    @rule(at="earliest_start")
    def starts_in_the_first_month(self) -> PydanticCustomError | None:
        if self.earliest_start is None:
            return None
        first = min(item.expected_month for item in self.items)
        return None if f"{self.earliest_start:%Y%m}" == first else EARLIEST_START()

    def thread(self, platform: str) -> str:
        """The purchaser: its intentions are told in order."""
        return named_thread(platform, self.purchaser_name)
