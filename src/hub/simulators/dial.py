"""The fault dial: which faults a simulated platform shows, and how often."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.simulators.scenarios import SCENARIOS

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=3_600, allow_inf_nan=False)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000, allow_inf_nan=False)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
ScenarioName = Annotated[str, Field(json_schema_extra={"enum": [*SCENARIOS]})]


class Dial(BaseModel):
    """故障开关: all faults are off unless set; putting a dial starts its random numbers and its outage anew.

    `scenario` sets all that belongs to it; what is set beside it holds instead.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: ScenarioName | None = Field(None, title="场景", description="Faults that belong together, by name.")
    seed: int = Field(0, title="随机种子", description="The same seed and the same requests meet the same faults.")
    latency_ms: Milliseconds = Field(0, title="时延", description="Wait before a batch is stored, milliseconds.")
    latency_jitter_ms: Milliseconds = Field(0, title="时延抖动", description="Up to this much more, milliseconds.")
    answer_latency_ms: Milliseconds = Field(0, title="回执时延", description="Wait after storing, milliseconds.")
    answer_jitter_ms: Milliseconds = Field(0, title="回执抖动", description="Up to this much more, milliseconds.")
    shuffle_results: bool = Field(False, title="结果乱序", description="Results of a batch in any order.")
    error_percent: Percent = Field(0, title="服务器错误", description="500, 502 or 503; nothing is stored.")
    error_after_store_percent: Percent = Field(0, title="存储后出错", description="500, although all is stored.")
    hang_before_store_percent: Percent = Field(0, title="存储前挂起", description="Hangs, then stores and answers.")
    hang_after_store_percent: Percent = Field(0, title="存储后无应答", description="All is stored; the answer hangs.")
    hang_seconds: Seconds = Field(30, title="无应答时长", description="How long such an answer hangs, seconds.")
    reset_percent: Percent = Field(0, title="存储前断开", description="The connection is reset; nothing is stored.")
    reset_after_store_percent: Percent = Field(0, title="存储后断开", description="Reset, although all is stored.")
    rate_limit_percent: Percent = Field(0, title="限流", description="429 with Retry-After; nothing is stored.")
    requests_per_s: float = Field(
        0, title="每秒请求数", description="More are answered 429; 0: no limit.", ge=0, le=100_000, allow_inf_nan=False
    )
    retry_after: int = Field(1, title="重试间隔", description="The value of Retry-After, seconds.", ge=0, le=3_600)
    html_error_percent: Percent = Field(
        0, title="网关错误页", description="A gateway's HTML page with status 200 or 502; nothing is stored."
    )
    truncate_percent: Percent = Field(0, title="应答截断", description="All is stored; half of the JSON is answered.")
    drip_percent: Percent = Field(0, title="应答逐字节", description="All is stored; the answer drips.")
    drip_bytes_per_s: int = Field(10, title="滴速", description="How fast it drips, bytes a second.", ge=1, le=10**6)
    wrong_receipt_percent: Percent = Field(
        0, title="回执错误", description="All is stored; receipts of other items, none, or what is no receipt."
    )
    reject_percent: Percent = Field(0, title="随机退回", description="Of the items: rejected with the rule `dial`.")
    duplicates_as: Literal["duplicate", "rejected"] = Field(
        "duplicate", title="重复项应答", description="`rejected`: refused with the rule `already-received`."
    )
    stale_after_days: int | None = Field(
        None, title="过旧天数", description="Items with an older DATA_TIMESTAMP are rejected.", ge=0, le=36_500
    )
    pending_s: float = Field(
        0, title="审核时长", description="Decided so much later, by the clock.", ge=0, le=10**7, allow_inf_nan=False
    )
    down_for_s: Seconds = Field(0, title="停机", description="No batches and no holdings for so long, seconds.")
    down_from: TimeOfDay | None = Field(None, title="每日停机自", description="Beijing time, by the clock.")
    down_to: TimeOfDay | None = Field(None, title="每日停机至", description="Beijing time; may lie on the next day.")
    down_as: Literal["unavailable", "closed"] = Field(
        "unavailable", title="停机方式", description="503, or connections closed without an answer."
    )
    poison: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list,
        title="毒数据",
        description="A batch with an item whose `record` contains one of these is answered 500 and not stored.",
    )
    require_parents: bool = Field(True, title="检查上级数据", description="Whether children wait for their parents.")

    @model_validator(mode="before")
    @classmethod
    def _scenario_below(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(name := given.get("scenario"), str):
            return given
        if name not in SCENARIOS:
            raise ValueError(f"there is no such scenario; there are: {', '.join(SCENARIOS)}")
        return {**SCENARIOS[name].faults, **given}

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if (self.down_from is None) != (self.down_to is None):
            raise ValueError("down_from and down_to belong together")
        return self
