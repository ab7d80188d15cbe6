"""What a platform says about the elements of an item."""

from typing import Any

import pytest

from hub.simulators.datasets import shape_of
from tests.simulators.builders import DEFINITIONS, Client, Dataset, a_tender_notice, an_item, some_fields

pytestmark = pytest.mark.anyio


def fits(type_name: str, value: str) -> bool:
    shape = shape_of(type_name)
    return shape.low <= len(value) <= shape.high and (shape.fits is None or bool(shape.fits(value)))


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("dt14", "20240229235959"),
        ("dt12", "202611200930"),
        ("date8", "20261231"),
        ("date", "2026-12-31"),
        ("dec(20,6)", "12345678901234.123456"),
        ("dec(20,6)", "0"),
        ("int≤4", "0365"),
        ("str=3", "人民币"),
        ("str≤2", "一二"),
        ("str≤18;…", "91350100M000100Y43;91350100M000100Y43"),
        ("text", "一" * 100_000),
    ],
)
def test_a_value_in_the_form_of_its_type_fits(type_name: str, value: str) -> None:
    assert fits(type_name, value)


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("dt14", "20260229235959"),
        ("dt14", "20261120240000"),
        ("dt14", "2026-11-20T09:30"),
        ("dt14", "２０２６１１２００９３０００"),
        ("dt12", "20261120093000"),
        ("date8", "20261301"),
        ("date8", "2026112"),
        ("date", "2026-13-01"),
        ("date", "2026/12/01"),
        ("date", "20261201"),
        ("dec(20,6)", "123456789012345"),
        ("dec(20,6)", "1.1234567"),
        ("dec(20,6)", "1,000.00"),
        ("dec(20,6)", "1."),
        ("dec(20,6)", "-1"),
        ("int≤4", "12345"),
        ("int≤4", "1.5"),
        ("str=3", "CN"),
        ("str≤2", "abc"),
        ("str≤18;…", "91350100M000100Y43;"),
        ("str=40;…", "1" * 40 + ";" + "1" * 39),
    ],
)
def test_a_value_in_another_form_does_not_fit(type_name: str, value: str) -> None:
    assert not fits(type_name, value)


def test_an_unknown_type_in_the_definitions_is_an_error() -> None:
    with pytest.raises(ValueError, match="blob"):
        shape_of("blob")


@pytest.mark.parametrize("no", DEFINITIONS)
async def test_the_mandatory_elements_alone_are_accepted(national: Client, no: Dataset) -> None:
    await national.dial(require_parents=False)

    assert await national.statuses(an_item(1, no)) == ["accepted"]


@pytest.mark.parametrize("no", DEFINITIONS)
async def test_each_missing_mandatory_element_is_named(national: Client, no: Dataset) -> None:
    mandatory = [entry["element"] for entry in DEFINITIONS[no]["elements"] if entry["required"]]

    assert await national.errors(an_item(1, no, fields={})) == [(element, "required") for element in mandatory]


async def test_an_empty_mandatory_element_is_missing(national: Client) -> None:
    assert await national.errors(a_tender_notice(1, NOTICE_NAME="")) == [("NOTICE_NAME", "required")]


async def test_an_empty_optional_element_is_no_error(national: Client) -> None:
    assert await national.statuses(a_tender_notice(1, DOC_PRICE="")) == ["accepted"]


async def test_all_errors_of_an_item_are_told_at_once(national: Client) -> None:
    item = a_tender_notice(1, NOTICE_NAME="一" * 601, NOTICE_SEND_TIME="2026-11-20", DOC_PRICE="面议", URL=None)

    assert sorted(await national.errors(item)) == [
        ("DOC_PRICE", "decimal"),
        ("NOTICE_NAME", "too-long"),
        ("NOTICE_SEND_TIME", "dt14"),
        ("URL", "required"),
    ]


async def test_a_number_where_text_belongs_is_an_error(national: Client) -> None:
    assert await national.errors(a_tender_notice(1, NOTICE_BID_NUM=1)) == [("NOTICE_BID_NUM", "text")]


async def test_elements_outside_the_dataset_are_kept(national: Client) -> None:
    await national.send(a_tender_notice(1, X_REMARK=["其他"]))

    assert (await national.get("/received/1"))["fields"]["X_REMARK"] == ["其他"]


async def test_a_fields_digest_of_other_fields_is_an_error(national: Client) -> None:
    assert await national.errors(a_tender_notice(1, fields_digest="0" * 64)) == [("", "fields-digest")]


async def test_an_unknown_dataset_is_an_error(national: Client) -> None:
    assert await national.errors(an_item(1, 999, fields={})) == [("", "unknown-dataset")]


async def test_the_credit_platform_does_not_take_notices(credit: Client) -> None:
    assert await credit.errors(a_tender_notice(1)) == [("", "unknown-dataset")]


@pytest.mark.parametrize("no", [302, "ADMINISTRATIVE_PENALTY", "ADMINISTRATIVE_LICENSE"])
async def test_both_platforms_take_credit_information(national: Client, credit: Client, no: Dataset) -> None:
    assert await national.statuses(an_item(1, no)) == await credit.statuses(an_item(1, no)) == ["accepted"]


@pytest.mark.parametrize("no", [506, 511, 513, 552])
async def test_several_deal_codes_are_joined_by_semicolons(national: Client, no: int) -> None:
    await national.dial(require_parents=False)
    name = "UNIFIED_DEAL_CODES" if no == 506 else "UNIFIED_DEAL_CODE"

    good = an_item(1, no, fields=some_fields(no, **{name: ";".join(["1" * 40] * 3)}))
    bad = an_item(2, no, fields=some_fields(no, **{name: "1" * 40 + ";" + "1" * 39}))

    assert await national.statuses(good) == ["accepted"]
    assert await national.errors(bad) == [(name, "wrong-length")]


def candidates(*rows: dict[str, Any]) -> dict[str, Any]:
    return an_item(1, 511, fields=some_fields(511, CANDIDATES=list(rows)))


def a_candidate(**changes: Any) -> dict[str, Any]:
    carried = {entry["element"] for entry in DEFINITIONS[511]["elements"]}
    return {name: value for name, value in some_fields(510, **changes).items() if name not in carried}


async def test_candidates_are_checked_as_rows_without_what_the_publicity_says(national: Client) -> None:
    await national.dial(require_parents=False)

    assert await national.statuses(candidates(a_candidate(), a_candidate(BID_PRICE="12.50"))) == ["accepted"]


async def test_an_error_in_a_row_names_the_row(national: Client) -> None:
    await national.dial(require_parents=False)

    item = candidates(a_candidate(), a_candidate(BID_PRICE="十万", QUALITY=None))

    assert await national.errors(item) == [
        ("CANDIDATES[1].BID_PRICE", "decimal"),
        ("CANDIDATES[1].QUALITY", "required"),
    ]


async def test_candidates_that_are_no_list_are_an_error(national: Client) -> None:
    await national.dial(require_parents=False)

    item = an_item(1, 511, fields=some_fields(511, CANDIDATES="某公司"))

    assert await national.errors(item) == [("CANDIDATES", "rows")]


@pytest.mark.parametrize(
    ("no", "element", "length"),
    [(513, "UNION_CODE", 1000), (513, "UNION_NAME", 1000), (552, "TERMINATION_BULLETIN_TITLE", 200)],
)
async def test_lengths_that_the_workbook_has_wrong_are_right(
    national: Client, no: int, element: str, length: int
) -> None:
    await national.dial(require_parents=False)

    fits_just = an_item(1, no, fields=some_fields(no, **{element: "一" * length}))
    too_long = an_item(2, no, fields=some_fields(no, **{element: "一" * (length + 1)}))

    assert await national.statuses(fits_just) == ["accepted"]
    assert await national.errors(too_long) == [(element, "too-long")]


@pytest.mark.parametrize(
    ("no", "element"),
    [(513, "TENDER_AGENCY_NAME"), (552, "POST_BID_CLOSING_TIME"), (510, "PRICE_UINT"), (512, "LIMITE_TIME")],
)
def test_elements_are_named_as_on_the_wire(no: int, element: str) -> None:
    assert element in {entry["element"] for entry in DEFINITIONS[no]["elements"]}
