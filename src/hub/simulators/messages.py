"""The messages of the simulated platforms: what a hub sends, and what it is answered."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Platform = Literal["national", "credit"]
Outcome = Literal["accepted", "rejected"]

MAX_BATCH = 500
MAX_PAGE = 5_000
MAX_HELD = 10_000
MAX_BUCKETS = 1_000
MAX_TICKETS = 500
MAX_POSITION = 2**63 - 1

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Position = Annotated[int, Field(ge=1, le=MAX_POSITION)]


class Epoch(BaseModel):
    """纪元: the stretch of the hub's ledger in which a version was stored; a new one begins where versions were lost for good."""

    model_config = ConfigDict(strict=True)

    number: int = Field(title="纪元号", ge=2)
    began_after: int = Field(
        title="起点", description="The last position that it shares with the one before it.", ge=0, le=MAX_POSITION
    )


class Item(BaseModel):
    """数据项: one version of one record, as the hub forwards it."""

    model_config = ConfigDict(strict=True)

    idempotency_key: Word = Field(title="幂等键", examples=["national:123:9f86d081…"])
    position: Position = Field(title="位置", description="The version's place in the hub's ledger.")
    previous: Position | None = Field(
        title="前一版本的位置", description="The position of the record's previous version; null for its first one."
    )
    number: int = Field(title="版本号", ge=1)
    record: Word = Field(title="记录", examples=["91350000MA347WHE48/tender_notice/0001503000000000001234"])
    thread: Word = Field(title="线程", description="Items of one thread are taken in order of their positions.")
    kind: Word = Field(title="记录类别")
    digest: Sha256 = Field(title="摘要", description="SHA-256 of the hub's document.")
    fields_digest: Sha256 = Field(title="数据元素摘要", description="SHA-256 of `fields` as canonical JSON (RFC 8785).")
    data_no: int | None = Field(title="数据集编号", description="DATA_NO; null where the specification has none.")
    data_en: Word = Field(title="数据集标识", examples=["TENDER_ANN_QUA_INQUERY_ANN"])
    data_cn: Word = Field(title="数据集名称", examples=["招标公告"])
    data_key: Word = Field(title="来源系统主键")
    data_type: Literal["1", "2", "3"] = Field(title="数据操作类型", description="1 new, 2 changed, 3 withdrawn.")
    epoch: Epoch | None = Field(
        None,
        title="纪元",
        description="None for the first one. What was received before of positions behind its beginning is taken back.",
    )
    fields: dict[str, Any] = Field(
        title="数据元素", description="Strings by element name; nested rows are lists of objects."
    )


class Batch(BaseModel):
    """批次: up to 500 items, applied in one transaction before the answer leaves."""

    items: list[Item] = Field(title="数据项", min_length=1, max_length=MAX_BATCH)


@dataclass(frozen=True, slots=True)
class Error:
    """One thing that is wrong; `element` is empty where it is the item as a whole."""

    element: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """已接收: the item was applied; the receipt proves it."""

    position: int
    receipt: str
    status: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """重复: the item was applied before; this is the first receipt, and nothing was applied again."""

    position: int
    receipt: str
    status: Literal["duplicate"] = "duplicate"


@dataclass(frozen=True, slots=True)
class Rejected:
    """已退回: the item breaks rules; all of them are listed, and nothing was applied."""

    position: int
    errors: list[Error]
    status: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class Waiting:
    """等待: the item cannot be applied yet; send it again when what it waits for has been applied."""

    position: int
    reason: Literal["parent_missing", "gap", "behind"]
    detail: str
    status: Literal["waiting"] = "waiting"


@dataclass(frozen=True, slots=True)
class Pending:
    """待审核: the item was taken in and is decided later; ask `GET /receipts` for this ticket."""

    position: int
    receipt: str
    status: Literal["pending"] = "pending"


Result = Accepted | Duplicate | Rejected | Waiting
Answered = Result | Pending


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """批次回执: one result for each item, in the order of the items."""

    batch: str
    results: list[Answered]


@dataclass(frozen=True, slots=True)
class Later:
    """One answer about a ticket: `result` is None where there is no such ticket."""

    id: str
    result: Accepted | Rejected | Pending | None


@dataclass(frozen=True, slots=True)
class Receipts:
    """审核结果: what became of the tickets, in the order of the question."""

    receipts: list[Later]


@dataclass(frozen=True, slots=True)
class Received:
    """已收数据项: an accepted or rejected item; a later decision on the same position gets a new `seq`."""

    seq: int
    position: int
    number: int
    record: str
    thread: str
    kind: str
    status: Outcome
    receipt: str | None
    digest: str
    received_at: str
    duplicates: int


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """已收清单: items in the order in which they were decided; go on with `after=next`."""

    items: list[Received]
    next: int


@dataclass(frozen=True, slots=True)
class ReceivedDetail:
    """已收详情: one item with its elements, its errors and whether its record is withdrawn by now."""

    item: Received
    data_en: str
    data_key: str
    data_type: Literal["1", "2", "3"]
    fields: dict[str, Any]
    errors: list[Error]
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """统计: `accepted` and `rejected` count positions; `duplicates`, `waiting` and `conflicts` count answers.

    `taken_back` counts positions that were accepted, and then lost by the hub and so given out again.
    """

    accepted: int
    rejected: int
    duplicates: int
    waiting: int
    conflicts: int
    taken_back: int
    applied: int
    withdrawn: int
    last_position: int
    last_seq: int


@dataclass(frozen=True, slots=True)
class Held:
    """A position that is held, and the digest of its document."""

    position: int
    digest: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """持有清单: the applied positions of a range, in order; go on `from` `next` where that is not null."""

    items: list[Held]
    next: int | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of the range from `first` on: how many items are held in it, and their sum.

    `sum` is the sum modulo 2^256 of SHA-256(position as 8 bytes, big-endian ‖ the 32 bytes of the digest), in hex.
    """

    first: int
    count: int
    sum: str


@dataclass(frozen=True, slots=True)
class Buckets:
    """持有汇总: the buckets of a range that hold something; they begin at 1, 1 + size, 1 + 2·size, …"""

    size: int
    buckets: list[Bucket]


class Damage(BaseModel):
    """损坏: what the store is to suffer, to see whether a sender notices; which items is up to the seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(0, title="随机种子")
    lose: int = Field(0, title="丢失", description="Items that are forgotten.", ge=0, le=100_000)
    change: int = Field(0, title="改动", description="Items whose digest becomes another one.", ge=0, le=100_000)
    repeat: int = Field(0, title="重复", description="Items that are held twice.", ge=0, le=100_000)
    add: int = Field(0, title="增添", description="Items that nobody sent, behind the last one.", ge=0, le=10_000)


@dataclass(frozen=True, slots=True)
class Damaged:
    """损坏结果: the positions that suffered."""

    lost: list[int]
    changed: list[int]
    repeated: list[int]
    added: list[int]


@dataclass(frozen=True, slots=True)
class Refusal:
    """请求不合法: what is wrong with the request as a whole; nothing was stored."""

    title: str
    status: int
    errors: list[Error]


@dataclass(frozen=True, slots=True)
class Health:
    """运行状态: the platform answers."""

    status: Literal["ok"]
    platform: Platform
