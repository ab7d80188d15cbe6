"""Every field of every kind: what is missing, what no code table has and what is too long is the only fault."""

from collections.abc import Iterator
from re import search
from typing import Any, get_args

import pytest
from annotated_types import Ge, Le, MaxLen, MinLen

from hub.schemas.codes import table
from hub.schemas.field_paths import fields_at
from hub.schemas.kind import kinds
from hub.schemas.types import Text, Url
from hub.schemas.types.coded import Code, Codes
from hub.schemas.types.shape import Shape
from tests.schemas.judging import advised, broken, unconfirmed
from tests.schemas.spots import Spot, full_example, mark, spots, with_value

NO_CODE = "§"
"""A code that no table has."""

LENGTHS = {"too-long", "exact-length", "amount-format", "out-of-range", "too-many", "too-few"}
"""The rules of lengths and sizes."""

FREE_TEXT = mark(get_args(Text), Shape)
"""The shape of texts of any length."""

NARROWED = {("prequalification_notice", "bulletin_type"), ("rural_renovation_recognition", "households/danger_level")}
"""Fields with a lenient table of whose codes a rule or an advice of the kind's own wants some only."""

MOST_CODES = (MinLen(1), MaxLen(100))
"""How many codes of a table a field may have."""

ADDRESS = "https://ggzy.example.com/"

every_kind = pytest.mark.parametrize("name", list(kinds()))

Wrong = dict[str, object]
"""What was said of a field where something else should have been, by its pointer."""


@every_kind
def test_every_field_stands_in_an_example(name: str) -> None:
    assert {spot.path for spot in spots(name)} == set(fields_at(kinds()[name]))
    assert broken(full_example(name)) == set()


@every_kind
def test_a_required_field_that_is_missing_at_any_depth_is_the_only_fault(name: str) -> None:
    wrong: Wrong = {}
    for spot in spots(name):
        if spot.required:
            found = broken(with_value(full_example(name), spot, ...))
            if found != {(spot.pointer, "required")}:
                wrong[spot.pointer] = found
    assert wrong == {}


@every_kind
def test_a_code_outside_its_table_is_the_only_fault_or_the_only_warning(name: str) -> None:
    wrong: Wrong = {}
    for spot in spots(name):
        code, codes = mark(spot.marks, Code), mark(spot.marks, Codes)
        if code is None and codes is None:
            continue
        known = table((code or codes).table)  # type: ignore[union-attr]
        pointer, value = (spot.pointer, NO_CODE) if code else (f"{spot.pointer}/0", [NO_CODE])
        submission = with_value(full_example(name), spot, value)
        if (name, spot.path) in NARROWED:
            found, right = {(at, "") for at, _ in broken(submission) or advised(submission)}, {(pointer, "")}
        elif not known.lenient:
            found, right = broken(submission), {(pointer, "code-unknown")}
        else:
            found = broken(submission) or advised(submission)
            right = {(pointer, "code-unconfirmed")} if known.values else set()
            if not known.values and pointer not in unconfirmed(submission):
                found |= {(pointer, "not said to be unconfirmed")}
        if found != right:
            wrong[spot.pointer] = found
    assert wrong == {}


@every_kind
def test_a_text_of_the_longest_length_is_taken_and_one_character_more_is_the_only_fault(name: str) -> None:
    wrong: Wrong = {}
    for spot in spots(name):
        for place in spot.places():
            for text, rule in _texts(place.marks):
                found = broken(with_value(full_example(name), spot, [text] if place is not spot else text))
                if found != {(place.pointer, rule)} if rule else _of_length(found, place):
                    wrong[f"{place.pointer} {len(text)}"] = found
    assert wrong == {}


@every_kind
def test_a_number_of_the_largest_size_is_taken_and_one_digit_more_is_the_only_fault(name: str) -> None:
    wrong: Wrong = {}
    for spot in spots(name):
        for value, rule in (*_amounts(spot.marks), *_counts(spot.marks)):
            found = broken(with_value(full_example(name), spot, value))
            if found != {(spot.pointer, rule)} if rule else _of_length(found, spot):
                wrong[f"{spot.pointer} {value}"] = found
    assert wrong == {}


@every_kind
def test_a_list_of_the_longest_length_is_taken_and_one_item_more_is_the_only_fault(name: str) -> None:
    wrong: Wrong = {}
    for spot in spots(name):
        if list not in spot.marks or not spot.value:
            continue
        marks = (*MOST_CODES, *spot.marks) if mark(spot.marks, Codes) else spot.marks
        most, least = mark(marks, MaxLen), mark(marks, MinLen)
        assert most is not None, f"{spot.pointer} may be of any length"
        one = spot.value[0]
        cases: list[tuple[list[Any], str]] = [
            ([one] * most.max_length, ""),
            ([one] * (most.max_length + 1), "too-many"),
        ]
        if least is not None and least.min_length:
            cases.append(([], "too-few"))
        for value, rule in cases:
            found = broken(with_value(full_example(name), spot, value))
            if found != {(spot.pointer, rule)} if rule else _of_length(found, spot):
                wrong[f"{spot.pointer} {len(value)}"] = found
    assert wrong == {}


@every_kind
def test_a_code_or_a_time_with_a_character_more_is_the_only_fault(name: str) -> None:
    wrong: Wrong = {}
    for spot in spots(name):
        for place in spot.places():
            shape = mark(place.marks, Shape)
            if shape is None or shape is FREE_TEXT or not isinstance(place.value, str):
                continue
            if list(_texts(place.marks)) or list(_amounts(place.marks)):
                continue
            longer = f"{place.value}0"
            found = broken(
                with_value(full_example(name), spot, [longer, *spot.value[1:]] if place is not spot else longer)
            )
            if {pointer for pointer, _ in found} != {place.pointer} or len(found) != 1:
                wrong[place.pointer] = found
    assert wrong == {}


def _of_length(found: set[tuple[str, str]], spot: Spot) -> set[tuple[str, str]]:
    """The faults of the spot that are about its length or size.

    At its limit a value may break a rule between fields, e.g. a part that is more than the whole.
    """
    return {fault for fault in found if fault[0] == spot.pointer and fault[1] in LENGTHS}


def _texts(marks: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    """Texts at the limit and past it, with the rule that these break: of lines, addresses and codes that are not listed."""
    shape, code = mark(marks, Shape), mark(marks, Code)
    if code is not None and table(code.table).lenient:
        longest, rule, begin = 50, "too-long", ""
    elif shape is not None and shape.max_length is not None:
        longest, rule = shape.max_length, "too-long"
        begin = ADDRESS if shape is mark(get_args(Url), Shape) else ""
    elif shape is not None and shape.check is None and shape.pattern.startswith(r"^[^\s"):
        longest, rule, begin = shape.shown["maxLength"], "exact-length", ""
    else:
        return
    yield begin.ljust(longest, "x"), ""
    yield begin.ljust(longest + 1, "x"), rule


def _amounts(marks: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    shape = mark(marks, Shape)
    found = search(r"\[1-9\]\[0-9\]\{0,(\d+)\}\)(?:\(\\\.\[0-9\]\{1,(\d+)\}\)\?)?\$$", shape.pattern) if shape else None
    if found is None:
        return
    whole, scale = int(found[1]) + 1, int(found[2] or 0)
    fraction = f".{'9' * scale}" if scale else ""
    yield "9" * whole + fraction, ""
    yield "9" * (whole + 1) + fraction, "amount-format"
    yield "9" * whole + (fraction or ".") + "9", "amount-format"


def _counts(marks: tuple[Any, ...]) -> Iterator[tuple[int, str]]:
    if int not in marks:
        return
    most, least = mark(marks, Le), mark(marks, Ge)
    assert most is not None, "a whole number has a largest value"
    yield int(str(most.le)), ""
    yield int(str(most.le)) + 1, "out-of-range"
    if least is not None:
        yield int(str(least.ge)) - 1, "out-of-range"
