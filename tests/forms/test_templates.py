"""Templates: every kind has one, and what is filled in there comes back as it was."""

from pathlib import Path

import orjson
import pytest
from openpyxl import load_workbook

from hub.forms.cells import cell_of, value_of
from hub.forms.columns import GUIDE, HIDDEN, sheets_of
from hub.forms.read import read_workbook
from hub.forms.template import NEEDED, write_template
from hub.schemas.examples import example, example_bytes
from hub.schemas.kind import editions, kinds
from tests.builders import a_submission
from tests.forms.workbooks import a_column, a_workbook, cell, colour


@pytest.mark.parametrize("name", sorted(kinds()))
def test_an_example_filled_in_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    read = read_workbook(a_workbook(tmp_path, example(name)))

    assert not read.faults
    assert not read.warnings
    (record,) = read.records
    assert orjson.dumps(record.document, option=orjson.OPT_SORT_KEYS) == example_bytes(name)


def test_records_with_many_rows_in_further_sheets_are_put_together(tmp_path: Path) -> None:
    sent = [a_submission("winning_candidate_publicity") for _ in range(3)]
    candidates = sent[0]["body"]["candidates"]
    sent[1]["body"]["candidates"] = list(reversed(candidates))
    sent[2]["withheld"] = [{"field": "/candidates", "ground": "personal_privacy", "basis": "条例 第十五条"}]

    read = read_workbook(a_workbook(tmp_path, *sent))

    assert [record.document for record in read.records] == sent


def test_a_later_edition_has_its_own_template(tmp_path: Path) -> None:
    name, later = next((name, list(editions(name).values())[1]) for name in kinds() if len(editions(name)) > 1)
    file = tmp_path / "later.xlsx"

    write_template(file, later, [a_submission(name)])

    (record,) = read_workbook(file).records
    assert record.document["schema_version"] == later.schema_version


def test_the_header_says_what_a_column_is(tmp_path: Path) -> None:
    book = load_workbook(a_workbook(tmp_path, kind="tender_notice"))
    page = book["招标公告"]

    name, code = cell(book, "招标公告", "discloser.name", 1), cell(book, "招标公告", "body.notice_nature", 1)
    assert name.value == "公开主体名称"
    assert cell(book, "招标公告", "discloser.name", 3).value == "必填"
    assert cell(book, "招标公告", "change.reason", 3).value == "填“变更”时必填"
    assert cell(book, "招标公告", "changed_at", 3).value == "选填"
    assert colour(name) == NEEDED.strip("#")
    assert code.comment is not None
    assert "代码表：notice_nature" in code.comment.text
    assert "公开范围：公开" in code.comment.text
    assert page.freeze_panes == "B4"


def test_codes_have_drop_downs_from_the_hidden_sheet(tmp_path: Path) -> None:
    book = load_workbook(a_workbook(tmp_path, kind="win_result_notice"))
    letter = cell(book, "中标结果公告", "body.price_unit").column_letter
    rules = {str(rule.sqref).split(":")[0]: rule for rule in book["中标结果公告"].data_validations.dataValidation}

    rule = rules[f"{letter}4"]
    sheet, _, area = rule.formula1.partition("!")
    shown = [row[0].value for row in book[HIDDEN][area.replace("$", "")]]

    assert sheet == f"'{HIDDEN}'"
    assert shown == ["0 元", "1 万元"]
    assert rule.errorStyle in (None, "stop")
    assert book[HIDDEN].sheet_state == "veryHidden"


def test_the_sheet_of_explanations_names_every_further_sheet(tmp_path: Path) -> None:
    book = load_workbook(a_workbook(tmp_path, kind="winning_candidate_publicity"))
    words = " ".join(str(row[0].value) for row in book[GUIDE])

    assert all(f"“{sheet.name}”表" in words for sheet in sheets_of(kinds()["winning_candidate_publicity"])[1:])


def test_several_values_of_a_cell_stand_on_lines_of_their_own() -> None:
    media = a_column("tender_notice", "publication.media")
    codes = a_column("win_result_notice", "body.win_bidder_code")

    assert value_of(media, cell_of(media, ["甲；乙", "丙"])) == ["甲；乙", "丙"]
    assert value_of(codes, "91350100M00010049P；91350100M00010030T") == ["91350100M00010049P", "91350100M00010030T"]


def test_a_table_with_too_many_codes_has_no_drop_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.forms.template.MOST_IN_LIST", 1)
    book = load_workbook(a_workbook(tmp_path, kind="tender_notice"))
    letter = cell(book, "招标公告", "secrecy_review").column_letter

    # Of all choices, that of the secrecy review alone is of one value.
    assert [str(rule.sqref) for rule in book["招标公告"].data_validations.dataValidation] == [
        f"{letter}4:{letter}1048576"
    ]


def test_what_is_typed_into_a_template_is_text(tmp_path: Path) -> None:
    page = load_workbook(a_workbook(tmp_path, kind="tender_notice"))["招标公告"]

    # Columns of the same width share an entry.
    formats = {column.min: column.number_format for column in page.column_dimensions.values()}
    assert min(filter(None, formats)) == 1
    assert set(formats.values()) == {"@"}
