"""What a sender is told: every fault at once, at its place, with its rule and its repair, and nothing that is secret."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import pytest
from pydantic import Field, ValidationError

from hub.problems import Fault
from hub.schemas.codes import code_table
from hub.schemas.examples import example
from hub.schemas.explain import MOST_GUESSES, advice_about, faults, warnings
from hub.schemas.kind import Scope, field, kinds
from hub.schemas.rules import Rule, Ruled, advice, rule
from hub.schemas.submission import submission_of
from hub.schemas.types import (
    Amount,
    Code,
    Codes,
    Count,
    Date,
    DealCode,
    IdNumber,
    Instant,
    PartyCode,
    RegionCode,
    ShortText,
    Str,
    Text,
    Uscc,
    YesNo,
)
from tests import builders as a
from tests.schemas.judging import advised, broken, unconfirmed

ENDS_BEFORE_START = Rule("test-period", "结束早于开始 {days} 天", "It ends {days} days before it starts.")
NEEDS_NAME = Rule("test-name", "须填写名称", "A name is needed.")
TOO_DEAR = Rule("test-dear", "金额过大", "That is a lot.")
ALL_CHEAP = Rule("test-cheap", "至少一项", "At least one item.")

ID = "11010519491231002X"
SENT_ON = date(2026, 5, 6)
Price = Annotated[Decimal, Amount(10, 2)]


class Item(Ruled):
    """An item of an order."""

    name: ShortText
    price: Price
    security: Annotated[str, Code("margin_pay")] | None = None

    @advice(at="price")
    def not_dear(self) -> Any:
        return TOO_DEAR() if self.price > 1000 else None


class Order(Ruled):
    """An order with items."""

    start: Date
    end: Date
    items: list[Item] = Field(default_factory=list, max_length=3)
    named: YesNo | None = None
    name: ShortText | None = None
    first: Item | None = None

    @rule(at="end")
    def ends_after_start(self) -> Any:
        return ENDS_BEFORE_START(days=(self.start - self.end).days) if self.end < self.start else None

    @rule(at="name")
    def has_its_name(self) -> Any:
        return NEEDS_NAME() if self.named == "1" and self.name is None else None

    @rule(at="items")
    def has_items(self) -> Any:
        return ALL_CHEAP() if not self.items else None


class Everything(Ruled):
    """One optional field of each type."""

    text: Text | None = None
    short: Annotated[str, Str(5)] | None = None
    uscc: Uscc | None = None
    deal: DealCode | None = None
    party: PartyCode | None = None
    parties: list[PartyCode] | None = None
    person: IdNumber | None = None
    region: RegionCode | None = None
    at: Instant | None = None
    price: Price | None = None
    count: Annotated[int, Count(3)] | None = None
    unit: Annotated[str, Code("price_unit")] | None = None
    penalties: Annotated[list[str], Codes("yes_no")] | None = None
    how: Literal["one", "two"] | None = None
    secret: Annotated[str, Str(20)] | None = field("密", scope=Scope.GOVERNMENT, default=None)
    secret_deal: DealCode | None = field("密", scope=Scope.GOVERNMENT, default=None)
    masked: Annotated[str, Str(20)] | None = field("姓名", scope=Scope.MASKED, default=None)
    other: Order | None = None


def told(model: type[Ruled], document: object) -> list[Fault]:
    """The faults of a document that the model refuses."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(orjson.dumps(document))
    return faults(model, document, caught.value)


def one(**fields: object) -> Fault:
    """The only fault of a document of `Everything`."""
    (fault,) = told(Everything, fields)
    return fault


def an_order(**changes: object) -> dict[str, Any]:
    item = {"name": "砖", "price": "1.20"}
    return {"start": "2026-01-01", "end": "2026-01-31", "items": [item]} | changes


def places(found: list[Fault]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.rule) for fault in found]


# Places


def test_all_faults_are_told_at_once_and_sorted():
    document = an_order(start="20260101", items=[{"name": " ", "price": 1}, {"price": "1.2.3"}], extra=1)

    assert places(told(Order, document)) == [
        ("/extra", "unknown-field"),
        ("/items/0/name", "blank"),
        ("/items/0/price", "amount-number"),
        ("/items/1/name", "required"),
        ("/items/1/price", "amount-format"),
        ("/start", "date-format"),
    ]


def test_list_indexes_are_sorted_as_numbers():
    document = {"parties": ["x" * 3] * 11}

    assert [fault.pointer for fault in told(Everything, document)] == [f"/parties/{n}" for n in range(11)]


def test_a_pointer_escapes_slashes_and_tildes():
    assert [fault.pointer for fault in told(Order, an_order(**{"a/b~c": 1}))] == ["/a~1b~0c"]


def test_a_document_of_another_json_type_is_a_fault_at_the_root():
    assert places(told(Order, [1])) == [("", "wrong-type")]


def test_a_nested_object_of_another_json_type_is_a_fault_at_its_place():
    assert places(told(Order, an_order(first="x"))) == [("/first", "wrong-type")]


def test_a_submission_has_pointers_into_the_document_as_sent():
    document = example("tender_notice")
    document["body"]["notice_name"] = ""
    document["region_code"] = "999999"

    assert places(told(submission_of(kinds()["tender_notice"]), document)) == [
        ("/body/notice_name", "blank"),
        ("/region_code", "region-unknown"),
    ]


# Sentences


def test_an_unknown_field_names_the_nearest_known_one():
    (fault,) = told(Order, an_order(itemz=[]))

    assert fault.en == "There is no such field; did you mean `items`?"
    assert fault.zh == "未知字段，是否应为 items"


def test_of_very_many_unknown_fields_some_name_the_nearest_known_one():
    found = told(Order, an_order(**{f"items{number}": [] for number in range(MOST_GUESSES + 5)}))

    assert [fault.rule for fault in found] == ["unknown-field"] * (MOST_GUESSES + 5)
    assert sum("did you mean `items`?" in fault.en for fault in found) == MOST_GUESSES
    assert sum(fault.en == "There is no such field." for fault in found) == 5


def test_an_upper_case_element_name_is_recognised():
    (fault,) = told(Order, an_order(NAME="x"))

    assert "`name`" in fault.en


def test_a_field_like_no_other_is_just_unknown():
    (fault,) = told(Order, an_order(qqqqqq=1))

    assert fault.en == "There is no such field."


def test_a_wrong_check_character_names_the_right_one():
    fault = one(uscc="91350000MA347WHE49")

    assert fault.rule == "uscc-check"
    assert fault.en == "The check character should be 8, not 9."
    assert fault.zh == "统一社会信用代码的校验码应为 8，不是 9"
    assert fault.repair == "91350000MA347WHE48"


def test_a_lower_case_uscc_with_a_wrong_check_character_names_the_right_one():
    fault = one(uscc="91350000ma347whe49")

    assert (fault.rule, fault.repair) == ("uscc-check", "91350000MA347WHE48")


def test_a_letter_that_no_uscc_has_gets_its_own_sentence():
    fault = one(uscc="9135OOOOMA347WHE48")

    assert fault.rule == "uscc-letter"
    assert fault.repair == "91350000MA347WHE48"


@pytest.mark.parametrize(
    ("fields", "rule_id", "repair"),
    [
        ({"text": "a\x00b"}, "control-character-in-text", "ab"),
        ({"short": "a\nb"}, "control-character", "a b"),
        ({"short": "123456"}, "too-long", None),
        ({"short": 12}, "wrong-type", "12"),
        ({"short": None, "text": 1.5}, "wrong-type", None),
        ({"region": 350100}, "wrong-type", "350100"),
        ({"region": "3501"}, "region-format", "350100"),
        ({"region": "999999"}, "region-unknown", None),
        ({"at": "20261120093000"}, "instant-format", "2026-11-20T09:30:00+08:00"),
        ({"at": "2026-11-20T25:00:00Z"}, "instant-format", None),
        ({"price": 12.5}, "amount-number", "12.5"),
        ({"price": "1,436,000.00"}, "amount-format", "1436000.00"),
        ({"price": "1436000.005"}, "amount-format", None),
        ({"count": "12"}, "wrong-type", 12),
        ({"count": 1000}, "out-of-range", None),
        ({"count": -1}, "out-of-range", None),
        ({"unit": 1}, "code-unknown", "1"),
        ({"unit": "万元"}, "code-unknown", "1"),
        ({"unit": "3"}, "code-unknown", None),
        ({"penalties": "1；0"}, "wrong-type", ["1", "0"]),
        ({"penalties": []}, "too-few", None),
        ({"penalties": ["是"]}, "code-unknown", "1"),
        ({"how": "three"}, "not-one-of", None),
        (
            {"deal": "A0291350000MA347WHE4820190330000001Z"},
            "deal-code-format",
            "A02-91350000MA347WHE48-20190330-000001-Z",
        ),
        (
            {"deal": "A02-91350000MA347WHE48-20190330-000001-A"},
            "deal-code-check",
            "A02-91350000MA347WHE48-20190330-000001-Z",
        ),
        ({"parties": "91350000MA347WHE48;MA347WHE4"}, "wrong-type", ["91350000MA347WHE48", "MA347WHE4"]),
    ],
)
def test_a_fault_has_its_rule_and_its_repair(fields, rule_id, repair):
    fault = one(**fields)

    assert (fault.rule, fault.repair) == (rule_id, repair)


def test_a_code_outside_a_strict_table_is_told_the_table():
    fault = one(unit="3")

    assert fault.en == "`price_unit` has these codes only: 0 Yuan, 1 Ten thousand yuan."
    assert fault.zh == "不在“金额单位”代码表中，应为：0 元、1 万元"


def test_a_value_outside_a_short_list_is_told_the_list():
    assert one(how="three").en == "The value must be one of one, two."


def test_no_sentence_has_an_unfilled_place():
    document = {"uscc": "x", "deal": "y", "price": "z", "unit": "?", "count": 5000, "how": 1, "short": "123456", "q": 1}

    for fault in told(Everything, document):
        assert "{" not in fault.zh + fault.en


# Secrets


@pytest.mark.parametrize(
    "value",
    ["110105194912310021", "11010519491231002", "1101051949123100210", " 110105194912310021", "110105491231002"],
)
@pytest.mark.parametrize("name", ["person", "party", "uscc"])
def test_a_mistyped_id_number_is_neither_named_nor_completed(name, value):
    fault = one(**{name: value})

    assert fault.repair is None
    assert "1101051949" not in fault.en + fault.zh
    assert "should be X" not in fault.en


def test_an_id_number_sent_as_a_number_is_not_repaired():
    assert one(party=110105194912310020).repair is None


def test_an_id_number_inside_a_text_is_not_given_back():
    assert one(text=f"联系人 {ID}\x00").repair is None


def test_a_field_for_the_government_is_not_given_back():
    assert one(secret="密\x00件").repair is None
    assert one(masked="张\n三").repair is None


def test_a_deal_code_is_repaired_for_the_government_too():
    assert one(secret_deal="A02-91350000MA347WHE48-20190330-000001-A").repair


@pytest.mark.parametrize("value", ["秘密内容\x00", "秘密内容" * 10, 4711_4711, {"秘密内容": 4711}, ["秘密内容"], True])
@pytest.mark.parametrize("name", ["secret", "masked", "person", "party", "how", "at", "uscc", "price"])
def test_no_sentence_repeats_the_value(name, value):
    for fault in told(Everything, {name: value}):
        assert "秘密" not in fault.en + fault.zh
        assert "4711" not in fault.en + fault.zh


# Rules between fields


def test_a_broken_rule_between_fields_points_to_its_field():
    (fault,) = told(Order, an_order(end="2025-12-31"))

    assert fault == Fault("/end", "test-period", "结束早于开始 1 天", "It ends 1 days before it starts.")


def test_rules_between_valid_fields_are_checked_beside_an_invalid_one():
    document = an_order(end="2025-12-31", named="1", items=[{"name": "", "price": "1"}])

    assert places(told(Order, document)) == [
        ("/end", "test-period"),
        ("/items/0/name", "blank"),
        ("/name", "test-name"),
    ]


def test_a_rule_that_reads_an_invalid_field_is_skipped():
    assert places(told(Order, an_order(end="2025-12-31", start="x", named="1"))) == [
        ("/name", "test-name"),
        ("/start", "date-format"),
    ]


def test_a_rule_sees_the_default_of_a_field_that_is_not_sent():
    document = an_order(start="x")
    del document["items"]

    assert places(told(Order, document)) == [("/items", "test-cheap"), ("/start", "date-format")]


def test_a_rule_inside_a_nested_object_is_checked_beside_a_fault_outside():
    document = {"other": an_order(named="1"), "uscc": "x"}

    assert places(told(Everything, document)) == [("/other/name", "test-name"), ("/uscc", "uscc-format")]


def test_a_broken_rule_is_told_once():
    document = {"other": an_order(named="1", end="2025-12-31")}

    assert places(told(Everything, document)) == [("/other/end", "test-period"), ("/other/name", "test-name")]


def test_a_rule_of_the_envelope_is_checked_beside_a_fault_in_the_body():
    document = example("tender_notice")
    document["change"] = {"reason": "更正"}
    document.pop("changed_at", None)
    document["body"]["notice_name"] = ""

    assert ("/changed_at", "changed-at-needs-change") in places(told(submission_of(kinds()["tender_notice"]), document))


# Warnings


def test_a_golden_example_without_unconfirmed_codes_has_no_warnings():
    model = submission_of(kinds()["tender_contract"])

    assert warnings(model.model_validate(example("tender_contract"))) == []


def test_advice_in_a_list_points_to_its_item():
    items = [{"name": "a", "price": "1"}, {"name": "b", "price": "1000.01"}]

    assert places(list(advice_about(Order.model_validate(an_order(items=items)), 2026, SENT_ON))) == [
        ("/items/1/price", "test-dear")
    ]


def test_a_code_outside_a_lenient_table_is_taken_and_warned_about():
    order = Order.model_validate(an_order(first={"name": "a", "price": "1", "security": "77"}))

    (warning,) = advice_about(order, 2026, SENT_ON)

    assert (warning.pointer, warning.rule) == ("/first/security", "code-unconfirmed")
    assert "77" not in warning.en + warning.zh


def test_a_code_of_a_lenient_table_is_not_warned_about():
    order = Order.model_validate(an_order(first={"name": "a", "price": "1", "security": "5"}))

    assert list(advice_about(order, 2026, SENT_ON)) == []


def test_any_code_of_a_table_without_confirmed_values_is_taken_and_warned_about():
    announcement = a.a_submission("land_transfer_announcement")
    announcement["body"]["parcels"][0]["use"] = "某某用途随便写"

    told = warnings(submission_of(kinds()["land_transfer_announcement"]).model_validate(announcement))

    warning = next(fault for fault in told if fault.pointer == "/body/parcels/0/use")
    assert (warning.rule, "土地用途" in warning.zh, "land_use" in warning.en) == ("code-table-unconfirmed", True, True)
    assert "随便" not in warning.zh + warning.en


def test_each_of_several_codes_without_confirmed_values_is_warned_about():
    entity = a.a_submission("market_entity", body__legal_role=["03", "§"])

    assert {"/body/legal_role/0", "/body/legal_role/1"} <= unconfirmed(entity)


@pytest.mark.parametrize("lenient", [True, False])
@pytest.mark.parametrize(
    ("code", "sent_on", "rule"),
    [
        ("old", "2025-12-31", None),
        ("old", "2026-01-01", "code-ended"),
        ("new", "2025-12-31", "code-not-begun"),
        ("new", "2026-01-01", None),
        ("always", "2026-01-01", None),
    ],
)
def test_a_code_that_is_not_valid_when_it_is_sent_is_warned_about(
    code: str, sent_on: str, rule: str | None, *, lenient: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"test_dated_{lenient}".lower()
    listed = [
        {"code": "old", "zh": "旧", "en": "Old", "valid_from": None, "valid_to": "2025-12-31"},
        {"code": "new", "zh": "新", "en": "New", "valid_from": "2026-01-01", "valid_to": None},
        {"code": "always", "zh": "常", "en": "Always", "valid_from": None, "valid_to": None},
    ]
    head = {"title_zh": "测试", "title_en": "Test", "source": "Test", "sureness": "own", "lenient": lenient}
    (tmp_path / f"{name}.json").write_bytes(orjson.dumps(head | {"values": listed}))
    monkeypatch.setattr(code_table, "DATA", tmp_path)

    class Dated(Ruled):
        one: Annotated[str, Code(name)]
        several: Annotated[list[str], Codes(name)]

    dated = Dated.model_validate({"one": code, "several": ["always", code]})
    told = places(list(advice_about(dated, 2026, date.fromisoformat(sent_on))))

    assert told == ([] if rule is None else [("/one", rule), ("/several/1", rule)])


def test_the_day_of_the_data_timestamp_decides_whether_a_code_is_valid():
    low_rent = {"body__housing_class": "2", "formed_at": "2013-12-01T09:00:00+08:00"}

    in_time = a.a_submission("housing_exit", **low_rent, data_timestamp="2013-12-31T23:59:59+08:00")
    later = a.a_submission("housing_exit", **low_rent, data_timestamp="2014-01-01T00:00:00+08:00")

    assert ("/body/housing_class", "code-ended") not in advised(in_time)
    assert ("/body/housing_class", "code-ended") in advised(later)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("housing_exit", "data_timestamp"),
        ("violation_record", "body__operate_date"),
        ("other_trade_result", "body__publishing_time"),
        ("complaint_record", "body__handle_date"),
        ("tender_objection", "body__reply_time"),
    ],
)
def test_the_last_moment_that_there_is_can_be_judged(name: str, moment: str) -> None:
    submission = a.a_submission(name, **{moment: "9999-12-31T23:59:59-01:00"})

    assert broken(submission) == set()
    assert "instant-format" not in {rule for _, rule in advised(submission)}
