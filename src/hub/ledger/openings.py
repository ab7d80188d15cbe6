"""When what is sealed in a version is opened to everybody."""

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from hub.ledger.tables import Version

_other, _later = aliased(Version), aliased(Version)
# A later version may have put the opening off, and that holds for the earlier ones too.
_LATEST = select(func.max(_other.opens_at)).where(_other.record == Version.record).correlate(Version).scalar_subquery()
_TAKEN_BACK = (
    select(_later.position)
    .where(
        _later.record == Version.record,
        _later.position > Version.position,
        _later.state != "published",
        _later.received_at < _LATEST,
    )
    .correlate(Version)
    .exists()
)

OPENING: Any = case((Version.opened.is_(None), None), (_TAKEN_BACK, None), else_=_LATEST)
"""The latest opening that any version of the record names, in microseconds UTC, of a version with something to open.

None where the record was withdrawn, or is not public any more, before it: then it stays sealed.
"""
