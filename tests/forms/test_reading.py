"""Reading workbooks: whatever was done to one is said with sheet and cell."""

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from hub.forms.columns import HIDDEN, RESULT
from hub.forms.faults import Cell, DamagedWorkbook
from hub.forms.read import Workbook, read_workbook
from hub.problems import BodyTooLarge, MalformedDocument
from tests.builders import a_submission, a_tender_contract, a_tender_notice
from tests.forms.workbooks import FIRST, a_workbook, cell, editing

NOTICES = "招标公告"


def damage(file: Path) -> set[tuple[str, str]]:
    """The cells and rules of a workbook that is refused as a whole."""
    with pytest.raises(DamagedWorkbook) as refused:
        read_workbook(file)
    return {(fault.pointer, fault.rule) for fault in refused.value.faults}


def faults_of(read: Workbook) -> list[tuple[str, str]]:
    """The cells and rules of the faults."""
    assert all(cell.address == fault.pointer for cell, fault in read.faults)
    return [(fault.pointer, fault.rule) for _, fault in read.faults]


def held(read: Workbook) -> Sequence[bool]:
    """Which records are not to be pushed."""
    return [record.held for record in read.records]


def test_an_address_counts_columns_as_spreadsheets_do() -> None:
    assert [Cell("表", 5, column).address for column in (1, 26, 27, 702, 703)] == [
        "表!A5",
        "表!Z5",
        "表!AA5",
        "表!ZZ5",
        "表!AAA5",
    ]


def test_a_formula_holds_its_record_back_and_no_other(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice(), a_tender_notice())
    with editing(file) as book:
        found = cell(book, NOTICES, "formed_at", FIRST + 1)
        found.value = "=NOW()"
        place = f"{NOTICES}!{found.coordinate}"

    read = read_workbook(file)

    assert faults_of(read) == [(place, "form-formula")]
    assert held(read) == [False, True]


def test_an_empty_row_is_passed_over_and_said(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice(), a_tender_notice())
    with editing(file) as book:
        book[NOTICES].insert_rows(FIRST + 1)
        book[NOTICES].cell(FIRST + 9, 3).value = "   "

    read = read_workbook(file)

    assert [record.row for record in read.records] == [FIRST, FIRST + 2]
    assert [(fault.pointer, fault.rule) for _, fault in read.warnings] == [(f"{NOTICES}!A5", "form-empty-row")]
    assert not read.faults


def test_a_merged_header_is_damage(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        book[NOTICES].merge_cells("C2:D2")

    assert damage(file) == {
        (f"{NOTICES}!C2", "form-merged-header"),
        (f"{NOTICES}!D2", "form-column"),
    }


@pytest.mark.parametrize("row", [1, 2, 3])
def test_a_header_with_a_row_deleted_is_damage_and_takes_no_record_for_its_last_row(tmp_path: Path, row: int) -> None:
    file = a_workbook(tmp_path, a_tender_notice(), a_tender_notice())
    with editing(file) as book:
        book[NOTICES].delete_rows(row)

    told = damage(file)

    assert ((f"{NOTICES}!A3", "form-header") in told) == (row == 3)
    assert told


def test_the_words_of_a_headers_last_row_may_be_wiped_out_or_written_anew(tmp_path: Path) -> None:
    sent = a_tender_notice()
    file = a_workbook(tmp_path, sent)
    with editing(file) as book:
        book[NOTICES].cell(3, 1).value = "每条一行"
        for found in book["附件"][3]:
            found.value = None

    assert [record.document for record in read_workbook(file).records] == [sent]


def test_merged_cells_hold_every_row_back_that_they_cover(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, *(a_tender_notice() for _ in range(4)))
    with editing(file) as book:
        book[NOTICES].merge_cells(f"H{FIRST + 1}:H{FIRST + 2}")

    read = read_workbook(file)

    assert faults_of(read) == [(f"{NOTICES}!H{FIRST + 1}", "form-merged")]
    assert held(read) == [False, True, True, False]


def test_a_needed_column_that_is_missing_is_named(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        book[NOTICES].delete_cols(3)

    with pytest.raises(DamagedWorkbook) as refused:
        read_workbook(file)

    (fault,) = refused.value.faults
    assert (fault.pointer, fault.rule) == (f"{NOTICES}!C2", "form-column")
    assert "region_code" in fault.zh
    assert "region_code" in fault.en


def test_a_column_that_may_be_left_empty_may_be_deleted_and_others_may_move(tmp_path: Path) -> None:
    sent = a_tender_notice()
    file = a_workbook(tmp_path, sent)
    with editing(file) as book:
        page = book[NOTICES]
        page.delete_cols(cell(book, NOTICES, "decided_on").column)
        last = page.max_column
        for row in range(1, FIRST + 1):
            for one, other in ((2, last), (3, last - 1)):
                a, b = page.cell(row, one), page.cell(row, other)
                a.value, b.value = b.value, a.value

    (record,) = read_workbook(file).records

    assert record.document == sent


def test_a_column_that_there_is_not_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        place = cell(book, NOTICES, "body.notice_content", 2)
        place.value = "body.notice_contents"

    with pytest.raises(DamagedWorkbook) as refused:
        read_workbook(file)

    faults = refused.value.faults
    assert {fault.rule for fault in faults} == {"form-column", "form-column-unknown"}
    assert next(fault.repair for fault in faults if fault.rule == "form-column-unknown") == "body.notice_content"


def test_values_under_no_name_and_columns_there_twice_are_damage(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        page = book[NOTICES]
        last = page.max_column
        page.cell(2, last + 1).value = "data_key"
        page.cell(FIRST, last + 2).value = "备注"
        places = [page.cell(2, last + more).coordinate for more in (1, 2)]

    assert damage(file) == {
        (f"{NOTICES}!{places[0]}", "form-column-twice"),
        (f"{NOTICES}!{places[1]}", "form-column-unnamed"),
    }


@pytest.mark.parametrize("told", ["tender_notices", None, 7])
def test_a_workbook_of_a_kind_that_there_is_not_is_refused(told: str | int | None, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        book[HIDDEN]["B1"].value = told

    assert damage(file) == {(f"{HIDDEN}!B1", "form-kind")}


def test_a_workbook_of_another_kind_lacks_the_sheet(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        book[HIDDEN]["B1"].value = "win_result_notice"

    assert ("中标结果公告!A1", "form-sheet") in damage(file)


def test_a_workbook_that_is_no_template_is_refused(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        del book[HIDDEN]

    assert damage(file) == {(f"{HIDDEN}!B1", "form-kind")}


def test_rows_need_a_key_of_their_own(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, *(a_tender_notice(attachments=...) for _ in range(4)))
    with editing(file) as book:
        book[NOTICES]["A4"].value = None
        book[NOTICES]["A6"].value = book[NOTICES]["A5"].value

    read = read_workbook(file)

    assert faults_of(read) == [
        (f"{NOTICES}!A4", "form-key"),
        (f"{NOTICES}!A5", "form-key-twice"),
        (f"{NOTICES}!A6", "form-key-twice"),
    ]
    assert held(read) == [True, True, True, False]


def test_a_row_of_a_further_sheet_needs_its_record(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_submission("change_notice"))
    with editing(file) as book:
        book["变更内容"].append(["NOWHERE", "变更项", "前", "后"])
        last = book["变更内容"].max_row

    read = read_workbook(file)

    assert faults_of(read) == [(f"变更内容!A{last}", "form-orphan")]
    assert held(read) == [False]


@pytest.mark.parametrize("number", [None, "0", "9", "第一"])
def test_a_row_within_a_row_needs_its_number(number: str | None, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_submission("winning_candidate_publicity"))
    with editing(file) as book:
        book["项目负责人个人业绩"]["B4"].value = number

    read = read_workbook(file)

    assert faults_of(read) == [("项目负责人个人业绩!B4", "form-ordinal")]
    assert held(read) == [True]


def test_a_wrong_cell_of_a_further_sheet_holds_the_record_back(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_submission("change_notice"), a_submission("change_notice"))
    with editing(file) as book:
        book["变更内容"]["D4"].value = "=D5"

    read = read_workbook(file)

    assert faults_of(read) == [("变更内容!D4", "form-formula")]
    assert held(read) == [True, False]


@pytest.mark.parametrize(("unit", "read"), [("0 元", "143600"), ("1 万元", "143600元"), (None, "143600元")])
def test_an_amount_drops_its_yuan_only_where_its_unit_is_yuan(unit: str | None, read: str, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_contract())
    with editing(file) as book:
        cell(book, book.sheetnames[0], "body.contract_price").value = "143600元"
        cell(book, book.sheetnames[0], "body.price_unit").value = unit

    (record,) = read_workbook(file).records

    assert record.document["body"]["contract_price"] == read


def test_the_column_of_results_is_not_read(tmp_path: Path) -> None:
    sent = a_tender_notice()
    file = a_workbook(tmp_path, sent)
    with editing(file) as book:
        page = book[NOTICES]
        last = page.max_column + 1
        page.cell(2, last).value = RESULT
        page.cell(FIRST, last).value = "拒绝"
        page.cell(FIRST + 1, last).value = "拒绝"

    read = read_workbook(file)

    assert [record.document for record in read.records] == [sent]
    assert not read.faults


def test_a_part_that_unpacks_to_far_more_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet99.xml", bytes(16 * 1024 * 1024))

    with pytest.raises(BodyTooLarge, match="zip bomb"):
        read_workbook(file)


def test_a_workbook_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_workbook(tmp_path, a_tender_notice())

    monkeypatch.setattr("hub.forms.archive.LARGEST_UNPACKED", 1000)
    with pytest.raises(BodyTooLarge, match="unpacks"):
        read_workbook(file)
    monkeypatch.setattr("hub.forms.archive.LARGEST_FILE", 1000)
    with pytest.raises(BodyTooLarge, match="more than 1000 bytes"):
        read_workbook(file)


def test_a_value_far_beyond_the_columns_is_damage(tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())
    with editing(file) as book:
        book[NOTICES].cell(FIRST, 700, "合计")

    assert damage(file) == {(f"{NOTICES}!ZX2", "form-column-unnamed")}


@pytest.mark.parametrize("empty", [0, 5])
def test_a_sheet_has_so_many_rows_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: int) -> None:
    monkeypatch.setattr("hub.forms.grid.MOST_ROWS", 2)
    file = a_workbook(tmp_path, *(a_tender_notice(attachments=...) for _ in range(4)))
    if empty:
        with editing(file) as book:
            book[NOTICES].insert_rows(FIRST + 2, empty)

    assert damage(file) == {(f"{NOTICES}!A{FIRST + 2 + empty}", "form-rows")}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"data_key,region_code\n"])
def test_a_file_that_is_no_workbook_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    file.write_bytes(content)

    with pytest.raises(MalformedDocument, match=r"no \.xlsx workbook"):
        read_workbook(file)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    with ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")

    with pytest.raises(MalformedDocument, match="no readable"):
        read_workbook(file)


def test_a_workbook_with_broken_xml_is_refused(tmp_path: Path) -> None:
    whole = a_workbook(tmp_path, a_tender_notice())
    file = tmp_path / "broken.xlsx"
    with ZipFile(whole) as source, ZipFile(file, "w") as archive:
        for part in source.namelist():
            content = source.read(part)
            archive.writestr(part, content[: len(content) // 2] if part.endswith("sheet1.xml") else content)

    with pytest.raises(MalformedDocument, match="no readable"):
        read_workbook(file)
