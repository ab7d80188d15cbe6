"""The fault dial: which faults a simulated platform shows, how often, and what a request is dealt."""

import time
from dataclasses import dataclass
from random import Random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000, allow_inf_nan=False)]


class Dial(BaseModel):
    """故障开关: all faults are off unless set; putting a dial starts its random numbers and its outage anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(0, title="随机种子", description="The same seed and the same requests meet the same faults.")
    latency_ms: Milliseconds = Field(0, title="时延", description="Wait before a batch is stored, milliseconds.")
    latency_jitter_ms: Milliseconds = Field(0, title="时延抖动", description="Up to this much more, milliseconds.")
    error_percent: Percent = Field(0, title="服务器错误", description="500, 502 or 503; nothing is stored.")
    error_after_store_percent: Percent = Field(0, title="存储后出错", description="500, although all is stored.")
    hang_after_store_percent: Percent = Field(0, title="存储后无应答", description="All is stored; the answer hangs.")
    hang_seconds: Seconds = Field(30, title="无应答时长", description="How long such an answer hangs, seconds.")
    rate_limit_percent: Percent = Field(0, title="限流", description="429 with Retry-After; nothing is stored.")
    retry_after: int = Field(1, title="重试间隔", description="The value of Retry-After, seconds.", ge=0, le=3_600)
    html_error_percent: Percent = Field(
        0, title="网关错误页", description="A gateway's HTML page with status 200 or 502; nothing is stored."
    )
    truncate_percent: Percent = Field(0, title="应答截断", description="All is stored; half of the JSON is answered.")
    reject_percent: Percent = Field(0, title="随机退回", description="Of the items: rejected with the rule `dial`.")
    down_for_s: Seconds = Field(0, title="停机", description="No batches and no holdings for so long, seconds.")
    down_as: Literal["unavailable", "closed"] = Field(
        "unavailable", title="停机方式", description="503, or connections closed without an answer."
    )
    poison: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list,
        title="毒数据",
        description="A batch with an item whose `record` contains one of these is answered 500 and not stored.",
    )
    require_parents: bool = Field(True, title="检查上级数据", description="Whether children wait for their parents.")


@dataclass(frozen=True, slots=True)
class Fate:
    """What one batch request meets: `refusal` instead of being stored, `spoilt` after it was stored."""

    latency_s: float
    refusal: Literal["rate_limit", "html", "error"] | None
    status: int
    spoilt: Literal["error", "hang", "truncate"] | None


class Dealer:
    """A dial with its random numbers and the time since it was set."""

    def __init__(self, dial: Dial) -> None:
        self.dial = dial
        self._random = Random(dial.seed)  # noqa: S311 (reproducible faults, no secrets)
        self._up_at = time.monotonic() + dial.down_for_s

    def down(self) -> bool:
        """Whether the outage still lasts."""
        return time.monotonic() < self._up_at

    def deal(self) -> Fate:
        """What the next batch request meets."""
        dial = self.dial
        latency_s = (dial.latency_ms + self._random.random() * dial.latency_jitter_ms) / 1000
        if self._happens(dial.rate_limit_percent):
            return Fate(latency_s, "rate_limit", 429, None)
        if self._happens(dial.html_error_percent):
            return Fate(latency_s, "html", self._random.choice((200, 502)), None)
        if self._happens(dial.error_percent):
            return Fate(latency_s, "error", self._random.choice((500, 502, 503)), None)
        if self._happens(dial.error_after_store_percent):
            return Fate(latency_s, None, 500, "error")
        if self._happens(dial.hang_after_store_percent):
            return Fate(latency_s, None, 200, "hang")
        if self._happens(dial.truncate_percent):
            return Fate(latency_s, None, 200, "truncate")
        return Fate(latency_s, None, 200, None)

    def rejects(self) -> bool:
        """Whether the next item is rejected."""
        return self._happens(self.dial.reject_percent)

    def poisoned(self, record: str) -> bool:
        """Whether an item of this record spoils its batch."""
        return any(part in record for part in self.dial.poison)

    def _happens(self, percent: float) -> bool:
        return self._random.random() * 100 < percent
