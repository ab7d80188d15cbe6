"""The envelope: what every submission says besides its payload."""

from collections.abc import Mapping
from functools import cache
from re import compile as pattern
from typing import Annotated, Any, Literal, cast

from pydantic import Field, StringConstraints, TypeAdapter, create_model

from hub.schemas.field_paths import is_there
from hub.schemas.kind import Kind, Role, editions, kinds
from hub.schemas.places import tokens_of
from hub.schemas.rules import Rule, Ruled, advice, rule
from hub.schemas.types import Date, Instant, RegionCode, ShortText, Text, Url, Uscc, is_id_number

CHANGED_NEEDS_TIME = Rule(
    "changed-at-needs-change", "填写 change 时须同时填写 changed_at", "`changed_at` is needed where `change` is given"
)
CHANGED_BEFORE = Rule(
    "changed-before-formed",
    "信息变更时间不得早于信息形成时间（formed_at）",
    "information is not changed before it is formed: `changed_at` may not be before `formed_at`",
)
WITHHELD_FIELD = Rule(
    "withheld-field", "withheld 指向的字段不存在于正文", "`withheld` points to a field that the body does not have"
)

WITHHOLD_GROUND = Rule(
    "withhold-ground",
    "公开方式为不予公开（not_disclosed）时须填写不公开理由，其他方式不填",
    "a record that is not disclosed (`not_disclosed`) says on which ground, any other one does not",
)

DATA_KEY_PERSONAL = Rule(
    "data-key-personal",
    "主键对公众可见，不得含公民身份号码",
    "everybody sees a data key: it may not have a citizen's ID number in it",
)

DATA_KEY_PATTERN = r"^[A-Za-z0-9._~-]{1,64}$"
DISCLOSER_ROLE = Rule(
    "discloser-role", "该类记录的公开主体类别应为：{roles}", "a record of this kind is disclosed by: {roles}"
)

ATTACHMENT_REQUIRED = Rule(
    "attachment-required",
    "该类记录须附有类型代码为 {codes} 的附件",
    "a record of this kind has an attachment of the code {codes}",
)
ATTACHMENT_USUAL = Rule(
    "attachment-usual",
    "该类记录应附有类型代码为 {codes} 的附件，依法可不再重复公告的除外，请核对",
    "a record of this kind has an attachment of the code {codes}, unless the file is published already; please check",
)

_PERSON_IN_KEY = pattern(r"(?<![0-9])[1-9][0-9]{5}(?:19[0-9]{2}|200[0-9])[0-9]{7}[0-9Xx](?![0-9])")
"""Born before 2010: a later date makes it a region, a day and a number, which platforms make keys of."""


def names_person(name: str) -> bool:
    """Whether a name that platforms make for a record or a project has a citizen's ID number in it."""
    found = _PERSON_IN_KEY.search(name)
    return found is not None and is_id_number(found[0])


DataKey = Annotated[str, StringConstraints(pattern=DATA_KEY_PATTERN)]
"""The platform's own key of a record: 1–64 unreserved URL characters."""


class Discloser(Ruled):
    """公开主体: who discloses, and by which principle."""

    name: ShortText = Field(title="公开主体名称")
    code: Uscc = Field(title="公开主体统一社会信用代码")
    role: Role = Field(title="公开主体类别", description="谁批准(approver)、谁实施(implementer)、谁制作(producer)")


class Publication(Ruled):
    """发布: where and when the information was published first."""

    media: list[ShortText] = Field(
        title="发布媒介", description="The designated medium comes first.", min_length=1, max_length=20
    )
    published_at: Instant = Field(title="发布时间")
    url: Url | None = Field(None, title="发布源URL")


class Withheld(Ruled):
    """不公开: one field that the public does not see, and why (政府信息公开条例 第十四至十六条)."""

    field: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_~]+)+$", max_length=200)] = Field(
        title="字段", description="JSON Pointer into the body, e.g. /bid_price"
    )
    ground: Literal["state_secret", "commercial_secret", "personal_privacy", "internal", "process"] = Field(
        title="不公开理由"
    )
    basis: ShortText = Field(title="依据")


class Change(Ruled):
    """变更: why a version follows another one."""

    reason: Text = Field(title="变更原因")
    of: ShortText | None = Field(None, title="变更内容", description="What was changed, for people.")


class Attachment(Ruled):
    """附件: a file by its address and digest."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z_]{2,40}$")] = Field(title="附件类型代码")
    name: ShortText = Field(title="附件名称")
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=100)]
    size: Annotated[int, Field(strict=True, ge=0, le=2**40)] = Field(title="字节数")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(title="SHA-256")
    url: Url = Field(title="地址")


class Submission(Ruled):
    """报送: one version of one record, as a platform sends it."""

    kind: str = Field(title="记录类别")
    schema_version: str = Field(title="规范版本")
    data_key: DataKey = Field(title="来源系统主键", description="Unique per platform and kind.")
    data_timestamp: Instant = Field(
        title="数据时间戳", description="The platform's own version clock: strictly rises per record."
    )
    region_code: RegionCode = Field(title="项目所在行政区划代码")
    discloser: Discloser
    formed_at: Instant = Field(title="信息形成时间")
    changed_at: Instant | None = Field(None, title="信息变更时间")
    decided_on: Date | None = Field(None, title="行政决定日期")
    publication: Publication
    disclosure: Literal["proactive", "on_request", "not_disclosed"] = Field(
        "proactive",
        title="公开方式",
        description="Of what is not `proactive` the public learns that it is there, its digest and on which ground.",
    )
    withhold_ground: Literal["commercial_secret", "personal_privacy", "internal", "process"] | None = Field(
        None,
        title="不公开理由",
        description="Of a record that is not disclosed (政府信息公开条例 第十五、十六条). A state secret is never sent.",
    )
    secrecy_review: Literal["cleared"] = Field(
        title="保密审查结论", description="A submission whose review is not cleared is refused and not kept."
    )
    withheld: list[Withheld] = Field(default_factory=list, title="不公开字段", max_length=100)
    legal_basis: list[ShortText] = Field(title="公开依据", min_length=1, max_length=20)
    change: Change | None = Field(None, title="变更", description="Needed from the second version on.")
    attachments: list[Attachment] = Field(default_factory=list, title="附件", max_length=200)
    body: Kind

    @rule(at="data_key")
    def key_names_nobody(self) -> Any:
        return DATA_KEY_PERSONAL() if names_person(self.data_key) else None

    @rule(at="changed_at")
    def change_has_its_time(self) -> Any:
        return CHANGED_NEEDS_TIME() if self.change is not None and self.changed_at is None else None

    @rule(at="changed_at")
    def changed_after_it_was_formed(self) -> Any:
        return CHANGED_BEFORE() if self.changed_at is not None and self.changed_at < self.formed_at else None

    @rule(at="withhold_ground")
    def has_its_ground(self) -> Any:
        says_why = self.withhold_ground is not None
        return None if says_why == (self.disclosure == "not_disclosed") else WITHHOLD_GROUND()

    @rule(at="discloser/role")
    def discloser_may_disclose(self) -> Any:
        allowed = type(self.body).discloser
        return None if self.discloser.role in allowed else DISCLOSER_ROLE(roles=", ".join(sorted(allowed)))

    @rule(at="attachments")
    def has_its_attachments(self) -> Any:
        missing = self._lacks(type(self.body).attached)
        return ATTACHMENT_REQUIRED(codes=missing) if missing else None

    @advice(at="attachments")
    def has_its_usual_attachments(self) -> Any:
        missing = self._lacks(type(self.body).usually_attached)
        return ATTACHMENT_USUAL(codes=missing) if missing else None

    def _lacks(self, codes: tuple[str, ...]) -> str:
        if not codes:
            return ""
        given = {attachment.code for attachment in self.attachments}
        return ", ".join(code for code in codes if code not in given)

    @rule(at="withheld")
    def withheld_fields_exist(self) -> Any:
        return None if all(is_there(self.body, tokens_of(one.field)) for one in self.withheld) else WITHHELD_FIELD()


class Withdrawal(Ruled):
    """撤回: a version that says the record is withdrawn; what it said before stays visible."""

    data_timestamp: Instant = Field(title="数据时间戳")
    reason: Text = Field(title="撤回原因")
    legal_basis: list[ShortText] = Field(default_factory=list, title="依据", max_length=20)


@cache
def submission_of(kind: type[Kind]) -> type[Submission]:
    """The submission model whose body is `kind`, e.g. `TenderNoticeSubmission`."""
    return cast(
        type[Submission],
        create_model(
            kind.__name__ + "Submission",
            __base__=Submission,
            __module__=kind.__module__,
            __doc__=f"{kind.title()}: {kind.summary()}",
            kind=(cast(Any, Literal[kind.name()]), Field(title="记录类别")),
            schema_version=(cast(Any, Literal[kind.schema_version]), Field(title="规范版本")),
            body=(kind, ...),
        ),
    )


def edition_of(document: Mapping[str, Any]) -> type[Kind]:
    """The payload class of a stored document, by its kind and schema version."""
    return editions(document["kind"])[document["schema_version"]]


@cache
def any_submission() -> TypeAdapter[Any]:
    """The discriminated union of all submissions, for OpenAPI."""
    by_kind = tuple(_of_any_edition(name) for name in kinds())
    union: Any = Annotated[_union(by_kind), Field(discriminator="kind")]
    return TypeAdapter(union)


def _of_any_edition(name: str) -> Any:
    models = tuple(submission_of(kind) for kind in editions(name).values())
    if len(models) == 1:
        return models[0]
    return Annotated[_union(models), Field(discriminator="schema_version")]


def _union(models: tuple[Any, ...]) -> Any:
    from typing import Union

    return Union[models]  # noqa: UP007
