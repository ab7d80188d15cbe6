"""其他交易公告阶段."""

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.kind import Stage
from hub.schemas.other.base import OtherTradeKind


class OtherTradeNotice(OtherTradeKind):
    """其他公共资源交易公告: the call for those who want to buy, rent or run what is traded.

    国办发〔2017〕97号 二（三）; 公共资源交易平台系统数据规范 V2.0, dataset 1800.
    """

    stage = Stage.ANNOUNCEMENT
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 1800
    dataset_name = "OTHER_TRADE_PUB_INFO"
    ggzy_stage = "9001"
    label = "project_name"
    basis = "国办发〔2017〕97号 二（三）；公共资源交易平台系统数据规范 V2.0"
