"""The unit that an amount is in: its title says it, or a field beside the amount does."""

from decimal import Decimal
from functools import cache
from re import search

from pydantic.fields import FieldInfo

from hub.schemas.common_rules import TEN_THOUSAND_YUAN, YUAN, unit_fields
from hub.schemas.places import field_annotation, marks_in, sent_name
from hub.schemas.rules import Ruled
from hub.schemas.types.coded import Code

IN_YUAN = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
"""What 元, 万元 and 亿元 are in yuan, by what stands before 元."""
OF_CODE = {YUAN: IN_YUAN[""], TEN_THOUSAND_YUAN: IN_YUAN["万"]}
"""The same by the codes of `price_unit`."""

_IN_TITLE = r"[(（]([万亿]?)元(?:/年)?[)）]"


def unit_in_title(info: FieldInfo) -> Decimal | None:
    """The unit in yuan that the field's title or description gives, as in 罚款金额(万元); None where neither does."""
    if (info.description or "").startswith("In yuan"):
        return IN_YUAN[""]
    found = search(_IN_TITLE, info.title or "")
    return IN_YUAN[found[1]] if found else None


@cache
def unit_beside(model: type[Ruled], name: str) -> str | None:
    """The field with the unit of an amount of the class: its own one, or the only one that there is for all of them."""
    own = unit_fields(model).get(name)
    fields = model.model_fields.items()
    units = [sent_name(*one) for one in fields if _PRICE_UNIT in marks_in(field_annotation(one[1]))]
    return own or (units[0] if len(units) == 1 else None)


_PRICE_UNIT = Code("price_unit")
