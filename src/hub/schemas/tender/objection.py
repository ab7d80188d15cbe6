"""异议阶段: objections to documents, openings and results, and what is replied."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order, sections_of_project, together
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, advice
from hub.schemas.shared import PROJECT_DISCLOSERS
from hub.schemas.tender.base import TenderKind
from hub.schemas.tender.periods import OBJECTION_REPLY
from hub.schemas.types import Code, Instant, SectionCodes, ShortText, Str, Text, beijing_day

REPLY_DAYS = 3


class TenderObjection(TenderKind):
    """质疑质询（异议）: what a bidder or another party concerned objects to, and what the tenderer replies.

    招标投标法实施条例 第二十二条, 第四十四条 and 第五十四条: answered within three days, at an opening on the spot. The dataset
    is a provincial one.
    """

    stage = Stage.PROCESS
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 521
    dataset_name = "T_ASKANSWER"
    natural_key = ("ann_code",)
    label = "question_title"
    basis = "招标投标法实施条例 第二十二条、第四十四条、第五十四条"
    fixed = ("ann_code",)

    ann_code: Annotated[str, Str(50)] = field("质疑编号")
    question_title: ShortText = field("质疑标题", element="TITLE")
    ask: ShortText = field("质疑内容", scope=Scope.GOVERNMENT)
    ask_reason: ShortText = field("质疑理由", element="ASK_ZY_REASON")
    question_time: Instant = field("质疑时间", element="TM")
    type: Annotated[str, Code("objection_type")] = field("质疑类型")
    notice_name: ShortText = field("招标公告名称")
    tenderer_code: ShortText = field(
        "招标公告编号", scope=Scope.GOVERNMENT, description="The number of the notice, whatever the name says."
    )
    bid_section_codes: SectionCodes = field("相关标段（包）编号", scope=Scope.GOVERNMENT)
    reply_content: Text | None = field("回复内容", element=None, default=None)
    reply_time: Instant | None = field("回复时间", element=None, default=None)

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_codes")
    whole_reply: ClassVar[Check] = together("reply_content", "reply_time")
    reply_after_question: ClassVar[Check] = in_order("question_time", "reply_time")

    @advice(at="reply_time")
    def answered_in_three_days(self) -> PydanticCustomError | None:
        if self.reply_time is None:
            return None
        # The day of the objection is not counted, so it is the days that count, not the hours.
        late = beijing_day(self.reply_time) - beijing_day(self.question_time) > timedelta(days=REPLY_DAYS)
        return OBJECTION_REPLY(days=REPLY_DAYS) if late else None
