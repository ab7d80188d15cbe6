"""The scenarios: faults that belong together, by name; each is a setting of the dial that says what it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way in which platforms fail; `faults` are settings of the dial, any of which a user may set otherwise."""

    name: str
    zh: str
    en: str
    faults: Mapping[str, Any]


_ALL = (
    Scenario(
        "nightly-outage",
        "每夜停机：22:00 至次日 06:00（模拟时钟）连接即断",
        "Closed from 22:00 to 06:00 Beijing time, by the platform's clock: connections are dropped.",
        {"down_from": "22:00", "down_to": "06:00", "down_as": "closed"},
    ),
    Scenario(
        "accept-then-time-out",
        "已存储而不应答：三成批次存储后无应答",
        "Three batches in ten are stored, and the answer never comes.",
        {"hang_after_store_percent": 30, "hang_seconds": 120},
    ),
    Scenario(
        "slow-acknowledgements",
        "回执迟缓且乱序：应答先后与请求不同，批次内结果顺序打乱",
        "Answers come late and overtake each other, and the results in each are shuffled.",
        {"answer_latency_ms": 200, "answer_jitter_ms": 3_000, "shuffle_results": True},
    ),
    Scenario(
        "stale-issue-dates",
        "时间过旧即退回：数据时间戳早于 7 天的数据项被退回",
        "Items whose DATA_TIMESTAMP lies more than seven days back are rejected.",
        {"stale_after_days": 7},
    ),
    Scenario(
        "truncated-answers",
        "应答截断：三成应答只有一半",
        "Three answers in ten end in the middle of their JSON, although all is stored.",
        {"truncate_percent": 30},
    ),
    Scenario(
        "html-answers",
        "应答为网页：三成请求得到网关错误页，状态码为 200 或 502",
        "Three requests in ten meet a gateway's page, with status 200 or 502; nothing is stored.",
        {"html_error_percent": 30},
    ),
    Scenario(
        "duplicate-refusals",
        "重复即报错：已收数据再次报送时按错误退回；两成应答在存储后报错",
        "What it has already is refused as an error, and two answers in ten are errors after storing.",
        {"duplicates_as": "rejected", "error_after_store_percent": 20},
    ),
    Scenario(
        "slow-drip",
        "应答逐字节：三成应答每秒只来 10 个字节",
        "Three answers in ten arrive at ten bytes a second.",
        {"drip_percent": 30, "drip_bytes_per_s": 10},
    ),
    Scenario(
        "reset-before-storing",
        "存储前断开：三成连接在存储前断开",
        "Three connections in ten are reset before anything is stored.",
        {"reset_percent": 30},
    ),
    Scenario(
        "reset-after-storing",
        "存储后断开：三成连接在存储后、应答前断开",
        "Three connections in ten are reset after all is stored.",
        {"reset_after_store_percent": 30},
    ),
    Scenario(
        "hang-beyond-lease",
        "久挂后才存储：两成批次挂起 45 秒（超过租约）后才存储",
        "Two batches in ten hang for 45 seconds, longer than a sender keeps its lease, and are stored only then.",
        {"hang_before_store_percent": 20, "hang_seconds": 45},
    ),
    Scenario(
        "wrong-receipts",
        "回执错误：三成应答的回执属于他项、缺失或不成形",
        "Three answers in ten carry receipts of other items, none at all, or what is no receipt.",
        {"wrong_receipt_percent": 30},
    ),
    Scenario(
        "too-many-requests",
        "限流：每秒超过 5 个请求即 429，Retry-After 为 2 秒",
        "More than five requests a second are answered 429 with Retry-After: 2.",
        {"requests_per_s": 5, "retry_after": 2},
    ),
    Scenario(
        "pending-receipts",
        "先受理后审核：60 秒后（模拟时钟）方可凭受理号查得结果",
        "Items are taken in at once and decided 60 seconds later, by the platform's clock: ask GET /receipts.",
        {"pending_s": 60},
    ),
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({scenario.name: scenario for scenario in _ALL})
"""Every scenario by its name."""
