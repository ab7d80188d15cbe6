"""`hub push FILE.xlsx` against a hub that runs as a process, and the checked copy that it writes."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from hub.forms.columns import RESULT
from hub.forms.mark import DOUBTFUL, FINE, WRONG, Marks, write_checked
from hub.forms.push import checked_name
from hub.forms.read import read_workbook
from hub.problems import Fault
from tests.builders import a_later_version, a_submission, a_tender_notice, a_uscc, a_win_result_notice, without
from tests.demo.processes import a_hub
from tests.forms.workbooks import FIRST, a_workbook, cell, colour, editing
from tests.support.processes import a_free_port
from tests.support.warm import run as hub

PLATFORM = a_uscc(78)
NOTICES = "招标公告"


class Running(NamedTuple):
    """A hub with a platform: its address and the platform's key."""

    url: str
    key: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("hub")
    settings = {"HUB_DATA_DIR": str(data)}
    hub("platform", "add", PLATFORM, "--name", "测试平台", settings=settings)
    key = hub("key", "issue", PLATFORM, settings=settings).stdout.strip()
    with a_hub(data) as url:
        yield Running(url, key)


def push(running: Running, file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return hub("push", str(file), "--url", running.url, "--key", running.key, *words)


def checked(file: Path) -> Workbook:
    """The checked copy of a workbook."""
    return load_workbook(file.with_suffix(".checked.xlsx"))


def marked(book: Workbook, wanted: str) -> set[str]:
    """The cells below the headers that have a colour, without the results."""
    found = set()
    for page in book.worksheets:
        names = {head.column: head.value for head in page[2]}
        for row in page.iter_rows(min_row=FIRST):
            for one in row:
                if isinstance(one, Cell) and colour(one) == wanted.strip("#") and names.get(one.column) != RESULT:
                    found.add(f"{page.title}!{one.coordinate}")
    return found


def test_a_template_is_written_filled_in_and_pushed(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "notices.xlsx"
    assert hub("template", "tender_notice", str(file), "--example").returncode == 0
    with editing(file) as book:
        cell(book, NOTICES, "data_key").value = "FORM-1"
        book["附件"]["A4"].value = "FORM-1"

    first, again = push(running, file), push(running, file)

    assert first.returncode == again.returncode == 0, first.stderr
    assert "accepted 1" in first.stderr
    assert "known 1" in again.stderr
    record = httpx.get(f"{running.url}/v1/records/{PLATFORM}/tender_notice/FORM-1", trust_env=False).json()
    result = cell(checked(file), NOTICES, RESULT)
    assert record["document"]["attachments"]
    assert str(result.value).startswith(f"已有 known，position {record['position']}，digest ")
    assert colour(result) == FINE.strip("#")


def test_a_kind_that_there_is_not_has_no_template(tmp_path: Path) -> None:
    done = hub("template", "tender_notices", str(tmp_path / "x.xlsx"))

    assert done.returncode == 1
    assert "There is no kind" in done.stderr


def test_the_copy_of_a_name_in_capitals_has_one_suffix() -> None:
    assert checked_name(Path("kept/EX2.XLSX")) == Path("kept/EX2.checked.xlsx")


def test_every_wrong_cell_is_marked_and_no_other(running: Running, tmp_path: Path) -> None:
    sent = [a_tender_notice() for _ in range(3)]
    sent[1] = without(sent[1], "body", "tenderer_name")
    sent[1]["discloser"]["code"] = f"{a_uscc(1)[:17]}{'0' if a_uscc(1)[17] != '0' else '1'}"
    file = a_workbook(tmp_path, *sent)

    done = push(running, file)

    book = checked(file)
    wrong = [cell(book, NOTICES, name, FIRST + 1) for name in ("body.tenderer_name", "discloser.code")]
    assert done.returncode == 1
    assert "accepted 2, 已有 known 0, 拒收 refused 1" in done.stderr
    assert all(f"{NOTICES}!{one.coordinate}  [" in done.stderr for one in wrong)
    assert marked(book, WRONG) == {f"{NOTICES}!{one.coordinate}" for one in wrong}
    assert wrong[0].comment is not None
    assert "必填项缺失\nThe field is required. [required]" in wrong[0].comment.text
    assert wrong[1].comment is not None
    assert f"应为 repair: {a_uscc(1)}" in wrong[1].comment.text
    result = cell(book, NOTICES, RESULT, FIRST + 1)
    assert str(result.value).startswith("拒绝 refused：invalid-submission")
    assert colour(result) == WRONG.strip("#")
    assert wrong[1].value == sent[1]["discloser"]["code"]


def test_a_fault_within_a_further_sheet_is_marked_there(running: Running, tmp_path: Path) -> None:
    sent = [a_submission("winning_candidate_publicity") for _ in range(2)]
    sent[1]["body"]["candidates"][2]["bid_price"] = "约八千万"
    sent[1]["body"]["candidates"][1]["personal_achievements"][0]["sign_date"] = "2023-13-01"
    file = a_workbook(tmp_path, *sent)

    assert push(running, file).returncode == 1

    book = checked(file)
    price = cell(book, "中标候选人", "bid_price", FIRST + 5)
    signed = cell(book, "项目负责人个人业绩", "sign_date", FIRST + 4)
    assert (price.value, signed.value) == ("约八千万", "2023-13-01")
    assert marked(book, WRONG) == {f"中标候选人!{price.coordinate}", f"项目负责人个人业绩!{signed.coordinate}"}


def test_a_list_that_lacks_its_rows_is_marked_at_the_record(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, without(a_submission("change_notice"), "body", "items"))

    assert push(running, file).returncode == 1

    assert marked(checked(file), WRONG) == {"变更信息!A4"}


def test_warnings_are_yellow_and_refuse_nothing(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_win_result_notice(body__bid_amount="9999999999"))
    with editing(file) as book:
        book["中标结果公告"].insert_rows(FIRST)

    done = push(running, file)

    copy = checked(file)
    amount = cell(copy, "中标结果公告", "body.bid_amount", FIRST + 1)
    assert done.returncode == 0
    assert f"中标结果公告!A{FIRST}  [form-empty-row]" in done.stderr
    assert {f"中标结果公告!{amount.coordinate}", f"中标结果公告!A{FIRST}"} <= marked(copy, DOUBTFUL)
    assert amount.comment is not None
    assert "[amount-large]" in amount.comment.text


def test_a_record_that_cannot_be_read_is_not_pushed_and_the_others_are(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice(), a_tender_notice())
    with editing(file) as book:
        wrong = cell(book, NOTICES, "formed_at")
        wrong.value = "=NOW()"

    done = push(running, file)

    assert done.returncode == 1
    assert "accepted 1, 已有 known 0, 拒收 refused 0" in done.stderr
    assert f"{NOTICES}!{wrong.coordinate}  [form-formula]" in done.stderr
    copy = checked(file)
    assert marked(copy, WRONG) == {f"{NOTICES}!{wrong.coordinate}"}
    assert str(cell(copy, NOTICES, RESULT).value).startswith("未报送 not pushed")


def test_a_conflict_is_marked_at_the_key(running: Running, tmp_path: Path) -> None:
    sent = a_tender_notice()
    assert push(running, a_workbook(tmp_path, sent)).returncode == 0
    file = a_workbook(tmp_path, sent | {"formed_at": "2026-03-01T08:00:00+08:00"})

    assert push(running, file).returncode == 1

    copy = checked(file)
    assert marked(copy, WRONG) == {f"{NOTICES}!A4"}
    assert "conflict" in str(cell(copy, NOTICES, RESULT).value)


def test_the_copy_is_corrected_and_pushed_again(running: Running, tmp_path: Path) -> None:
    right = a_tender_notice()
    file = a_workbook(tmp_path, right, without(a_tender_notice(), "body", "tenderer_name"))
    assert push(running, file).returncode == 1
    copy = file.with_suffix(".checked.xlsx")
    with editing(copy) as book:
        cell(book, NOTICES, "body.tenderer_name", FIRST + 1).value = "福州市榕溪水环境建设中心"

    done = push(running, copy)

    assert done.returncode == 0
    assert "accepted 1, 已有 known 1, 拒收 refused 0" in done.stderr
    assert not marked(checked(copy), WRONG)


def test_a_copy_that_somebody_works_in_is_not_written_over(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, without(a_tender_notice(), "body", "tenderer_name"))
    copy, second = file.with_suffix(".checked.xlsx"), file.with_suffix(".checked-2.xlsx")
    for _ in range(2):
        assert push(running, file).returncode == 1
    assert not second.exists()
    with editing(copy) as book:
        cell(book, NOTICES, "body.tenderer_name").value = "福州市榕溪水环境建设中心"
    later = time.time() + 20  # So long it takes a person at the least.
    os.utime(copy, (later, later))
    corrected = copy.read_bytes()

    for _ in range(2):
        assert str(second) in push(running, file).stderr.replace("\n", "")

    assert copy.read_bytes() == corrected
    assert marked(load_workbook(second), WRONG)
    assert not file.with_suffix(".checked-3.xlsx").exists()


@pytest.mark.parametrize(
    "words", [("--cleared",), ("--discloser", "某局:11350100M000100Y4B:approver"), ("--basis", "x")]
)
def test_what_a_workbook_says_itself_is_not_said_beside_it(running: Running, tmp_path: Path, words: list[str]) -> None:
    done = push(running, a_workbook(tmp_path, a_tender_notice()), *words)

    assert done.returncode == 2
    assert words[0] in done.stderr


def test_a_correction_is_a_row_with_its_reason(running: Running, tmp_path: Path) -> None:
    sent = a_tender_notice()

    assert push(running, a_workbook(tmp_path, sent)).returncode == 0
    assert push(running, a_workbook(tmp_path, a_later_version(sent))).returncode == 0


def test_dates_and_numbers_stay_what_they_are_in_the_copy(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_win_result_notice())
    with editing(file) as book:
        time, amount = cell(book, "中标结果公告", "formed_at"), cell(book, "中标结果公告", "body.bid_amount")
        time.value, time.number_format = 46135.38194444445, "yyyy-mm-dd hh:mm"
        amount.value = 79860000.1

    assert push(running, file).returncode == 0

    copy = checked(file)
    assert str(cell(copy, "中标结果公告", "formed_at").value) == "2026-04-23 09:10:00"
    assert cell(copy, "中标结果公告", "body.bid_amount").value == 79860000.1


def test_there_are_only_so_many_notes_but_every_cell_has_its_colour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.forms.mark.MOST_NOTES", 1)
    workbook = read_workbook(a_workbook(tmp_path, a_tender_notice(), a_tender_notice()))
    marks = Marks()
    for record in workbook.records:
        marks.fault(record.cell_of("/formed_at"), Fault("/formed_at", "instant-format", "须为时间", "A time."))

    write_checked(tmp_path / "form.checked.xlsx", workbook.filled, marks)

    copy = checked(tmp_path / "form.xlsx")
    places = [cell(copy, NOTICES, "formed_at", row) for row in (FIRST, FIRST + 1)]
    assert [bool(one.comment) for one in places] == [True, False]
    assert {colour(one) for one in places} == {WRONG.strip("#")}


def test_a_damaged_workbook_is_not_pushed_at_all(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice(), a_tender_notice())
    with editing(file) as book:
        book[NOTICES].delete_cols(3)

    done = push(running, file)

    assert done.returncode == 2
    assert f"{NOTICES}!C2  [form-column]" in done.stderr
    assert "region_code" in done.stderr
    assert not file.with_suffix(".checked.xlsx").exists()


def test_answers_are_kept_and_a_file_that_is_not_there_is_said(running: Running, tmp_path: Path) -> None:
    answers = tmp_path / "answers.ndjson"
    push(running, a_workbook(tmp_path, a_tender_notice()), "--answers", str(answers))

    (line,) = answers.read_bytes().splitlines()
    assert orjson.loads(line)["status"] == 201
    done = push(running, tmp_path / "nothing.xlsx")
    assert done.returncode == 2
    assert "nothing.xlsx: No such file or directory" in done.stderr


def test_a_hub_that_is_not_there_leaves_every_row_unpushed(running: Running, tmp_path: Path) -> None:
    file = a_workbook(tmp_path, a_tender_notice())

    done = push(Running(f"http://127.0.0.1:{a_free_port()}", running.key), file)

    assert done.returncode == 2
    assert str(cell(checked(file), NOTICES, RESULT).value) == "未报送 not pushed"
