"""变更信息."""

from re import fullmatch
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, twenty_working_days
from hub.schemas.common_rules import POSTPONED_TO, in_order, needed
from hub.schemas.kind import Domain, Kind, Part, Role, Stage, field, kinds
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import RecordId
from hub.schemas.types import Code, Instant, ShortText, Str, Text, YesNo

CHANGED_KIND = Rule(
    "changed-kind",
    "没有该记录类别，或该类别不能作变更信息的对象",
    "there is no such kind, or a change notice cannot be about it",
)
CHANGED_RECORD = Rule(
    "changed-record",
    "记录号须为“平台代码/记录类别/来源系统主键”，且记录类别与 target_kind 一致",
    "a record is named `platform/kind/data_key`, and its kind is `target_kind`",
)
POSTPONEMENT = Rule(
    "postponement-said",
    "变更类型为“延期”(3)时，是否延期须填“是”(1)",
    "a change of type 3 (postponement) says 1 in `is_postpone`",
)

POSTPONED = "3"
"""延期 in the code table `change_type`."""


class ChangedItem(Part):
    """变更内容: one statement, before and after; a supplement has nothing before."""

    item: ShortText = field("变更项")
    before: Text | None = field("变更前内容", default=None)
    after: Text = field("变更后内容")


class ChangeNotice(Kind):
    """变更信息: what changes in a record that was published before, whatever its field.

    国办发〔2017〕97号 二（三） counts changes among what is published and shared; 二（四） gives the twenty working days.
    """

    domain = Domain.COMMON
    stage = Stage.CHANGE
    discloser = frozenset(Role)
    clocks = (twenty_working_days("change_date"), AT_ONCE)
    natural_key = ("target_record_id", "change_seq")
    label = "reason"
    basis = "国办发〔2017〕97号 二（三）、（四）"
    fixed = ("change_seq",)

    target_kind: Annotated[str, Str(64)] = field("被变更记录类别", description="The name of its kind.")
    target_record_id: RecordId = field(
        "被变更记录号", description="The record that changes, `platform/kind/data_key`, of the kind `target_kind`."
    )
    first_record_id: RecordId | None = field(
        "首次公告记录号", default=None, description="The first notice of the project, where it is another record."
    )
    change_seq: Annotated[int, Field(strict=True, ge=1, le=99)] = field(
        "变更序号", description="From 1 on, per record that changes."
    )
    change_type: Annotated[str, Code("change_type")] = field("变更类型")
    items: list[ChangedItem] = field("变更内容", min_length=1, max_length=200)
    reason: Text = field("变更原因")
    approved_by: ShortText | None = field("批准（决定）单位", default=None)
    change_date: Instant = field("变更日期")
    is_postpone: YesNo | None = field("是否延期", default=None)
    new_deadline: Instant | None = field("延期后截止、开标时间", default=None)
    new_place: ShortText | None = field("延期后地点", default=None)

    postponed_to: ClassVar[Check] = needed("new_deadline", POSTPONED_TO, where="is_postpone", is_in=("1",))
    postponed_after_change: ClassVar[Check] = in_order("change_date", "new_deadline")

    @rule(at="target_kind")
    def changes_a_known_kind(self) -> PydanticCustomError | None:
        changed = kinds().get(self.target_kind)
        # A notice is public: what it says of a record for the government alone would not stay there.
        fits = changed is not None and changed is not ChangeNotice and not changed.government_only
        return None if fits else CHANGED_KIND()

    @rule(at="target_record_id")
    def names_a_record_of_that_kind(self) -> PydanticCustomError | None:
        # The form also keeps the thread, which is made of it, within its 200 characters.
        named = fullmatch(r"[0-9A-Z]{18}/([a-z_]+)/[A-Za-z0-9._~-]{1,64}", self.target_record_id)
        return None if named and named[1] == self.target_kind else CHANGED_RECORD()

    @rule(at="is_postpone")
    def says_that_it_is_postponed(self) -> PydanticCustomError | None:
        return POSTPONEMENT() if self.change_type == POSTPONED and self.is_postpone != "1" else None

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The record that changes: its changes are told in order."""
        return f"change:{self.target_record_id}"
