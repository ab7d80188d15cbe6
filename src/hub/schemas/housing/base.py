"""What the housing kinds have in common."""

from hashlib import sha256
from re import fullmatch
from typing import Annotated, Any
from unicodedata import normalize

from pydantic import Field

from hub.schemas.clocks import CHANGED, FORMED, AfterMonth, Within
from hub.schemas.kind import Domain, Kind, Role, field
from hub.schemas.rules import Rule
from hub.schemas.types import Code, Count, RegionCode, Str
from hub.schemas.types.shape import Shape, shown_as

OPINION_HOUSING = "国办发〔2017〕97号 二（一）1"
NOTICE_2011 = "住房城乡建设部《关于公开城镇保障性安居工程建设信息的通知》（2011）"
NOTICE_2012 = "住房城乡建设部办公厅《关于做好2012年住房保障信息公开工作的通知》"

DEPARTMENT = frozenset({Role.IMPLEMENTER, Role.PRODUCER})
"""The housing department, which carries the matter out and makes its documents and records."""
DEPARTMENT_OR_APPROVER = DEPARTMENT | {Role.APPROVER}
"""The housing department, and the government or department that approves what is planned, recognised or granted."""


def annual_plan_fixed(of: str = FORMED) -> Within:
    """Annual plans: within 20 working days of the day on which the plan is final."""
    return Within(id="D-HOUS-PLAN20", days=20, of=of, basis=f"{NOTICE_2011}；{NOTICE_2012}")


def after_the_month(of: str = FORMED) -> AfterMonth:
    """Progress, register, homes available and exits: within 10 working days of the end of the month."""
    return AfterMonth(id="D-HOUS-MON10", days=10, of=of, basis=NOTICE_2012)


CHANGE_OF_PROJECT = Within(id="D-HOUS-CHG10", days=10, of=CHANGED, basis=NOTICE_2011)
"""What changes of a project's basic information: within 10 working days."""


def repair_month(value: Any) -> str | None:
    """The month of `2026-11`, `2026/11`, `2026年11月` or 202611 as `202611`; None where it is no month."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    found = fullmatch(r"(20[0-9]{2})(?:-|/|\.|年|)(0?[1-9]|1[0-2])月?", normalize("NFKC", str(value)).strip())
    return f"{found[1]}{found[2]:0>2}" if found else None


MONTH_FORMAT = Rule(
    "month-format", "月份须为 6 位数字（年月），如 202611", "A month has 6 digits, e.g. 202611.", repair_month
)

Month = Annotated[str, Shape(r"^20[0-9]{2}(0[1-9]|1[0-2])$", MONTH_FORMAT, shown=shown_as(6, "202611"))]
"""A calendar month, `yyyyMM`."""

Year = Annotated[int, Field(strict=True, ge=2000, le=2099)]
"""A calendar year."""

Units = Annotated[int, Count(9)]
"""A number of homes (套) or of households (户)."""

HousingClass = Annotated[str, Code("housing_class")]
UnitType = Annotated[str, Code("unit_type")]
BatchNo = Annotated[str, Str(50)]
ProjectName = Annotated[str, Str(300)]
Title = Annotated[str, Str(300)]


class HousingKind(Kind):
    """A record of housing security."""

    domain = Domain.HOUSING
    media = ("市、县人民政府门户网站", "住房保障主管部门门户网站")
    supervision = "住房城乡建设主管部门"


class RegionalKind(HousingKind):
    """A record of the housing security of a city or county."""

    region_code: RegionCode = field("行政区划代码")


class PlanKind(RegionalKind):
    """A record of a city's or county's annual plan; all records of the plan are one thread."""

    plan_year: Year = field("计划年度")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The plan, whoever pushes: a city or county has one a year."""
        return f"housing:{self.region_code}:plan:{self.plan_year}"


class ProjectKind(RegionalKind):
    """A record of a housing project; all records of the project are one thread."""

    project_name: ProjectName = field("项目名称")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The project by its name in its city or county, whoever pushes."""
        return project_thread(self.region_code, self.project_name)


class BatchKind(RegionalKind):
    """A record of a batch of homes allocated together; all records of the batch are one thread."""

    batch_no: BatchNo = field("批次")

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The batch, whoever pushes: its number is unique in its city or county."""
        return batch_thread(self.region_code, self.batch_no)


def project_thread(region: str, name: str) -> str:
    """The thread of a housing project; a name of 300 characters would not fit, so its digest stands for it."""
    return f"housing:{region}:project:{short_digest(name)}"


def batch_thread(region: str, batch: str) -> str:
    """The thread of a batch of homes."""
    return f"housing:{region}:batch:{batch}"


def short_digest(*names: str) -> str:
    """What stands for long names in a thread: 16 hexadecimal digits of SHA-256."""
    return sha256("\n".join(names).encode()).hexdigest()[:16]
