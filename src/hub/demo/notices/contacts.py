"""Who buys or builds, who acts for them, and how to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.demo.notices.notice import Notice
from hub.demo.notices.sections import section
from hub.law.text.labels import Labelled
from hub.law.text.lines import Line
from hub.law.text.parties import is_organisation
from hub.law.text.times import moment
from hub.law.text.vocabulary import ADDRESS, AGENCY, BODY_NAME, CONTACT, EMAIL, PHONE, PROJECT_NAME, PURCHASER


@dataclass(frozen=True, slots=True)
class Contact:
    """A body and how to reach it; empty text for what the notice does not say."""

    name: str = ""
    address: str = ""
    phone: str = ""
    person: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Contacts:
    """The body that buys, builds or transfers, its agency, and whom to ask about the project."""

    buyer: Contact
    agency: Contact
    project: Contact


def contacts(notice: Notice) -> Contacts:
    """The contacts of the notice; its fields `issuer` and `agency` name the bodies where they are filled."""
    blocks = section(notice.lines, "采购人信息"), section(notice.lines, "代理机构信息")
    buyer, agency = (_block(lines) for lines in blocks) if blocks[0] else _mixed(notice)
    project = _block(section(notice.lines, "项目联系方式"))
    return Contacts(_named(buyer, notice.issuer), _named(agency, notice.agency), project)


def _named(contact: Contact, name: str) -> Contact:
    return Contact(name or contact.name, contact.address, contact.phone, contact.person, contact.email)


def _block(lines: Sequence[Line]) -> Contact:
    said = Labelled(lines, torn=True)
    return Contact(
        said.value(BODY_NAME, limit=200),
        said.value(ADDRESS),
        said.value(PHONE, limit=60),
        said.value(CONTACT, limit=60),
        said.value(EMAIL, limit=60),
    )


def _mixed(notice: Notice) -> tuple[Contact, Contact]:
    """The two bodies of a section that names them by label; the first address is the buyer's, the second the agency's."""
    block = notice.section("联系方式")
    names_them = any(line.key.startswith(PURCHASER) for line in block)
    said = Labelled(block if names_them else notice.lines, notice.fields)
    buyer = _name(said, PURCHASER) or _name(notice.labelled, PURCHASER) or _named_in_title(notice)
    agency = _name(said, AGENCY) or _name(notice.labelled, AGENCY)
    pairs = [_pair(said, names, bool(agency)) for names in (ADDRESS, PHONE, CONTACT, EMAIL)]
    sides = zip(*pairs, strict=True)
    first, second = (list(side) for side in sides)
    return Contact(buyer, *first), Contact(agency, *second)


def _name(said: Labelled, names: Sequence[str]) -> str:
    """The first value that may name a body: a date beside a seal does not."""
    found = (one.value for one in said.all(names, limit=100))
    return next((value for value in found if moment(value) is None and not value[0].isdigit()), "")


def _named_in_title(notice: Notice) -> str:
    """The body whose name stands in the title before the project's name."""
    project = notice.labelled.value(PROJECT_NAME)
    before = notice.title.partition(project)[0].strip() if project and project in notice.title else ""
    return before if is_organisation(before) else ""


def _pair(said: Labelled, names: Sequence[str], both: bool) -> tuple[str, str]:
    found = sorted({one.at: one.value for one in said.all(names, limit=200)}.items())
    values = [value for _, value in found]
    return (values[0] if values else ""), (values[1] if both and len(values) > 1 else "")
