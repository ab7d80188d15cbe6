"""What the credit kinds have in common."""

from abc import abstractmethod

from hub.schemas.kind import Domain, Kind
from hub.schemas.types import is_id_number


class CreditKind(Kind):
    """A record about a party's credit; all records about a body are one thread, whoever pushes them."""

    domain = Domain.CREDIT
    to_credit = True

    @abstractmethod
    def subject(self) -> str | None:
        """The code of the body that the record is about, or None where it has none."""

    @abstractmethod
    def entry(self) -> str:
        """What tells this record from the platform's others where the subject has no code that may be shown."""

    def thread(self, platform: str) -> str:
        """The body by its code; a natural person's record stands alone, so that no ID number gets into a thread."""
        code = self.subject()
        if code is None or is_id_number(code):
            return f"credit:{platform}:{self.entry()}"
        return f"credit:{code}"
