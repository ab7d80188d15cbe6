"""主动公开目录清单: what is disclosed, by whom, by when, where, and who supervises it; built from the kinds themselves."""

from hub.catalogue.fields import REGIONS, FieldItem, RuleItem, envelope_fields, users_of, walk
from hub.catalogue.items import Details, Item, Limit, Place, catalogue, details_of

__all__ = [
    "REGIONS",
    "Details",
    "FieldItem",
    "Item",
    "Limit",
    "Place",
    "RuleItem",
    "catalogue",
    "details_of",
    "envelope_fields",
    "users_of",
    "walk",
]
