"""Files of notices, and the report on them."""

from pathlib import Path

import orjson
import pytest
from rich.console import Console

from hub.demo.notices import NotANoticeFile, load, report, submissions
from tests.demo.notices import invented


def test_the_items_of_a_file_are_loaded(tmp_path: Path) -> None:
    file = tmp_path / "notices.json"
    file.write_bytes(b"\xef\xbb\xbf" + orjson.dumps({"source": "…", "items": [{"title": "甲"}, None]}))
    assert load(file) == [{"title": "甲"}, None]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"items": {}}', b"\xff\xfe", b"[" * 100_000, b"1" * 5_000]
)
def test_a_file_of_another_form_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content)
    with pytest.raises(NotANoticeFile) as refused:
        load(file)
    assert "other.json" in refused.value.detail


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NotANoticeFile) as refused:
        load(tmp_path / "none.json")
    assert "cannot be read" in refused.value.detail


def test_the_report_counts_kinds_notes_and_reasons() -> None:
    items = [invented.a_contract(), invented.a_correction(), invented.a_failed_procurement()]
    console = Console(width=120)
    with console.capture() as shown:
        console.print(report(submissions(items)))
    text = shown.get()
    assert "procurement_contract" in text
    assert "mapped: 2" in text
    assert "not mapped: 1" in text
    assert "流标、废标或终止" in text
