"""Everything that can go wrong, as RFC 9457 problems; no HTTP framework is known here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import sub
from typing import Any, ClassVar

import orjson

from hub.rules import Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document.

    `pointer` is an RFC 6901 JSON Pointer into the document as it was sent, `rule` a stable rule id, `zh` and `en`
    the same sentence twice, `repair` the value that would be right at `pointer`, or None where only the sender knows.
    `repairs` are such values by pointer where several change together or the place is another one than `pointer`.
    `element` is the path of the element in a document that was sent in the specification's envelope, where `pointer`
    leads into the submission that it became.
    """

    pointer: str
    rule: str
    zh: str
    en: str
    repair: object = None
    element: str | None = None
    repairs: Mapping[str, object] | None = None

    def document(self) -> dict[str, Any]:
        """The fault as a JSON object, with the address of its rule's page; repairs and `element` where there are such."""
        shown: dict[str, Any] = {"pointer": self.pointer, "rule": self.rule, "zh": self.zh, "en": self.en}
        if self.element is not None:
            shown["element"] = self.element
        if self.repair is not None:
            shown["repair"] = self.repair
        if self.repairs:
            shown["repairs"] = self.repairs
        shown["doc"] = f"/rules/{self.rule}"
        return shown


class Problem(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    zh: ClassVar[str] = "出错了"
    advice: ClassVar[tuple[str, str] | None] = None
    """What to do about it, in Chinese and English: the detail of a problem that has none of its own."""

    def __init__(self, detail: str = "", **members: Any) -> None:
        super().__init__(detail or self.title())
        self.detail_zh, self.detail = ("", detail) if detail or self.advice is None else self.advice
        self.members = members

    @classmethod
    def slug(cls) -> str:
        """The last part of the problem's type URI, e.g. `stale-version`."""
        return sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        """The first sentence of the class's docstring, without its full stop."""
        return (cls.__doc__ or "").strip().split("\n", 1)[0].rstrip(".")

    def document(self) -> dict[str, Any]:
        """The RFC 9457 members, title and detail in Chinese, and what the problem adds of its own."""
        shown: dict[str, Any] = {
            "type": f"/problems/{self.slug()}",
            "title": self.title(),
            "title_zh": self.zh,
            "status": self.status,
        }
        if self.detail:
            shown["detail"] = self.detail
        if self.detail_zh:
            shown["detail_zh"] = self.detail_zh
        return shown | self.members

    def body(self) -> bytes:
        """`document` as JSON bytes."""
        return orjson.dumps(self.document())

    def headers(self) -> dict[str, str]:
        """Header fields that go with the problem."""
        return {}


class MalformedDocument(Problem):
    """The body is not a well-formed document of its media type."""

    status = 400
    zh = "请求正文不是其媒体类型的合法文档"


class InvalidParameter(Problem):
    """A parameter of the request is not what it should be."""

    status = 400
    zh = "请求参数不合法"
    advice = (
        "各处错误见 faults。",
        "What is wrong is listed in `faults`.",
    )


class Unauthenticated(Problem):
    """A valid key is needed."""

    status = 401
    zh = "需要有效的密钥"

    def headers(self) -> dict[str, str]:
        """RFC 9110 asks for the scheme."""
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    """The key does not allow this."""

    status = 403
    zh = "密钥不允许此操作"


class NotFound(Problem):
    """There is no such thing here."""

    status = 404
    zh = "没有找到"
    advice = (
        "没有这个地址；可用的地址见 /docs。",
        "There is no such address; /docs describes those that there are.",
    )


class MethodNotAllowed(Problem):
    """This method is not offered here."""

    status = 405
    zh = "此处不支持该方法"
    advice = (
        "可用的方法见响应头 Allow。",
        "The header field Allow names the methods that are.",
    )


class Conflict(Problem):
    """The same record and data_timestamp was already accepted with other content."""

    status = 409
    zh = "同一记录同一 data_timestamp 已接收过不同内容"
    advice = (
        "未存储。更正须作为新版本报送：使用更晚的 data_timestamp，并填写 change 和 changed_at。",
        "Nothing was stored. A correction is a new version: use a later `data_timestamp`, with `change` and `changed_at`.",
    )


class StaleVersion(Problem):
    """The data_timestamp is older than the current version; nothing was stored."""

    status = 409
    zh = "data_timestamp 早于当前版本，未存储"
    advice = (
        "若所报内容应取代当前版本，请使用晚于当前版本的 data_timestamp，并填写 change 和 changed_at。",
        "If this is to replace the current version, use a `data_timestamp` after its, with `change` and `changed_at`.",
    )


class EpochChanged(Problem):
    """The cursor is of another epoch: versions were lost since, and positions behind the loss mean others now."""

    status = 409
    zh = "游标属于另一纪元：此后的位置已改变含义"


class CursorBeyondHead(Problem):
    """The cursor lies beyond the newest version: nothing that this ledger has can have led there."""

    status = 409
    zh = "游标超出账本末尾：本账本未曾给出过该位置"

    def __init__(self, position: int, head: int, ends: str = "The ledger ends at position") -> None:
        """`position` is the cursor's, `head` that of the newest version, or of whatever it is that `ends` at it."""
        detail = (
            f"{ends} {head}. Keep what you have. If the hub gave you this cursor, it has lost "
            f"versions since: ask again later; when a person has decided, it has them back, or begins a new epoch, "
            f"and then it says what of yours still holds. If not, go on from {head}."
        )
        super().__init__(detail, position=position, head=head)


class CursorBehind(Problem):
    """The cursor lies behind what the consumer has committed."""

    status = 409
    zh = "游标早于该消费者已提交的位置"


class IllegalChange(Problem):
    """The new version may not follow the current one."""

    status = 409
    zh = "新版本不能接在当前版本之后"

    def __init__(self, rule: Rule, *, pointer: str = "", thread: str | None = None, **context: Any) -> None:
        """`pointer` is the place in the new version that is at fault, `context` fills the sentences of `rule`."""
        zh, en = (said.format_map(context) if context else said for said in (rule.zh, rule.en))
        self.fault = Fault(pointer, rule.id, zh, en)
        members = {name: value for name, value in self.fault.document().items() if value != ""}
        super().__init__(en, **members | ({} if thread is None else {"thread": thread}))


class DeliveryNotHeld(Problem):
    """The delivery is not in a state in which this can be done."""

    status = 409
    zh = "该交换当前的状态下不能这样处理"


class PreconditionFailed(Problem):
    """If-Match does not name the current version."""

    status = 412
    zh = "If-Match 与当前版本不符"
    advice = (
        "记录已存在或已变更：请先读取当前版本，确认后以其 ETag 作为 If-Match 重新报送。",
        "The record exists already, or has changed: read its current version, and send again with that ETag in If-Match.",
    )


class BodyTooLarge(Problem):
    """The body is larger than is taken here."""

    status = 413
    zh = "请求正文过大"
    advice = (
        "请减少一次发送的数据量。",
        "Send less at once.",
    )


class UnsupportedMediaType(Problem):
    """The body's media type is not taken here."""

    status = 415
    zh = "不支持的媒体类型"


class UnsupportedContentCoding(Problem):
    """The body has a content coding; bodies are sent plain here."""

    status = 415
    zh = "请求正文不得压缩，须原样发送"

    def headers(self) -> dict[str, str]:
        """RFC 9110 asks for the codings that are taken: none."""
        return {"Accept-Encoding": "identity"}


class InvalidSubmission(Problem):
    """The submission breaks rules; nothing was stored."""

    status = 422
    zh = "报送内容不符合规则，未存储"

    def __init__(self, faults: Iterable[Fault], detail: str = "") -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__(detail or f"{len(self.faults)} fault(s), all of them listed.")
        self.members["faults"] = [fault.document() for fault in self.faults]


class InvalidLocalRules(InvalidSubmission):
    """The local rules cannot be applied; all faults are listed."""

    zh = "地方或行业细化规则有误"


class SecrecyNotCleared(Problem):
    """The secrecy review is not cleared; nothing of the submission was kept."""

    status = 422
    zh = "保密审查未通过，报送内容未作任何保留"
    advice = (
        "仅可报送已通过保密审查的内容：审查通过后，以 secrecy_review 为 cleared 重新报送。",
        "Only what has passed the review may be sent: send it again with `secrecy_review` `cleared` once it has.",
    )


class HeadTooLarge(Problem):
    """The address and the header fields are longer than is taken here."""

    status = 431
    zh = "请求地址和头部过长"


UNEXPECTED = "Something unexpected went wrong here; it has been logged."
"""The detail of an `Overloaded` that stands for a fault of the hub itself."""


class Overloaded(Problem):
    """The hub cannot answer this at the moment; try again, the same request is safe to repeat."""

    status = 503
    zh = "暂时无法处理，请重试；重复同一请求是安全的"
    advice = (
        "请在 Retry-After 所示秒数之后原样重发。",
        "Send the same again after the seconds that Retry-After says.",
    )

    def headers(self) -> dict[str, str]:
        """When to try again, in seconds."""
        return {"Retry-After": "1"}


class LedgerBehindCheckpoint(Problem):
    """The ledger is not what its signed head outside the database says; it is read-only until a person decides."""

    status = 503
    zh = "账本与库外保存的签名检查点不符，在人工处理之前只读"

    def headers(self) -> dict[str, str]:
        """When to try again, in seconds: a person has to act first."""
        return {"Retry-After": "60"}


class NotReady(Problem):
    """The hub is not ready to serve."""

    status = 503
    zh = "服务尚未就绪"


class InvalidSettings(Problem):
    """A setting is not what it should be."""

    zh = "设置有误"


class OutdatedDatabase(Problem):
    """The database is not at the newest migration; run `hub migrate`."""

    zh = "数据库不是最新版本，请运行 hub migrate"


class UnknownMigration(Problem):
    """The database is not one that this program knows: that of a newer program, or of another one."""

    zh = "数据库由更新版本的程序或其他程序建立，本程序无法使用"


class UnsuitableDatabase(Problem):
    """The database cannot keep what the hub is sent."""

    zh = "数据库无法保存交换中心的数据"
