"""The clock of a simulated platform: the machine's, or one that was set and runs faster."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

# A clock that runs fast for weeks must not reach the year 9999, behind which there are no dates.
_CENTURY = 36_525 * 86_400


def _within_the_century(moment: datetime) -> datetime:
    if not 2000 <= moment.year < 2100:
        raise ValueError("a moment between the years 2000 and 2100")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_within_the_century)]
Speed = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class ClockModel(BaseModel):
    """时钟: what the platform takes for now; left out, the machine's time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    now: Moment | None = Field(None, title="当前时间", description="RFC 3339 with an offset.")
    speed: Speed = Field(1, title="倍速", description="Seconds of the platform in a second: 3600 makes a day of 24 s.")


@dataclass(frozen=True, slots=True)
class Told:
    """时钟: what the platform takes for now, and its seconds in a second."""

    now: datetime
    speed: float


class Clock:
    """Runs from `start` (the machine's time where None) at `speed`, and stands still after a century.

    `ticks` are the machine's seconds.
    """

    def __init__(
        self, start: datetime | None = None, speed: float = 1, *, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self.speed = speed
        self._start = start or datetime.now(UTC)
        self._ticks = ticks
        self._began = ticks()

    def now(self) -> datetime:
        """What the platform takes for now, in UTC."""
        return self._start + timedelta(seconds=min((self._ticks() - self._began) * self.speed, _CENTURY))

    def told(self) -> Told:
        """The clock as it is shown."""
        return Told(self.now(), self.speed)
