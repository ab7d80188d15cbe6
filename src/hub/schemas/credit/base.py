"""What the credit kinds have in common."""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.common_rules import SECTION_OF_PROJECT
from hub.schemas.kind import Domain, Kind, Role, Scope, field
from hub.schemas.rules import Check, rule
from hub.schemas.shared import SubjectRole, SubjectType
from hub.schemas.threads import crowd
from hub.schemas.types import Code, PartyCode, ShortText, is_id_number

DEPARTMENTS = frozenset({Role.APPROVER, Role.IMPLEMENTER, Role.PRODUCER})
"""The departments that decide, manage or write down; each discloses what is its own."""

REGISTRARS = frozenset({Role.IMPLEMENTER, Role.PRODUCER})
"""Who registers parties: the trading platforms, and the bodies that run them."""


def section_within(project: str, section: str) -> Check:
    """A rule: the section code begins with the code of its tender project."""

    @rule(at=section)
    def check(payload: Any) -> PydanticCustomError | None:
        code: str = getattr(payload, section)
        return None if code.startswith(getattr(payload, project)) else SECTION_OF_PROJECT()

    return check


class CreditKind(Kind):
    """A record about a party's credit; all records about a body are one thread, whoever pushes them."""

    domain = Domain.CREDIT
    to_credit = True
    media: ClassVar[tuple[str, ...]] = ("信用中国", "全国公共资源交易平台")
    supervision = "社会信用体系建设主管部门"

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


class ScopedCreditKind(CreditKind):
    """A record of the specification's credit datasets: it names a party and says itself who may see it."""

    body_name: ShortText = field("主体名称", scope=Scope.PER_RECORD)
    body_code: PartyCode = field("主体代码", scope=Scope.PER_RECORD, party_code=True)
    body_type: SubjectType = field("主体类别", scope=Scope.PER_RECORD)
    body_role: SubjectRole = field("主体角色", scope=Scope.PER_RECORD)
    scope: Annotated[str, Code("scope")] = field(
        "公开范围", scope=Scope.PER_RECORD, description="1 public, 2 government exchange only."
    )

    def subject(self) -> str | None:
        """The party's code where the record is public: everybody sees which thread a version is in."""
        return self.body_code if self.scope == "1" else None

    def entry(self) -> str:
        """A name shared with other parties."""
        return crowd(self.body_code)


class PartyKind(CreditKind):
    """A record about a body that trades; it is in the body's thread, and not credit information."""

    to_credit = False
    media = ("全国公共资源交易平台",)
    supervision = "公共资源交易监督管理部门"


class PersonKind(Kind):
    """A record about a natural person who trades or practises; it is no credit information."""

    domain = Domain.CREDIT
    natural_person = True

    @abstractmethod
    def person(self) -> str:
        """The person's ID number."""

    def thread(self, platform: str) -> str:
        """One of the threads that the platform's persons share."""
        return f"credit:{platform}:{crowd(self.person())}"
