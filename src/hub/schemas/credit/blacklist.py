"""黑名单."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import TWENTY_WORKING_DAYS, seven_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.credit.base import DEPARTMENTS, ScopedCreditKind
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.types import Code, Date, Guid, Instant, RegionCode, ShortText, Str, Text, YesNo


class BlacklistEntry(ScopedCreditKind):
    """黑名单信息: a party kept out of public-resource trading, by the department in charge.

    国办发〔2017〕97号 二（二）: who obtains public resources by deceit is entered, and the department in charge publishes it.
    """

    stage = Stage.CREDIT
    discloser = DEPARTMENTS
    clocks = (seven_working_days("record_date"),)
    dataset = 302
    dataset_name = "BLACK_LIST"
    natural_key = ("blacklist_code",)
    label = "document_code"
    basis = "国办发〔2017〕97号 二（二）"
    fixed = ("blacklist_code",)

    blacklist_code: Guid = field("黑名单标识号", scope=Scope.PER_RECORD)
    record_reason: Text = field("处罚原因", scope=Scope.PER_RECORD)
    record_date: Instant = field("处罚日期", scope=Scope.PER_RECORD)
    government: ShortText = field("处罚部门", scope=Scope.PER_RECORD)
    document_code: Annotated[str, Str(50)] = field("处理文件文号", scope=Scope.PER_RECORD)
    revocation_status: YesNo = field("是否撤销", scope=Scope.PER_RECORD)
    confined_action: Annotated[str, Code("confined_action")] = field("限制行为", scope=Scope.PER_RECORD)
    listed_domain: Annotated[str, Code("domain")] = field("所属领域", element=None)
    region_code: RegionCode = field("行政区划代码", element=None)
    confined_start: Date | None = field("限制开始日期", element=None, default=None)
    confined_end: Date | None = field("限制结束(移出)日期", element=None, default=None)
    listing_basis: Text = field("列入依据", element=None)

    confined_in_order: ClassVar[Check] = in_order("confined_start", "confined_end")

    def entry(self) -> str:
        """The entry's own identifier."""
        return self.blacklist_code


class BlacklistWithdrawal(ScopedCreditKind):
    """撤销黑名单信息: an entry is taken off the blacklist, by whom and why; it follows the entry and deletes nothing.

    国办发〔2017〕97号 二（二）; 公共资源交易平台系统数据规范 V2.0, dataset 303.
    """

    stage = Stage.CREDIT
    discloser = DEPARTMENTS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 303
    dataset_name = "WITHDRAW_BLACK_LIST"
    natural_key = ("blacklist_code", "document_code")
    label = "document_code"
    basis = "国办发〔2017〕97号 二（二）"
    fixed = ("blacklist_code",)

    blacklist_code: Annotated[str, Str(50)] = field(
        "黑名单标识号", scope=Scope.PER_RECORD, description="`blacklist_code` of the entry that is taken off."
    )
    revocation_reasons: Text = field("撤销理由", scope=Scope.PER_RECORD, element="REVOCATIONEASONS")
    government: ShortText = field("执行部门", scope=Scope.PER_RECORD)
    document_code: Annotated[str, Str(50)] = field("处理文件文号", scope=Scope.PER_RECORD)
    proposer: Annotated[str, Str(100)] = field("申请人", scope=Scope.PER_RECORD, element="ROPOSER")
    application_date: Instant = field("申请日期", scope=Scope.PER_RECORD)

    def entry(self) -> str:
        """The identifier of the entry that is taken off, in whose thread the withdrawal is."""
        return self.blacklist_code
