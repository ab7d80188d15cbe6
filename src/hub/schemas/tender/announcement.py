"""招标公告阶段."""

from typing import ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.common_rules import days_between, needed
from hub.schemas.kind import Stage, field
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.tender.announcing import PREQUALIFICATION, Announcing
from hub.schemas.tender.periods import APPLICATION_PREPARATION, BID_PREPARATION
from hub.schemas.types import Text

OPENING_METHOD = Rule(
    "opening-method",
    "招标公告须填写开标方式",
    "a tender notice (`bulletin_type` 1) says how the bids are opened",
)
CALLS_FOR_BIDS = Rule(
    "tender-notice-type",
    "资格预审公告（公告类型 2）须按类别 prequalification_notice 报送",
    "a prequalification notice (`bulletin_type` 2) is a record of the kind `prequalification_notice`",
)
CALLS_FOR_APPLICATIONS = Rule(
    "prequalification-notice-type",
    "资格预审公告的公告类型须为 2，其他公告按类别 tender_notice 报送",
    "the `bulletin_type` of a prequalification notice is 2; other notices are of the kind `tender_notice`",
)


class TenderNotice(Announcing):
    """招标公告: the invitation to bid for the sections of a tender project.

    招标公告和公示信息发布管理办法（国家发展改革委令第10号）第五条 says what it contains; 招标投标法 第二十四条 gives the
    bidders twenty days.
    """

    stage = Stage.ANNOUNCEMENT

    bid_open_method: Text | None = field("开标方式", default=None)

    opening_method: ClassVar[Check] = needed("bid_open_method", OPENING_METHOD, where="bulletin_type", is_in=("1",))
    twenty_days_to_bid: ClassVar[Check] = days_between(
        "doc_get_start_time", "bid_doc_refer_end_time", 20, BID_PREPARATION
    )

    @rule(at="bulletin_type")
    def calls_for_bids(self) -> PydanticCustomError | None:
        return CALLS_FOR_BIDS() if self.bulletin_type == PREQUALIFICATION else None


class PrequalificationNotice(Announcing):
    """资格预审公告: the call for applications to be qualified before bidding.

    招标投标法实施条例 第十五条 to 第十七条 give its contents and periods.
    """

    stage = Stage.ANNOUNCEMENT
    basis = "招标投标法实施条例 第十五条；招标公告和公示信息发布管理办法（国家发展改革委令第10号）第五条"

    qual_type: Text = field("评审办法", description="How the applications are examined.")

    five_days_to_apply: ClassVar[Check] = days_between(
        "doc_get_end_time", "bid_doc_refer_end_time", 5, APPLICATION_PREPARATION
    )

    @rule(at="bulletin_type")
    def calls_for_applications(self) -> PydanticCustomError | None:
        return None if self.bulletin_type == PREQUALIFICATION else CALLS_FOR_APPLICATIONS()
