"""What every procurement record says of the buyer, its agency and the project's contact."""

from hub.demo.notices.contacts import contacts
from hub.demo.notices.draft import Draft


def contact_fields(draft: Draft) -> dict[str, str]:
    """The fields of 联系方式; those of the agency only where the notice names one."""
    found = contacts(draft.notice)
    buyer, agency, project = found.buyer, found.agency, found.project
    fields = {
        "purchaser_name": draft.line("采购人名称", buyer.name, 200),
        "purchaser_address": draft.line("采购人地址", buyer.address, 300),
        "purchaser_phone": draft.line("采购人联系方式", buyer.phone, 50),
        "project_contact": draft.line("项目联系人", project.person or agency.person or buyer.person, 100),
        "project_phone": draft.line("项目联系电话", project.phone or agency.phone or buyer.phone, 50),
    }
    if agency.name:
        fields["agency_name"] = draft.line("代理机构名称", agency.name, 200)
        fields["agency_address"] = draft.line("代理机构地址", agency.address, 300)
        fields["agency_phone"] = draft.line("代理机构联系方式", agency.phone, 50)
    return fields
