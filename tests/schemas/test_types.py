"""The field types: what they take, what they refuse, and what their check characters find."""

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from stdnum.cn import ric, uscc

from hub.schemas.types import (
    Amount,
    Code,
    Codes,
    Count,
    Date,
    DealCode,
    DealCodes,
    ExactStr,
    Guid,
    IdNumber,
    Instant,
    InvestmentProjectCode,
    OrgCode,
    PartyCode,
    ProjectCode,
    RegionCode,
    SectionCode,
    ShortText,
    SignedAmount,
    Str,
    TenderProjectCode,
    Text,
    Url,
    Uscc,
    YesNo,
    check_uscc,
    deal_code_check,
    id_check,
    is_id_number,
    org_check,
    uscc_check,
)
from hub.schemas.types.check_characters import DEAL_CODE_ALPHABET, USCC_ALPHABET
from hub.schemas.types.numbers import repair_amount
from hub.schemas.types.parties import repair_org_code, repair_party_code, repair_uscc
from hub.schemas.types.projects import repair_deal_code
from hub.schemas.types.times import repair_date, repair_instant

USCCS = [
    "91350000MA347WHE48",
    "11230500001755309F",
    "91230500MA1B3N1N2M",
    "91110000600037341L",
    "12100000425006133D",
    "91440300708461136T",
]
DEALS = [
    ("A02", "91350000MA347WHE48", "20190330", "000001", "Z"),
    ("D03", "12100000425006133D", "20260115", "000123", "O"),
    ("B01", "11230500001755309F", "20261123", "000007", "Z"),
    ("G01", "91110000600037341L", "20260901", "999999", "C"),
]
ID = "11010519491231002X"
KEEPING: type = type(lru_cache(len))
"""What keeps a function's answers."""

DEAL = "A02-91350000MA347WHE48-20190330-000001-Z"

usccs = st.builds(
    lambda head, region, body: (head + region + body) + uscc_check(head + region + body),
    st.text(USCC_ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(USCC_ALPHABET, min_size=9, max_size=9),
)
deal_bodies = st.text(DEAL_CODE_ALPHABET[:36], min_size=35, max_size=35)
days = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
ids = st.builds(
    lambda region, day, serial: f"{region}{day}{serial:03}" + id_check(f"{region}{day}{serial:03}"),
    st.sampled_from(["110105", "350102", "650104"]),
    days,
    st.integers(0, 999),
)


def read(annotation: Any, value: object) -> Any:
    """What the type makes of a JSON value."""
    return TypeAdapter(annotation).validate_json(to_json(value))


def refused(annotation: Any, value: object) -> str:
    """The type of the error that the value gives."""
    with pytest.raises(ValidationError) as caught:
        read(annotation, value)
    return caught.value.errors()[0]["type"]


# Text


def test_text_keeps_line_breaks_and_tabs():
    assert read(Text, "一、概况\n\t二、范围\r\n") == "一、概况\n\t二、范围\r\n"


@pytest.mark.parametrize("text", ["", " ", "\u3000\n", "\u200b", " \ufeff\u2060", "\u00ad", "a\x00b", "\x7f", "\x85"])
def test_text_is_not_blank_and_has_no_control_characters(text):
    assert refused(Text, text) == "string_pattern_mismatch"


@pytest.mark.parametrize("text", ["", "　", "\u200b\u200d ", "a\nb", "a\tb", "\x1b[0m"])
def test_a_line_has_no_line_breaks(text):
    assert refused(Annotated[str, Str(10)], text) == "string_pattern_mismatch"


def test_length_counts_characters_not_bytes():
    assert read(Annotated[str, Str(3)], "招标人") == "招标人"
    assert refused(Annotated[str, Str(3)], "招标人员") == "string_too_long"
    assert refused(ShortText, "长" * 201) == "string_too_long"


def test_an_exact_string_has_its_length():
    assert read(Annotated[str, ExactStr(4)], "A3一二") == "A3一二"
    assert refused(Annotated[str, ExactStr(4)], "A3一") == "string_pattern_mismatch"
    assert refused(Annotated[str, ExactStr(4)], "A3 一") == "string_pattern_mismatch"


@pytest.mark.parametrize("url", ["https://ggzy.example.cn", "http://a.cn:8080/x?y=1#z", "https://例子.cn/公告"])
def test_a_url_is_http_or_https(url):
    assert read(Url, url) == url


@pytest.mark.parametrize(
    "url", ["ftp://a.cn", "a.cn", "javascript:alert(1)", "https://", "https://a.cn/a b", "http:///x"]
)
def test_other_addresses_are_refused(url):
    assert refused(Url, url) == "string_pattern_mismatch"


def test_a_guid_has_36_characters():
    assert read(Guid, "0c1f7a52-6f4e-4d7b-9f0e-2b8f6f1f9a10")
    assert refused(Guid, "0c1f7a526f4e4d7b9f0e2b8f6f1f9a10") == "string_pattern_mismatch"


# Times


def test_a_date_is_year_month_day():
    assert read(Date, "2026-11-20") == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["20261120", "2026-2-3", "2026-11-20T00:00:00Z", "２０２６-11-20"])
def test_other_forms_of_a_date_are_refused(text):
    assert refused(Date, text) == "string_pattern_mismatch"


def test_a_day_that_does_not_exist_is_refused():
    assert refused(Date, "2026-02-30") == "date-format"


@pytest.mark.parametrize("value", [1795000000, 20261120, None, True])
def test_a_date_is_a_string(value):
    assert refused(Date, value) == "string_type"


def test_an_instant_has_its_offset():
    assert read(Instant, "2026-11-20T09:30:00+08:00") == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert read(Instant, "2026-11-20T01:30:00.5Z").utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    ["2026-11-20T09:30:00", "20261120093000", "2026-11-20 09:30:00+08:00", "2026-11-20T09:30+08:00", "2026-11-20"],
)
def test_naive_and_compact_times_are_refused(text):
    assert refused(Instant, text) == "string_pattern_mismatch"


@pytest.mark.parametrize("text", ["2026-13-01T00:00:00Z", "2026-11-20T25:00:00Z", "2026-02-29T00:00:00+08:00"])
def test_a_time_that_does_not_exist_is_refused(text):
    assert refused(Instant, text) == "instant-format"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("20261120093000", "2026-11-20T09:30:00+08:00"),
        ("202611200930", "2026-11-20T09:30:00+08:00"),
        ("2026-11-20 09:30:00", "2026-11-20T09:30:00+08:00"),
        ("2026-11-20T09:30:00", "2026-11-20T09:30:00+08:00"),
        ("2026/11/20 9:30", "2026-11-20T09:30:00+08:00"),
        ("２０２６-11-20 09:30:00.25", "2026-11-20T09:30:00.25+08:00"),
        ("2026-11-20 09:30:00+0800", "2026-11-20T09:30:00+08:00"),
        ("2026-11-20T09:30:00z", "2026-11-20T09:30:00Z"),
        ("2026年11月20日 09时30分", "2026-11-20T09:30:00+08:00"),
        ("2026年11月20日09时30分15秒", "2026-11-20T09:30:15+08:00"),
        ("2026年11月20日 9时", "2026-11-20T09:00:00+08:00"),
        ("2026年11月20日下午2时30分", "2026-11-20T14:30:00+08:00"),
        ("2026年11月20日上午9点整", "2026-11-20T09:00:00+08:00"),
        ("2026年11月20日9时30", "2026-11-20T09:30:00+08:00"),
        ("2026年11月20日下午12:30", "2026-11-20T12:30:00+08:00"),
        ("2026-11-20 09:30:00-05:00", "2026-11-20T09:30:00-05:00"),
        ("2026-11-20 9", None),
        ("20261320093000", None),
        ("2026-11-20", None),
        ("tomorrow", None),
        (20261120093000, None),
    ],
)
def test_a_time_without_offset_is_taken_as_beijing_time_in_the_repair(sent, meant):
    assert repair_instant(sent) == meant


@pytest.mark.parametrize(
    "sent",
    [
        "2026-11-20 上午12:30",
        "2026-11-20 上午14:30",
        "2026-11-20 下午0:30",
        "2026-11-20 9:",
        "2026-11-20 9::30",
        "2026-11/20 9:30",
        "2026-11-20 09:30-17:00",
    ],
)
def test_a_time_that_may_be_another_one_is_not_repaired(sent):
    assert repair_instant(sent) is None


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("20261120", "2026-11-20"),
        ("2026/1/2", "2026-01-02"),
        ("2026.11.20", "2026-11-20"),
        ("2026年11月20日", "2026-11-20"),
        ("20260230", None),
        ("soon", None),
        (20261120, None),
    ],
)
def test_a_date_in_another_form_is_repaired(sent, meant):
    assert repair_date(sent) == meant


@pytest.mark.parametrize("sent", ["2026.12", "2026-11", "2026年11月", "202611", "2026111", "2026-1120", "2026-11/20"])
def test_what_is_no_whole_day_is_not_made_one(sent):
    assert repair_date(sent) is None


# Numbers

Price = Annotated[Decimal, Amount(20, 6)]


def test_an_amount_is_an_exact_decimal():
    assert read(Price, "1980000.00") == Decimal("1980000.00")
    assert str(read(Price, "0.10")) == "0.10"
    assert read(Price, "99999999999999.999999") == Decimal("99999999999999.999999")


@pytest.mark.parametrize("value", [1980000, 1980000.5, True, None])
def test_an_amount_is_never_a_json_number(value):
    assert refused(Price, value) == "amount-number"


@pytest.mark.parametrize(
    "text",
    ["1,436,000.00", "１９８", "-1", "+1", "1e3", "1.", ".5", "007", "", "NaN", "100000000000000", "0.1234567", " 1"],
)
def test_an_amount_has_one_way_to_be_written(text):
    assert refused(Price, text) == "string_pattern_mismatch"


def test_an_amount_without_decimals_takes_none():
    assert read(Annotated[Decimal, Amount(4, 0)], "1234") == Decimal(1234)
    assert refused(Annotated[Decimal, Amount(4, 0)], "1234.0") == "string_pattern_mismatch"


def test_a_signed_amount_may_be_negative():
    assert read(Annotated[Decimal, SignedAmount(10, 2)], "-1200.50") == Decimal("-1200.50")


def test_an_amount_is_written_as_it_was_read():
    adapter = TypeAdapter(Price)

    assert adapter.dump_json(adapter.validate_python("1980000.00")) == b'"1980000.00"'


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("1,436,000.00", "1436000.00"),
        ("１９８０", "1980"),
        ("¥12.50", "12.50"),
        ("12.50元", "12.50"),
        ("0012.5", "12.5"),
        (1980000, "1980000"),
        (12.5, "12.5"),
        (1e-7, "0.0000001"),
        ("12万元", None),
        ("1,4", None),
        ("about 5", None),
        (True, None),
    ],
)
def test_an_amount_in_another_form_is_repaired(sent, meant):
    assert repair_amount(sent) == meant


@pytest.mark.parametrize("value", [-1, 10000, 1.0, "12", True])
def test_a_count_is_a_whole_number_of_its_digits(value):
    assert read(Annotated[int, Count(4)], 9999) == 9999
    with pytest.raises(ValidationError):
        read(Annotated[int, Count(4)], value)


# Codes


def test_a_strict_table_refuses_what_it_does_not_list():
    assert read(Annotated[str, Code("price_unit")], "1") == "1"
    assert refused(Annotated[str, Code("price_unit")], "2") == "code-unknown"


@pytest.mark.parametrize("value", [1, True, None])
def test_a_code_is_a_string(value):
    assert refused(YesNo, value) == "code-unknown"


def test_a_lenient_table_takes_what_it_does_not_list():
    assert read(Annotated[str, Code("margin_pay")], "77") == "77"
    assert read(Annotated[str, Code("land_use")], "0701") == "0701"


def test_a_list_of_codes_has_at_least_one():
    assert read(Annotated[list[str], Codes("yes_no")], ["1", "0"]) == ["1", "0"]
    assert refused(Annotated[list[str], Codes("yes_no")], []) == "too_short"
    assert refused(Annotated[list[str], Codes("yes_no")], ["1", "2"]) == "code-unknown"


def test_the_json_schema_of_a_strict_table_is_an_enum():
    shown = TypeAdapter(Annotated[str, Code("price_unit")]).json_schema()

    assert shown["enum"] == ["0", "1"]
    assert shown["x-code-table"] == "price_unit"


def test_the_json_schema_of_a_lenient_table_is_not():
    assert "enum" not in TypeAdapter(Annotated[str, Code("margin_pay")]).json_schema()


# Check characters


@pytest.mark.parametrize("code", USCCS)
def test_a_valid_uscc_is_taken(code):
    assert read(Uscc, code) == code
    assert read(OrgCode, code[8:17]) == code[8:17]


@given(usccs)
def test_a_made_uscc_is_valid_to_others_too(code):
    assert read(Uscc, code) == code
    assert uscc.is_valid(code) or code[:2] not in ("11", "91")  # the other implementation also knows the categories


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_the_uscc_check_agrees_with_another_implementation(first):
    assert uscc_check(first) == uscc.calc_check_digit(first)


@given(usccs, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_a_changed_character_of_a_uscc_is_found(code, place, other):
    changed = code[:place] + other + code[place + 1 :]

    if changed != code:
        with pytest.raises(ValidationError):
            read(Uscc, changed)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8))
def test_the_organisation_check_is_that_of_the_standard(first):
    weights = [3, 7, 9, 10, 5, 8, 4, 2]
    rest = 11 - sum(int(c, 36) * w for c, w in zip(first, weights, strict=True)) % 11

    assert org_check(first) == {10: "X", 11: "0"}.get(rest, str(rest))


@pytest.mark.parametrize("parts", DEALS)
def test_a_deal_code_has_its_check_character(parts):
    assert deal_code_check("".join(parts[:4])) == parts[4]
    assert read(DealCode, "-".join(parts)) == "-".join(parts)


@given(deal_bodies)
def test_the_deal_check_satisfies_the_standard(body):
    check = deal_code_check(body)
    powers = sum(DEAL_CODE_ALPHABET.index(c) * pow(2, 36 - i - 1, 37) * 2 for i, c in enumerate(body + check))

    assert powers * pow(2, -1, 37) % 37 == 1


@given(deal_bodies, st.integers(0, 34), st.sampled_from(DEAL_CODE_ALPHABET[:36]))
def test_a_changed_character_changes_the_deal_check(body, place, other):
    changed = body[:place] + other + body[place + 1 :]

    assert (deal_code_check(changed) == deal_code_check(body)) == (changed == body)


@given(deal_bodies, st.integers(0, 33))
def test_a_transposition_changes_the_deal_check(body, place):
    changed = body[:place] + body[place + 1] + body[place] + body[place + 2 :]

    assert (deal_code_check(changed) == deal_code_check(body)) == (changed == body)


@given(ids)
def test_the_id_check_agrees_with_another_implementation(number):
    assert ric.calc_check_digit(number) == number[17]


@given(ids, st.integers(0, 17), st.sampled_from("0123456789"))
def test_a_changed_digit_of_an_id_number_is_found(number, place, other):
    changed = number[:place] + other + number[place + 1 :]

    assert is_id_number(changed) == (changed == number)


# Parties


@pytest.mark.parametrize(
    "text", ["11010519491231002X", "11010519491231002x", " 1101 0519 4912 31002X", "１１０１０５19491231002X"]
)
def test_an_id_number_is_known_in_any_dress(text):
    assert is_id_number(text)


@pytest.mark.parametrize("text", ["110105194912310021", "11010519491331002X", "11010519490230002X", *USCCS, "张三", ""])
def test_other_codes_are_no_id_numbers(text):
    assert not is_id_number(text)


def test_an_id_number_needs_a_day_that_exists():
    first = "11010519490230" + "002"

    assert refused(IdNumber, first + id_check(first)) == "id-number-format"
    assert refused(IdNumber, "110105194912310021") == "id-number-check"
    assert read(IdNumber, ID) == ID


@pytest.mark.parametrize("code", [*USCCS, "MA347WHE4", ID])
def test_a_party_has_one_of_three_codes(code):
    assert read(PartyCode, code) == code


@given(ids)
def test_an_id_number_is_in_no_cache_once_it_was_checked(number):
    known = [module for name, module in sys.modules.items() if name.startswith("hub.")]
    caches = [thing for module in known for thing in vars(module).values() if isinstance(thing, KEEPING)]
    read(PartyCode, ID)  # What is kept of every party is kept by now.
    before = [cache.cache_info().currsize for cache in caches]

    assert read(PartyCode, number) == number

    assert [cache.cache_info().currsize for cache in caches] == before


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("91350000MA347WHE49", "uscc-check"),
        ("MA347WHE5", "org-code-check"),
        ("110105194912310021", "party-code-check"),
        ("张三", "string_pattern_mismatch"),
        ("MA347WHE-4", "string_pattern_mismatch"),
        ("110108000000016", "string_pattern_mismatch"),
    ],
)
def test_a_wrong_party_code_breaks_the_rule_of_what_it_looks_like(code, error):
    assert refused(PartyCode, code) == error


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("91350000ma347whe48", "91350000MA347WHE48"),
        (" 9135 0000 MA347WHE48 ", "91350000MA347WHE48"),
        ("９１350000MA347WHE48", "91350000MA347WHE48"),
        ("91350000MA347WHE49", "91350000MA347WHE48"),
        ("9135OOOOMA347WHE48", "91350000MA347WHE48"),
        ("91350000MA347VHE48", None),
        ("91350000MA347WHE4", None),
        ("110105194912310021", None),
        (91350000, None),
    ],
)
def test_a_uscc_is_repaired_where_it_is_clear(sent, meant):
    assert repair_uscc(sent) == meant


@given(ids, st.integers(0, 17), st.sampled_from("0123456789XAZ "))
def test_a_mistyped_id_number_is_never_repaired(number, place, other):
    changed = number[:place] + other + number[place + 1 :]

    assert repair_party_code(changed) is None or place < 14
    assert repair_party_code(number) is None
    assert repair_uscc(number) is None


@given(ids, st.integers(0, 17))
def test_an_id_number_with_a_missing_digit_is_never_completed(number, place):
    assert repair_party_code(number[:place] + number[place + 1 :]) is None


def test_check_uscc_names_the_rule():
    assert check_uscc("91350000MA347WHE48") == "91350000MA347WHE48"
    for wrong in ("91350000MA347WHE49", "91350000MA347VHE48", "x"):
        with pytest.raises(ValueError, match=r"USCC|check character"):
            check_uscc(wrong)


# Deals, projects, places


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (DEAL[:-1] + "A", "deal-code-check"),
        (DEAL.replace("WHE48", "WHE49"), "deal-code-platform"),
        (DEAL.replace("20190330", "20190231"), "deal-code-format"),
        (DEAL.replace("-", ""), "string_pattern_mismatch"),
        (DEAL[4:], "string_pattern_mismatch"),
    ],
)
def test_a_wrong_deal_code_is_refused(code, error):
    assert refused(DealCode, code) == error


@pytest.mark.parametrize("sent", [DEAL.replace("-", ""), DEAL.lower(), DEAL[:-1] + "A", f" {DEAL}"])
def test_a_deal_code_is_repaired(sent):
    assert repair_deal_code(sent) == DEAL


@pytest.mark.parametrize(
    "sent",
    [DEAL.replace("91350000", "9135OOOO"), DEAL.replace("000001", "OOOOOI"), DEAL.replace("20190330", "2O19O33O")],
)
def test_letters_read_for_digits_in_a_deal_code_are_repaired_where_both_check_characters_prove_it(sent):
    assert repair_deal_code(sent) == DEAL
    assert repair_deal_code(sent[:-1] + "A") is None


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("MA347WHE4", "MA347WHE4"),
        ("ma347whe-4", "MA347WHE4"),
        ("MA347WHE5", "MA347WHE4"),
        ("1O0123454", "100123454"),
        ("MA347WHE", None),
    ],
)
def test_an_organisation_code_is_repaired(sent, meant):
    assert repair_org_code(sent) == meant


@pytest.mark.parametrize("sent", [DEAL[4:], DEAL.replace("WHE48", "WHE49"), None])
def test_a_deal_code_with_missing_parts_is_not_repaired(sent):
    assert repair_deal_code(sent) is None


def test_a_list_of_deal_codes_has_at_least_one():
    assert read(DealCodes, [DEAL]) == [DEAL]
    assert refused(DealCodes, []) == "too_short"


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        (ProjectCode, "A3501000000001234"),
        (TenderProjectCode, "A3501000000001234001"),
        (SectionCode, "A3501000000001234001001"),
        (SectionCode, "A350100000000123400100z"),
        (InvestmentProjectCode, "2026-350100-78-01-000123"),
        (RegionCode, "350100"),
    ],
)
def test_codes_of_projects_have_their_length(annotation, code):
    assert read(annotation, code) == code
    assert refused(annotation, code[:-1]) == "string_pattern_mismatch"
    assert refused(annotation, code + "0") == "string_pattern_mismatch"
    assert refused(annotation, code + "\n") == "string_pattern_mismatch"


@pytest.mark.parametrize("code", ["350000", "350100", "350102", "371202", "660000", "110100"])
def test_provinces_prefectures_counties_and_superseded_codes_are_regions(code):
    assert read(RegionCode, code) == code


def test_an_unknown_region_is_refused():
    assert refused(RegionCode, "999999") == "region-unknown"


# JSON schemas


@pytest.mark.parametrize(
    "annotation", [Uscc, OrgCode, PartyCode, DealCode, ProjectCode, SectionCode, RegionCode, Guid, Url]
)
def test_the_examples_of_a_json_schema_are_valid(annotation):
    shown = TypeAdapter(annotation).json_schema()

    assert shown["pattern"]
    assert [read(annotation, example) for example in shown["examples"]] == shown["examples"]


def test_the_json_schema_of_a_time_is_a_date_time_string():
    assert TypeAdapter(Instant).json_schema()["format"] == "date-time"
    assert TypeAdapter(Price).json_schema()["type"] == "string"
