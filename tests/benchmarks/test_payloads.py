"""The submissions that the benchmarks push."""

from itertools import islice

import orjson
import pytest
from benchmarks.payloads import Template, a_notice, a_penalty

from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of


@pytest.mark.parametrize("template", [a_notice(), a_penalty()], ids=["notice", "penalty"])
def test_every_line_is_a_valid_submission_with_a_key_and_a_timestamp_of_its_own(template: Template) -> None:
    model = submission_of(kinds()[template.kind])

    found = [model.model_validate_json(line) for line in islice(template.lines("a"), 20)]

    assert len({it.data_key for it in found}) == 20
    assert len({it.data_timestamp for it in found}) == 20


def test_every_line_is_as_long_as_the_others() -> None:
    assert len({len(line) for line in islice(a_notice().lines("a"), 20)}) == 1


def test_penalties_belong_to_different_threads() -> None:
    model = submission_of(kinds()["administrative_penalty"])
    lines = islice(a_penalty().lines("a"), 20)

    threads = {model.model_validate(orjson.loads(line)).body.thread("91350100M000100Y43") for line in lines}

    assert len(threads) == 20
