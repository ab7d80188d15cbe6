"""Real public notices, in the national platform's public JSON form, as typed submissions."""

from hub.demo.notices.files import NotANoticeFile, load
from hub.demo.notices.mapping import submissions
from hub.demo.notices.report import report
from hub.demo.notices.results import Mapped, PlatformInfo, Unmapped

__all__ = ["Mapped", "NotANoticeFile", "PlatformInfo", "Unmapped", "load", "report", "submissions"]
