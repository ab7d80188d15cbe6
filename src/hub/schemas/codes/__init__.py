"""Code tables as data: what a code means, where it comes from and how sure that is."""

from hub.schemas.codes.code_table import CodeTable, CodeValue, table, tables
from hub.schemas.codes.gb2260 import Region, region_name, regions, superseded

__all__ = ["CodeTable", "CodeValue", "Region", "region_name", "regions", "superseded", "table", "tables"]
