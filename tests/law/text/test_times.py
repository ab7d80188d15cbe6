"""Times as notices write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.law.text.times import moment, moments, rfc3339


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Mar 16, 2026", "2026-03-16T00:00:00+08:00"),
        ("Mar 16, 2026 2:05:09 PM", "2026-03-16T14:05:09+08:00"),
        ("Mar 16, 2026 12:05:09 AM", "2026-03-16T00:05:09+08:00"),
        ("2026年03月26日 09点30分", "2026-03-26T09:30:00+08:00"),
        ("2026-3-15 14:31:17", "2026-03-15T14:31:17+08:00"),
        ("2026-03-17 00:32", "2026-03-17T00:32:00+08:00"),
        ("2026年3月27日下午2时", "2026-03-27T14:00:00+08:00"),
        ("2026年3月27日上午9点半", "2026-03-27T09:30:00+08:00"),
        ("2026年3月27日下午2时半", "2026-03-27T14:30:00+08:00"),
        ("2026年3月27日中午1点", "2026-03-27T13:00:00+08:00"),
        ("2026年3月27日中午12点", "2026-03-27T12:00:00+08:00"),
        ("2026年3月27日中午11点半", "2026-03-27T11:30:00+08:00"),
        ("２０２６年３月２７日１０：００", "2026-03-27T10:00:00+08:00"),
        ("2026\n年\n3\n月\n20\n日10：0\n0", "2026-03-20T10:00:00+08:00"),
        ("2026/3/5", "2026-03-05T00:00:00+08:00"),
        ("2026.03.05 9:30", "2026-03-05T09:30:00+08:00"),
        ("2026年3月27日（星期五）9时30分", "2026-03-27T09:30:00+08:00"),
        ("2026-03-17 24:00", "2026-03-18T00:00:00+08:00"),
        ("20260316", "2026-03-16T00:00:00+08:00"),
        ("20260316093015", "2026-03-16T09:30:15+08:00"),
    ],
)
def test_a_time_becomes_rfc_3339_in_beijing_time(text: str, instant: str) -> None:
    found = moment(text)
    assert found is not None
    assert rfc3339(found.at()) == instant


@pytest.mark.parametrize("text", ["", "/", "详见公告", "2026年13月1日", "2026-02-30", "1234-05-06", "0591-87654321"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text) is None


def test_a_period_has_both_its_ends() -> None:
    found = [rfc3339(one.at()) for one in moments("2026年03月17日08:30\n至\n2026年03月23日17:00(节假日除外)")]
    assert found == ["2026-03-17T08:30:00+08:00", "2026-03-23T17:00:00+08:00"]


def test_a_bare_last_day_lasts_to_its_end() -> None:
    found = moment("2026年03月18日")
    assert found is not None
    assert rfc3339(found.last()) == "2026-03-18T23:59:59+08:00"
    assert rfc3339(found.day_end()) == "2026-03-19T00:00:00+08:00"


@given(st.text(alphabet="0123456789年月日时分点半:- /.TJanMarPM上下中午", max_size=60))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    for found in moments(text):
        assert len(rfc3339(found.day_end())) == 25
