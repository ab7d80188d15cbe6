"""其他交易: the rules of its kinds."""

import pytest

from hub.schemas.kind import kinds
from tests import builders as a
from tests.schemas.judging import broken, taken

PLATFORM = a.a_uscc(99, prefix="12350100")


def test_a_trade_is_not_published_before_it_is_made() -> None:
    early = a.a_submission("other_trade_result", body__trade_date="2026-06-11")
    assert broken(early) == {("/body/trade_date", "traded-before-published")}


def test_the_day_of_publication_is_beijings() -> None:
    at_midnight = {"body__trade_date": "2026-06-11", "body__publishing_time": "2026-06-10T16:30:00Z"}
    assert broken(a.a_submission("other_trade_result", **at_midnight)) == set()


def test_notice_and_result_of_another_trade_are_one_thread() -> None:
    threads = {
        taken(a.a_submission(kind)).body.thread(PLATFORM) for kind in ("other_trade_notice", "other_trade_result")
    }
    assert threads == {f"other:{PLATFORM}:RXQT-2026-0009"}


@pytest.mark.parametrize("kind", ["other_trade_notice", "other_trade_result"])
def test_the_content_has_the_name_that_the_specification_misspells(kind: str) -> None:
    info = kinds()[kind].model_fields["announcement_content"]
    assert isinstance(info.json_schema_extra, dict)
    assert info.json_schema_extra["x-element"] == "ANNOUNCEMENT_CONNECT"
