"""奖励 and what else is known of a party's credit."""

from typing import Annotated

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.credit.base import DEPARTMENTS, ScopedCreditKind
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.types import Code, Instant, PartyCode, ShortText, Str, Text


class RewardRecord(ScopedCreditKind):
    """奖励信息: a party that a department rewarded.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, dataset 304.
    """

    stage = Stage.CREDIT
    discloser = DEPARTMENTS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 304
    dataset_name = "AWARD_INFO"
    natural_key = ("body_code", "document_code")
    label = "document_code"
    basis = "国办发〔2017〕97号 二（一）6"
    fixed = ("document_code",)

    body_code: PartyCode = field("奖励主体代码", scope=Scope.PER_RECORD, party_code=True)
    body_name: Annotated[str, Str(100)] = field("奖励主体名称", scope=Scope.PER_RECORD)
    reward_punishment_type: Annotated[str, Code("reward_punish_type")] = field("奖惩类型", scope=Scope.PER_RECORD)
    reward_reason: Text = field("奖励说明", scope=Scope.PER_RECORD)
    reward_date: Instant = field("奖励日期", scope=Scope.PER_RECORD)
    document_code: Annotated[str, Str(50)] = field("处理文件文号", scope=Scope.PER_RECORD)
    government: ShortText = field("执行部门", scope=Scope.PER_RECORD)


class SocialCredit(ScopedCreditKind):
    """社会信用信息: what the credit platform says of a party that trades; it is not sent back to where it came from.

    国办发〔2017〕97号 二（三）; 公共资源交易平台系统数据规范 V2.0, dataset 306.
    """

    stage = Stage.CREDIT
    discloser = frozenset({Role.PRODUCER})
    clocks = (AT_ONCE,)
    dataset = 306
    dataset_name = "SOCIAL_CREDIT_INFO"
    natural_key = ("body_code", "data")
    label = "body_name"
    basis = "国办发〔2017〕97号 二（三）"
    to_credit = False

    data: Text = field("数据内容", scope=Scope.PER_RECORD)
