"""The catalogue and the code tables through the API."""

import csv
from collections.abc import AsyncIterator
from io import BytesIO, StringIO
from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook

from hub.catalogue import catalogue, details_of, envelope_fields, users_of, walk
from hub.schemas.codes import regions, table, tables
from hub.schemas.kind import Domain, Role, Stage, kinds
from hub.schemas.rules import RULES
from hub.schemas.submission import Submission, submission_of
from tests.builders import a_winning_candidate_publicity
from tests.hub import Hub, a_hub

pytestmark = pytest.mark.anyio

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BASIS = "榕政办〔2026〕1号"


@pytest.fixture
async def local_hub(anyio_backend: str, sqlite_database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub with local rules for the records of one city."""
    rule = {
        "id": "fz",
        "basis": BASIS,
        "region": "3501",
        "kinds": ["winning_candidate_publicity"],
        "since": "2020-01-01",
        "limits": {"D-CAND3": 2},
        "required": ["other_content"],
        "codes": {"price_form": ["1", "2"]},
        "media": ["福州市公共资源交易网"],
    }
    file = tmp_path / "rules.json"
    file.write_bytes(orjson.dumps({"rules": [rule]}))
    async with a_hub(sqlite_database_url, local_rules=str(file)) as running:
        yield running


async def test_every_kind_is_an_item_by_domain_and_stage_in_the_opinions_order(hub: Hub) -> None:
    items = (await hub.public.read("/v1/kinds"))["items"]

    assert {item["name"] for item in items} == set(kinds())
    domains, stages = [domain.value for domain in Domain], [stage.value for stage in Stage]
    places = [(domains.index(item["domain"]["code"]), stages.index(item["stage"]["code"])) for item in items]
    assert places == sorted(places)


async def test_an_item_says_who_discloses_by_when_where_and_who_supervises(hub: Hub) -> None:
    item = await hub.public.read("/v1/kinds/procurement_contract")

    assert item["title"] == "采购合同"
    assert [(who["role"], who["principle_zh"]) for who in item["disclosers"]] == [("implementer", "谁实施、谁公开")]
    first = item["limits"][0]
    assert (first["id"], first["zh"], first["en"]) == (
        "D-CONPUB2",
        "自“合同签订日期”起2个工作日内",
        "within 2 working days of `sign_date`",
    )
    assert "第五十条" in first["basis"]
    assert item["media"][0] == "中国政府采购网"
    assert "财政部门" in item["supervision"]
    assert item["datasets"] == [kinds()["procurement_contract"].dataset]
    assert [target["name"] for target in item["targets"]] == ["national"]
    assert item["ggzy_stage"] == {"code": "0203", "zh": "采购合同", "en": "Procurement contract"}


async def test_credit_information_goes_to_both_targets(hub: Hub) -> None:
    item = await hub.public.read("/v1/kinds/blacklist_entry")

    assert {target["name"] for target in item["targets"]} == {"national", "credit"}


async def test_an_item_lists_its_fields_with_their_elements_and_codes(hub: Hub) -> None:
    fields = {
        field["name"]: field for field in (await hub.public.read("/v1/kinds/winning_candidate_publicity"))["fields"]
    }

    section = {field["name"]: field for field in fields["candidates"]["fields"]}
    assert fields["publicity_name"]["title"] == "公示标题"
    assert fields["publicity_name"]["element"] == "PUBLICITY_NAME"
    assert fields["publicity_name"]["type_zh"] == "字符串，至多600字"
    assert fields["publicity_name"]["required"]
    assert not fields["other_content"]["required"]
    assert fields["unified_deal_code"]["scope"] == "government"
    assert section["price_unit"]["element"] == "PRICE_UINT"
    assert section["price_unit"]["code_table"] == "price_unit"
    assert section["price_unit"]["description"] is None
    assert fields["candidates"]["element"] is None


async def test_an_item_lists_the_rules_of_the_objects_inside_it(hub: Hub) -> None:
    found = (await hub.public.read("/v1/kinds/winning_candidate_publicity"))["rules"]

    rules = {(rule["id"], rule["at"]): rule for rule in found}
    assert rules["publicity-period", "publicity_end_time"]["severity"] == "fault"
    assert ("price-form-amount", "candidates/*/bid_price") in rules
    assert rules["period-order", "publicity_end_time"]["zh"] == "不得早于 publicity_start_time"


async def test_an_item_has_the_json_schema_of_a_submission_and_a_valid_example(hub: Hub) -> None:
    item = await hub.public.read("/v1/kinds/tender_notice")

    schema = item["json_schema"]
    assert schema == submission_of(kinds()["tender_notice"]).model_json_schema()
    submission_of(kinds()["tender_notice"]).model_validate_json(orjson.dumps(item["example"]))


async def test_the_fields_of_the_envelope_are_listed_once(hub: Hub) -> None:
    envelope = (await hub.public.read("/v1/kinds"))["envelope"]

    assert {field["name"] for field in envelope} == set(Submission.model_fields) - {"body"}


async def test_an_unknown_kind_is_not_found(hub: Hub) -> None:
    assert (await hub.public.get("/v1/kinds/no_such_kind")).status_code == 404


async def test_a_region_that_there_is_not_is_a_wrong_parameter(hub: Hub) -> None:
    assert (await hub.public.get("/v1/kinds", region="99")).status_code == 400
    assert (await hub.public.get("/v1/kinds", region="3")).status_code == 400


@pytest.mark.parametrize("path", ["/v1/kinds", "/v1/kinds/tender_notice", "/v1/codes", "/v1/codes/price_unit"])
async def test_what_has_not_changed_is_not_sent_again(hub: Hub, path: str) -> None:
    first = await hub.public.get(path)
    etag = first.headers["etag"]

    again = await hub.public.call("GET", path, headers={"if-none-match": f'"other", W/{etag}'})
    other = await hub.public.call("GET", path, headers={"if-none-match": '"other"'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert other.content == first.content


async def test_the_catalogue_is_a_workbook_where_accept_asks_for_one(hub: Hub) -> None:
    answer = await hub.public.call("GET", "/v1/kinds", headers={"accept": XLSX})

    assert answer.headers["content-type"] == XLSX
    book = load_workbook(BytesIO(answer.content), read_only=True)
    listed = [row[-1] for name in book.sheetnames[:-2] for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert sorted(map(str, listed)) == sorted(kinds())
    assert book.sheetnames[:6] == [domain.zh for domain in list(Domain)[:6]]
    fields = {(row[1], row[3]) for row in book[book.sheetnames[-2]].iter_rows(min_row=2, values_only=True)}
    assert ("中标候选人公示", "candidates/bid_price") in fields
    codes = {(row[0], row[2]) for row in book[book.sheetnames[-1]].iter_rows(min_row=2, values_only=True)}
    assert codes == {(name, code) for name in tables() for code in table(name).values}


async def test_local_rules_are_shown_for_their_region_beside_the_law(local_hub: Hub) -> None:
    here = await local_hub.public.read("/v1/kinds/winning_candidate_publicity", region="350102")
    elsewhere = await local_hub.public.read("/v1/kinds/winning_candidate_publicity", region="350200")
    national = await local_hub.public.read("/v1/kinds/winning_candidate_publicity")

    limit = here["limits"][0]
    assert (limit["zh"], limit["national_zh"]) == ("自“收到评标报告日期”起2日内", "自“收到评标报告日期”起3日内")
    assert BASIS in limit["basis"]
    assert here["local"] == ["fz"]
    assert here["media"] == [*national["media"], "福州市公共资源交易网"]
    fields = {field["name"]: field for field in here["fields"]}
    assert (fields["other_content"]["required"], fields["other_content"]["required_by"]) == (True, BASIS)
    inner = {field["name"]: field for field in fields["candidates"]["fields"]}
    assert inner["price_form_code"]["codes"] == ["1", "2"]
    assert elsewhere["local"] == []
    assert elsewhere["limits"] == national["limits"]
    assert national["limits"][0]["national_zh"] is None


async def test_local_rules_are_applied_to_what_is_pushed(local_hub: Hub) -> None:
    platform = await local_hub.platform()
    answer = await platform.put(a_winning_candidate_publicity(region_code="350100"))

    rules = {fault["rule"] for fault in answer.json()["faults"]}
    assert answer.status_code == 422
    assert "local-medium" in rules
    assert rules <= {"local-medium", "local-required", "local-code"}


async def test_every_code_table_is_listed_with_the_fields_that_use_it(hub: Hub) -> None:
    listed = {known["name"]: known for known in (await hub.public.read("/v1/codes"))["tables"]}

    assert listed.keys() == {*tables(), "region_gbt2260"}
    unit = listed["price_unit"]
    assert (unit["title_zh"], unit["count"], unit["sureness"], unit["lenient"]) == ("金额单位", 2, "seen", False)
    assert "winning_candidate_publicity/candidates/price_unit" in unit["used_by"]
    assert listed["region_gbt2260"]["count"] == len(regions())


async def test_a_code_table_shows_its_values(hub: Hub) -> None:
    values = (await hub.public.read("/v1/codes/price_unit"))["values"]

    assert [(value["code"], value["zh"], value["en"]) for value in values] == [
        ("0", "元", "Yuan"),
        ("1", "万元", "Ten thousand yuan"),
    ]


async def test_a_code_table_is_csv_where_accept_asks_for_it(hub: Hub) -> None:
    answer = await hub.public.call("GET", "/v1/codes/price_unit", headers={"accept": "text/csv"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [(row["code"], row["zh"]) for row in rows] == [("0", "元"), ("1", "万元")]


async def test_regions_are_listed_by_prefix_with_their_full_names(hub: Hub) -> None:
    values = (await hub.public.read("/v1/codes/region_gbt2260", prefix="3501"))["values"]

    assert {value["code"] for value in values} == {code for code in regions() if code.startswith("3501")}
    assert values[0]["full_name"] == "福建省福州市"


@pytest.mark.parametrize(("day", "there"), [("2017-06-01", True), ("2018-06-01", True), ("2019-06-01", False)])
async def test_a_superseded_region_is_valid_until_the_year_in_which_it_ended(hub: Hub, day: str, there: bool) -> None:
    values = (await hub.public.read("/v1/codes/region_gbt2260", prefix="371202", on=day))["values"]

    assert bool(values) is there
    if there:
        assert (values[0]["valid_to"], values[0]["successor"]) == ("2018", "370116")


async def test_an_unknown_code_table_is_not_found(hub: Hub) -> None:
    assert (await hub.public.get("/v1/codes/no_such_table")).status_code == 404


async def test_a_day_that_there_is_not_is_a_wrong_parameter(hub: Hub) -> None:
    assert (await hub.public.get("/v1/codes/price_unit", on="2026-02-30")).status_code == 400


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kind_can_be_described(name: str) -> None:
    details = details_of(kinds()[name])

    assert all(limit.zh and limit.en and limit.basis for limit in details.limits)
    assert details.media
    assert details.supervision
    assert {role.role for role in details.disclosers} == set(kinds()[name].discloser) <= set(Role)
    assert all(field.title and field.type_zh != "JSON" for _, field in walk(details.fields))
    assert {rule.id for rule in details.rules} <= RULES.keys()


def test_every_rule_between_fields_is_found_in_the_code_of_its_check() -> None:
    for name, kind in kinds().items():
        found = {rule.at for rule in details_of(kind).rules}
        assert {at for at, _ in (*kind.rules, *kind.advices)} <= found, name


def test_the_catalogue_without_a_place_is_the_national_one() -> None:
    assert not [item.name for item in catalogue() if item.local]


def test_the_fields_that_use_regions_are_known() -> None:
    assert users_of()["region_gbt2260"]
    assert "region_code" in {field.name for field in envelope_fields() if field.code_table == "region_gbt2260"}
