"""Legal clocks: how a kind says by when its information must be disclosed, and which law asks for it."""

from dataclasses import dataclass
from typing import Literal

Judged = Literal["published", "received"]
"""What must lie in time: the first publication on the designated medium, or the hub's receipt of the version."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time limit. `of` names the `Date` or `Instant` of the envelope (`/formed_at`) or of the body (`sign_date`).

    A clock that starts from `/formed_at` starts from `/changed_at` where a version gives one. A clock whose field a
    record leaves out starts from `/formed_at`, and one that counts back from it does not run; nor does one of
    `/changed_at` where nothing was changed, nor one whose field `where` has another value than the one named. The day
    of the event is not counted.
    """

    id: str
    of: str
    basis: str
    judged: Judged = "published"
    where: tuple[str, str] | None = None
    """A field of the body and the value of it with which the clock runs."""


@dataclass(frozen=True, kw_only=True)
class Within(Clock):
    """At most `days` working days after the event, or calendar days, moved to the next working day where they end on
    a rest day (民法典 第二百零三条)."""

    days: int
    working: bool = True


@dataclass(frozen=True, kw_only=True)
class Ahead(Clock):
    """At least `days` working or calendar days before the event."""

    days: int
    working: bool = False


@dataclass(frozen=True, kw_only=True)
class AfterMonth(Clock):
    """At most `days` working days after the end of the month that the event lies in."""

    days: int


@dataclass(frozen=True, kw_only=True)
class SameDay(Clock):
    """On the day of the event."""


FORMED = "/formed_at"
CHANGED = "/changed_at"
PUBLISHED = "/publication/published_at"

OPINION_20 = "国办发〔2017〕97号 二（四）；政府信息公开条例 第二十六条"
OPINION_7 = "国办发〔2017〕97号 二（四）；发改办财金〔2018〕424号"

TWENTY_WORKING_DAYS = Within(id="D-PUB20", days=20, of=FORMED, basis=OPINION_20)
"""Proactive disclosure: 20 working days from formation or change, where no law of the field sets a shorter limit."""

AT_ONCE = SameDay(
    id="D-RT", of=PUBLISHED, judged="received", basis="国办发〔2017〕97号 二（三）；发改法规〔2020〕1055号"
)
"""Sharing: what the designated medium has published reaches the platform, and the national one, on the same day."""


def twenty_working_days(of: str) -> Within:
    """Proactive disclosure within 20 working days of a date of the body."""
    return Within(id="D-PUB20", days=20, of=of, basis=OPINION_20)


def seven_working_days(of: str = "/decided_on", where: tuple[str, str] | None = None) -> Within:
    """Licences and penalties: on the web within 7 working days of the decision."""
    return Within(id="D-PEN7", days=7, of=of, basis=OPINION_7, where=where)
