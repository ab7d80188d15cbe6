"""其他交易结果阶段."""

from typing import Annotated

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.kind import Stage, field
from hub.schemas.other.base import OtherTradeKind
from hub.schemas.rules import Rule, rule
from hub.schemas.types import Date, Str, beijing_day

TRADED_FIRST = Rule(
    "traded-before-published",
    "成交日期不得晚于公告发布日期",
    "a trade is published on the day it is made or later",
)


class OtherTradeResult(OtherTradeKind):
    """其他公共资源交易成交公示: what was traded, and how.

    国办发〔2017〕97号 二（三）; 公共资源交易平台系统数据规范 V2.0, dataset 1801.
    """

    stage = Stage.AWARD
    clocks = (twenty_working_days("trade_date"), AT_ONCE)
    dataset = 1801
    dataset_name = "OTHER_TRADE_RESULT_INFO"
    ggzy_stage = "9002"
    label = "announcement_title"
    basis = "国办发〔2017〕97号 二（三）；公共资源交易平台系统数据规范 V2.0"

    announcement_title: Annotated[str, Str(500)] = field("公告标题")
    trade_date: Date = field("成交日期")

    @rule(at="trade_date")
    def traded_before_it_is_published(self) -> PydanticCustomError | None:
        published = beijing_day(self.publishing_time)
        return TRADED_FIRST() if self.trade_date > published else None
