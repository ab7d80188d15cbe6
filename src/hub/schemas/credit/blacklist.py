"""黑名单."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import seven_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.credit.base import CreditKind
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.shared import SubjectRole, SubjectType
from hub.schemas.types import Code, Date, Guid, Instant, PartyCode, RegionCode, ShortText, Str, Text, YesNo


class BlacklistEntry(CreditKind):
    """黑名单信息: a party kept out of public-resource trading, by the department in charge.

    国办发〔2017〕97号 二（二）: who obtains public resources by deceit is entered, and the department in charge publishes it.
    """

    stage = Stage.CREDIT
    discloser = frozenset({Role.APPROVER, Role.IMPLEMENTER, Role.PRODUCER})
    clocks = (seven_working_days("record_date"),)
    dataset = 302
    dataset_name = "BLACK_LIST"
    natural_key = ("blacklist_code",)
    label = "document_code"
    basis = "国办发〔2017〕97号 二（二）"
    fixed = ("blacklist_code",)

    blacklist_code: Guid = field("黑名单标识号", scope=Scope.PER_RECORD)
    body_name: ShortText = field("主体名称", scope=Scope.PER_RECORD)
    body_code: PartyCode = field("主体代码", scope=Scope.PER_RECORD, party_code=True)
    body_type: SubjectType = field("主体类别", scope=Scope.PER_RECORD)
    body_role: SubjectRole = field("主体角色", scope=Scope.PER_RECORD)
    record_reason: Text = field("处罚原因", scope=Scope.PER_RECORD)
    record_date: Instant = field("处罚日期", scope=Scope.PER_RECORD)
    government: ShortText = field("处罚部门", scope=Scope.PER_RECORD)
    document_code: Annotated[str, Str(50)] = field("处理文件文号", scope=Scope.PER_RECORD)
    revocation_status: YesNo = field("是否撤销", scope=Scope.PER_RECORD)
    confined_action: Annotated[str, Code("confined_action")] = field("限制行为", scope=Scope.PER_RECORD)
    scope: Annotated[str, Code("scope")] = field(
        "公开范围", scope=Scope.PER_RECORD, description="1 public, 2 government exchange only."
    )
    listed_domain: Annotated[str, Code("domain")] = field("所属领域", element=None)
    region_code: RegionCode = field("行政区划代码", element=None)
    confined_start: Date | None = field("限制开始日期", element=None, default=None)
    confined_end: Date | None = field("限制结束(移出)日期", element=None, default=None)
    listing_basis: Text = field("列入依据", element=None)

    confined_in_order: ClassVar[Check] = in_order("confined_start", "confined_end")

    def subject(self) -> str | None:
        """The listed party's code where the entry is public: everybody sees which thread a version is in."""
        return self.body_code if self.scope == "1" else None

    def entry(self) -> str:
        """The entry's own identifier."""
        return self.blacklist_code
