"""What becomes of a public notice: a submission, or the reason why there is none."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlatformInfo:
    """The platform that a notice comes from: its name, and a code that is made from the name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A notice as a valid submission; `notes` are the things that it does not say itself, in Chinese."""

    kind: str
    submission: dict[str, Any]
    platform: PlatformInfo
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A notice that becomes no submission, and why."""

    title: str
    record_id: str
    business_type: str
    info_type: str
    reason_zh: str
    reason_en: str


class NotMapped(Exception):
    """The notice becomes no submission, for the reason given in two languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
