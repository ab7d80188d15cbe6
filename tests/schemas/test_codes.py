"""The code tables and the regions."""

import subprocess
import sys

import orjson
import pytest

from hub.schemas.codes import region_name, regions, superseded, table, tables
from hub.schemas.codes.code_table import DATA
from hub.schemas.field_paths import fields_at
from hub.schemas.kind import Domain, Stage, editions, kinds


def test_a_table_labels_its_codes():
    units = table("price_unit")

    assert units.label("0") == "元"
    assert units.values["1"].en == "Ten thousand yuan"
    assert units.has("1")
    assert not units.has("2")


def test_a_code_that_a_table_does_not_list_is_its_own_label():
    assert table("margin_pay").label("77") == "77"


def test_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError):
        table("no_such_table")


@pytest.mark.parametrize("name", tables())
def test_a_table_names_its_source_and_has_both_languages(name):
    known = table(name)

    assert known.title_zh
    assert known.title_en
    assert known.source
    assert known.sureness in ("seen", "recalled", "own")
    assert all(value.zh and value.en for value in known.values.values())


@pytest.mark.parametrize("name", tables())
def test_a_table_has_no_code_twice(name):
    rows = orjson.loads((DATA / f"{name}.json").read_bytes())["values"]

    codes = [row["code"] for row in rows]

    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", tables())
def test_a_table_has_no_label_twice(name):
    values = table(name).values.values()

    # A label is taken back to its code, which it must name alone; a few lists of one class share theirs.
    labels = [value.zh for value in values]
    assert len(set(labels)) == len(labels) or name == "ggzy_stage"


@pytest.mark.parametrize("name", sorted(kinds()))
def test_the_code_tables_of_a_kind_are_there(name):
    used = {field.table for kind in editions(name).values() for field in fields_at(kind).values()} - {None}

    assert used <= set(tables())


@pytest.mark.parametrize("name", tables())
def test_only_a_lenient_table_may_be_empty(name):
    assert table(name).values or table(name).lenient


def test_the_domains_and_stages_are_those_of_the_kinds():
    assert set(table("domain").values) == {domain.value for domain in Domain}
    assert {d.value: d.zh for d in Domain} == {v.code: v.zh for v in table("domain").values.values()}
    assert set(table("stage").values) == {stage.value for stage in Stage}


@pytest.mark.parametrize("code", ["330113", "540581", "653228", "659012", "659013", "350100", "110000", "660000"])
def test_a_region_in_use_is_known(code):
    assert code in regions()
    assert not superseded(code)


def test_there_are_as_many_regions_in_use_as_the_state_has():
    used = [code for code, region in regions().items() if region.valid_to is None and region.name != "市辖区"]

    assert len([code for code in used if code.endswith("0000")]) == 34 + 1  # 660000 is 兵团
    assert (
        len([c for c in used if c.endswith("00") and not c.endswith("0000") and c[2:4] != "90"]) == 333 + 1
    )  # 500200 县
    assert len([code for code in used if not code.endswith("00")]) == 2847 + 3  # three reef groups


def test_a_region_is_named_with_those_above_it():
    assert region_name("350100") == "福建省福州市"
    assert region_name("110101") == "北京市东城区"
    assert region_name("469001") == "海南省五指山市"
    assert region_name("533521") == "云南省临沧地区临沧县"


def test_a_superseded_region_names_its_successor():
    laicheng = regions()["371202"]

    assert superseded("371202")
    assert (laicheng.name, laicheng.valid_to, laicheng.successor) == ("莱城区", 2018, "370116")


def test_every_successor_is_a_region_in_use():
    successors = {region.successor for region in regions().values() if region.successor}

    assert successors
    assert not [code for code in successors if regions()[code].valid_to is not None]


def test_an_unknown_region_is_not_superseded():
    assert not superseded("999999")


def test_importing_the_types_does_not_read_the_regions():
    script = "import hub.schemas.types; from hub.schemas.codes import regions; print(regions.cache_info().currsize)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "0"
