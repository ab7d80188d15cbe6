"""Invented notices of every kind become valid submissions that say what the notices say."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from hub.demo.notices import Mapped, Unmapped, submissions
from hub.intake import Intake
from hub.keys import Sender
from hub.schemas.types import uscc_check
from tests.demo.notices import invented

ANY = 10**9


def the_result(item: object) -> Mapped | Unmapped:
    """What becomes of the item."""
    return next(submissions([item]))


def mapped(item: object) -> Mapped:
    """The submission that the item becomes."""
    result = the_result(item)
    assert isinstance(result, Mapped), result
    return result


def body(item: object) -> dict[str, Any]:
    """The body of the submission that the item becomes."""
    found: dict[str, Any] = mapped(item).submission["body"]
    return found


MAPPED: list[tuple[Callable[..., dict[str, Any]], str]] = [
    (invented.a_procurement_notice, "procurement_notice"),
    (invented.a_procurement_notice_by_package, "procurement_notice"),
    (invented.a_procurement_result, "procurement_result"),
    (invented.a_result_by_label, "procurement_result"),
    (invented.a_result_of_two_packages, "procurement_result"),
    (invented.a_correction, "procurement_correction"),
    (invented.a_correction_by_table, "procurement_correction"),
    (invented.a_contract, "procurement_contract"),
    (invented.an_empty_contract, "procurement_contract"),
    (invented.a_tender_notice, "tender_notice"),
    (invented.a_candidate_publicity, "winning_candidate_publicity"),
    (invented.a_candidate_publicity_by_label, "winning_candidate_publicity"),
    (invented.a_win_result, "win_result_notice"),
    (invented.a_bid_opening, "bid_opening_record"),
    (invented.a_prequalification, "prequalification_result"),
    (invented.a_land_announcement, "land_transfer_announcement"),
    (invented.a_land_announcement_by_table, "land_transfer_announcement"),
    (invented.a_clarification, "tender_document"),
    (invented.an_empty_clarification, "tender_document"),
    (invented.a_clarification_of_prequalification, "prequalification_document"),
    (invented.an_other_trade_notice, "other_trade_notice"),
    (invented.an_other_trade_result, "other_trade_result"),
]


@pytest.mark.parametrize(("notice", "kind"), MAPPED, ids=lambda value: getattr(value, "__name__", value))
def test_the_hub_takes_what_a_notice_becomes(notice: Callable[..., dict[str, Any]], kind: str) -> None:
    result = mapped(notice())
    raw = orjson.dumps(result.submission)
    accepted = Intake(clock_skew_seconds=300).submission(raw, Sender(result.platform.code))
    assert (result.kind, accepted.entry.kind) == (kind, kind)


@pytest.mark.parametrize("notice", [notice for notice, _ in MAPPED], ids=lambda notice: notice.__name__)
def test_the_same_notice_is_the_same_submission_to_the_byte(notice: Callable[..., dict[str, Any]]) -> None:
    first, second = mapped(notice()), mapped(notice())
    assert orjson.dumps(first.submission) == orjson.dumps(second.submission)
    assert first.platform == second.platform


def test_a_procurement_notice_keeps_its_amounts_times_and_contacts() -> None:
    said = body(invented.a_procurement_notice())
    expected = {
        "budget_amount": "860000.00",
        "ceiling_price": "855000.0",
        "price_unit": "0",
        "submit_end": "2026-03-25T09:30:00+08:00",
        "open_place": "第二开标室",
        "doc_get_start": "2026-03-11T00:00:00+08:00",
        "doc_get_end": "2026-03-17T23:59:59+08:00",
        "notice_type": "4",
        "purchase_mode": "6",
        "notice_period_wd": 3,
        "accept_consortium": "0",
        "qualification_policy": "专门面向中小企业。",
        "purchaser_address": "福建省福州市闽侯县云溪路9号",
        "agency_phone": "0591-00000002、0591-00000003",
        "project_contact": "林工",
    }
    assert {name: said[name] for name in expected} == expected


def test_the_budget_of_packages_is_their_sum_and_says_so() -> None:
    result = mapped(invented.a_procurement_notice_by_package())
    said = result.submission["body"]
    assert (float(said["budget_amount"]), said["price_unit"]) == (602500, "0")
    assert said["purchase_section_code"] == ["RX-2026-11-A", "RX-2026-11-B"]
    assert "预算金额：各包预算之和" in result.notes


def test_a_budget_is_never_made_up() -> None:
    text = invented.a_procurement_notice()["content_text"].replace("８６０，０００.00元", "详见采购文件")
    result = the_result(invented.a_procurement_notice(text))
    assert isinstance(result, Unmapped)
    assert "预算" in result.reason_zh


def test_a_ceiling_above_the_budget_is_left_out_and_noted() -> None:
    result = mapped(invented.a_procurement_notice(budget="80万元"))
    assert "ceiling_price" not in result.submission["body"]
    assert any(note.startswith("最高限价") for note in result.notes)


def test_a_result_names_winner_price_items_and_reviewers() -> None:
    said = body(invented.a_procurement_result())
    assert (said["winningbidder_name"], said["win_bid_price"], said["price_unit"]) == (
        "福州清源信息技术有限公司",
        "83.1260",
        "1",
    )
    assert [item["name"] for item in said["main_items"]] == ["学生电脑", "教师电脑"]
    assert said["reviewers"] == ["陈一一", "李二二", "王三三"]
    assert said["agency_fee_amount"] == "0.95"


def test_a_wrong_code_is_not_taken_for_the_winners() -> None:
    wrong = invented.a_procurement_result()
    assert body(wrong)["winningbidder_code"][0].startswith("Y1100000")
    right = "91350100M00010081" + uscc_check("91350100M00010081")
    text = wrong["content_text"].replace("91350100M00010081U", right)
    assert body(wrong | {"content_text": text})["winningbidder_code"] == [right]


def test_a_price_for_each_year_is_given_in_words() -> None:
    said = body(invented.a_result_by_label())
    assert (said["price_form_code"], said["win_bid_rate"]) == ("3", "286000.00元每年")
    assert "win_bid_price" not in said


def test_two_winners_keep_each_their_price() -> None:
    said = body(invented.a_result_of_two_packages())
    assert said["winningbidder_name"] == "福州锦绣服装有限公司；莆田霓裳服饰有限公司"
    assert said["win_bid_rate"] == "福州锦绣服装有限公司：120000元；莆田霓裳服饰有限公司：95000.50元"
    assert len(said["winningbidder_code"]) == 2


def test_a_correction_names_what_it_corrects_and_the_new_deadline() -> None:
    said = body(invented.a_correction())
    assert (said["correction_target"], said["first_notice_date"]) == ("2", "2026-03-01")
    assert (said["is_postpone"], said["post_bid_closing_time"]) == ("1", "2026-03-30T09:30:00+08:00")


def test_a_table_of_corrections_gives_before_and_after() -> None:
    said = body(invented.a_correction_by_table())
    assert said["items"] == [
        {"item": "质保期", "before": "三年", "after": "五年"},
        {"item": "数量", "before": "56台", "after": "60台"},
    ]


def test_a_long_title_is_shortened_where_the_field_is_short_and_noted() -> None:
    result = mapped(invented.a_correction(title="计算机" * 40 + "更正公告"))
    assert len(result.submission["body"]["termination_bulletin_title"]) == 50
    assert any("已截短" in note for note in result.notes)


def test_a_contract_keeps_amount_parties_and_day() -> None:
    said = body(invented.a_contract())
    assert (said["contract_amount"], said["sign_date"], said["contract_no"]) == (
        "831260.00",
        "2026-03-09",
        "HT-2026-77",
    )
    assert said["party_b"] == {"name": "福州清源信息技术有限公司", "address": "福州市闽侯县科技东路1号"}


def test_a_contract_of_zero_yuan_has_no_amount() -> None:
    said = body(invented.an_empty_contract())
    assert (said["price_form_code"], said["win_bid_rate"], said["contract_term"]) == ("9", "0元 人民币", 90)


def test_a_tender_notice_keeps_its_sections() -> None:
    said = body(invented.a_tender_notice())
    expected = {
        "tender_project_code": "E3501210002603001001",
        "bid_doc_refer_end_time": "2026-04-07T09:30:00+08:00",
        "doc_get_end_time": "2026-03-16T17:00:00+08:00",
        "bid_open_method": "远程不见面开标",
        "funding_source": "财政资金",
        "tender_scope": "施工图纸范围内的全部工程",
        "estimate_price": "3856.7",
        "estimate_price_unit": "1",
        "syndicated_flag": "0",
        "tenderer_address": "闽侯县云溪路1号",
        "tender_agency_contactor": "林工",
    }
    assert {name: said[name] for name in expected} == expected


def test_a_call_for_prequalification_is_one() -> None:
    result = mapped(invented.a_tender_notice(title="云溪大桥工程资格预审公告"))

    assert result.kind == "prequalification_notice"
    assert result.submission["body"]["bulletin_type"] == "2"


def test_bids_close_when_they_are_opened_where_nothing_else_is_said() -> None:
    result = mapped(invented.a_tender_notice(content_text="开标时间：2026年4月7日9时30分"))
    said = result.submission["body"]
    assert said["bid_doc_refer_end_time"] == said["bid_open_time"] == "2026-04-07T09:30:00+08:00"
    assert "投标文件递交截止时间：公告未载明，暂以相邻时间代替" in result.notes


def test_candidates_keep_rank_price_and_manager() -> None:
    first, second = body(invented.a_candidate_publicity())["candidates"]
    assert (first["win_candidate_order"], first["bid_price"], first["time_limit"]) == (1, "36980000.00", "300日历天")
    assert second["project_manager_name"] == "吴二"
    assert second["project_manager_certs"] == [{"cert_name": "一级建造师", "cert_no": "闽1350000000002"}]


def test_a_publicity_of_three_bare_days_lasts_three_days() -> None:
    said = body(invented.a_candidate_publicity())
    period = said["publicity_start_time"], said["publicity_end_time"]
    assert period == ("2026-03-10T00:00:00+08:00", "2026-03-13T00:00:00+08:00")


def test_a_publicity_that_is_too_short_is_not_mended() -> None:
    short = invented.a_candidate_publicity_by_label()
    result = the_result(short | {"content_text": short["content_text"].replace("3月13日", "3月11日")})
    assert isinstance(result, Unmapped)
    assert "公示期不得少于 3 日" in result.reason_zh


def test_a_rate_of_a_candidate_is_a_rate() -> None:
    second = body(invented.a_candidate_publicity_by_label())["candidates"][1]
    assert (second["price_form_code"], second["other_bid_price"], second["is_float_rate"]) == ("2", "下浮 6.5%", "1")


def test_a_consortium_that_wins_is_several_parties() -> None:
    said = body(invented.a_win_result())
    assert said["bid_amount"] == "36980000.00"
    assert len(said["union_code"]) == len(said["win_bidder_code"]) == 2
    assert said["tender_agency_name"] == "福建榕行招标代理有限公司"


def test_a_bid_opening_keeps_its_record() -> None:
    said = body(invented.a_bid_opening())
    assert said["bid_opening_time"] == "2026-04-07T00:00:00+08:00"
    assert said["bid_opening_content"].startswith("投标人名称\n")


def test_only_those_who_passed_are_listed() -> None:
    said = body(invented.a_prequalification())
    names = [applicant["name"] for applicant in said["passed_applicants"]]
    assert names == ["福建青屿桥梁工程有限公司", "厦门海沧路桥有限公司"]


def test_a_parcel_keeps_area_prices_and_plot_ratio() -> None:
    said = body(invented.a_land_announcement())
    assert said["parcels"] == [
        {
            "land_code": "宗地2026-09号",
            "area_m2": "32650.5",
            "location": "仓山区云溪大道以北",
            "use": "城镇住宅用地",
            "term_years": "70年",
            "deposit": "9200",
            "start_price": "46000.0",
            "price_step": "300",
            "plot_ratio_min": "1",
            "plot_ratio_max": "2.2",
            "building_density": "小于或等于25",
        }
    ]
    assert (said["listing_start_time"], said["listing_deadline"]) == (
        "2026-04-01T09:00:00+08:00",
        "2026-04-10T15:00:00+08:00",
    )


@pytest.mark.parametrize(
    ("header", "cell", "area"),
    [
        ("土地面积（公顷）", "1.8200", "18200"),
        ("土地面积", "1.82公顷", "18200"),
        ("土地面积", "27.3亩（18200.5平方米）", "18200.5"),
        ("土地面积（㎡）", "18,200.00", "18200"),
    ],
)
def test_areas_are_given_in_square_metres(header: str, cell: str, area: str) -> None:
    item = invented.a_land_announcement_by_table()
    text = item["content_text"].replace("土地面积（㎡）", header).replace("18,200", cell)
    assert body(item | {"content_text": text})["parcels"][0]["area_m2"] == area


def test_an_area_in_mu_alone_is_not_turned_into_metres() -> None:
    item = invented.a_land_announcement_by_table()
    result = the_result(item | {"content_text": item["content_text"].replace("土地面积（㎡）", "土地面积（亩）")})
    assert isinstance(result, Unmapped)


def test_a_parcel_without_a_start_price_is_left_out_and_noted() -> None:
    result = mapped(invented.a_land_announcement_by_table())
    assert [parcel["land_code"] for parcel in result.submission["body"]["parcels"]] == ["侯2026-01"]
    assert "宗地：1 宗未载明面积、起始价或保证金，未报送" in result.notes


def test_a_clarification_keeps_terms_times_and_the_new_opening() -> None:
    said = body(invented.a_clarification())
    expected = {
        "tender_project_code": "E3501210002603001001",
        "bid_doc_refer_end_time": "2026-04-07T09:30:00+08:00",
        "valid_period": 90,
        "margin_pay_type": ["1", "5"],
        "margin_amount": "60",
        "margin_amount_unit": "1",
        "control_price": "3856.7",
        "qual_type": "2",
        "clarify_time": "2026-03-10T09:00:00+08:00",
        "clarify_content": "桥面铺装改为沥青混凝土，其余不变。",
        "submit_time": "2026-03-10T09:10:00+08:00",
        "is_postpone": "1",
        "post_open_time": "2026-04-14T09:30:00+08:00",
        "post_open_address": "开标三室",
    }
    assert {name: said[name] for name in expected} == expected


def test_a_clarification_notes_every_time_that_it_does_not_say() -> None:
    result = mapped(invented.an_empty_clarification())
    said = result.submission["body"]
    assert said["clarify_time"] == said["bid_open_time"] == result.submission["formed_at"]
    assert {
        "投标文件递交截止时间：公告未载明，暂以发布时间代替",
        "答疑澄清时间：公告未载明，暂以发布时间代替",
        "递交时间：公告未载明，暂以发布时间代替",
    } <= set(result.notes)
    assert (said["margin_percent"], said["is_postpone"]) == ("0元 人民币", "0")
    assert "control_price" not in said


def test_a_postponement_without_a_new_time_is_none_and_is_noted() -> None:
    item = invented.a_clarification()
    result = mapped(item | {"content_text": item["content_text"].replace("2026-04-14 09:30", "另行通知")})
    assert result.submission["body"]["is_postpone"] == "0"
    assert "是否延期：提及延期但未读出延期后的开标时间，按“否”填写" in result.notes


def test_a_clarification_of_prequalification_keeps_its_deadline() -> None:
    said = body(invented.a_clarification_of_prequalification())
    assert (said["doc_code"], said["doc_submit_end_time"], said["doc_open_time"], said["tender_clarify_content"]) == (
        "ZS-2026-09",
        "2026-03-20T17:00:00+08:00",
        "2026-03-20T17:30:00+08:00",
        "类似业绩由三年放宽至五年。",
    )


def test_another_trade_names_project_and_exchange() -> None:
    said = body(invented.an_other_trade_notice())
    assert (said["project_code"], said["project_name"], said["tra_agency_name"]) == (
        "YXQT202603009",
        "云溪镇停车场三年经营权",
        "福建榕行招标代理有限公司",
    )


def test_a_result_of_another_trade_on_one_line_keeps_its_day() -> None:
    result = mapped(invented.an_other_trade_result())
    said = result.submission["body"]
    assert (said["project_code"], said["project_name"], said["trade_date"]) == (
        "YXQT202603001",
        "云溪书院讲座冠名",
        "2026-03-09",
    )
    assert (said["tra_agency_name"], said["tra_agency_code"]) == (result.platform.name, result.platform.code)


def test_the_envelope_says_who_when_and_where() -> None:
    result = mapped(invented.a_procurement_notice(original_link="https://zfcg.example.com/notice/1.html"))
    said = result.submission
    assert said["data_timestamp"] == said["formed_at"] == "2026-03-10T09:15:00+08:00"
    assert said["region_code"] == "350121"
    assert said["discloser"]["name"] == "闽侯县云溪中学"
    assert said["publication"] == {
        "media": ["福州市公共资源交易服务中心", "全国公共资源交易平台"],
        "published_at": "2026-03-10T09:15:00+08:00",
        "url": "https://zfcg.example.com/notice/1.html",
    }
    assert said["body"]["bulletin_content"] == invented.a_procurement_notice()["content_text"]


def test_a_platform_has_one_code_whatever_it_sends() -> None:
    codes = {mapped(notice()).platform.code for notice, _ in MAPPED}
    assert len(codes) == 1


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (invented.a_clarification(content_text="敬请留意"), "未载明澄清与修改的内容"),
        (invented.a_clarification(content_text="澄清内容：工期不变"), "未载明投标有效期"),
        (invented.an_other_trade_notice(content_text=""), "公告正文为空"),
        (invented.an_other_trade_result(content_text="成交日期：2026-03-11"), "成交日期不得晚于公告发布日期"),
        (invented.an_item("国有产权", "挂牌披露", "披露"), "尚无对应的记录类别"),
        (invented.a_tender_notice(content_text=" "), "公告正文为空"),
        (invented.a_tender_notice(content_text="详见附件"), "未载明获取文件、投标截止或开标的时间"),
        (invented.a_failed_procurement(), "没有中标（成交）人"),
        (invented.a_win_result(content_text="公示如下"), "没有读出中标（成交）人"),
        (invented.a_candidate_publicity(content_text="公示如下"), "没有读出中标候选人"),
        (invented.a_correction(content_text="敬请留意"), "未载明更正内容"),
        (invented.a_contract(content_text="合同如下"), "未载明供应商"),
        (invented.a_prequalification(content_text="结果如下"), "没有读出通过资格预审的申请人"),
        (invented.a_land_announcement(content_text="公告如下"), "没有读出载明面积"),
        (invented.a_contract(publish_date="", detail_url=""), "发布时间"),
        (invented.a_contract(publish_date="2098-01-01"), "发布时间晚于当前时间"),
        (invented.a_result_of_two_packages(region="", source_platform="", detail_url=""), "行政区划"),
        ({}, "没有业务类型"),
        ("不是公告", "没有业务类型"),
    ],
)
def test_a_notice_that_becomes_nothing_says_why(item: object, reason: str) -> None:
    result = the_result(item)
    assert isinstance(result, Unmapped), result
    assert reason in result.reason_zh
    assert result.reason_en


def test_one_identifier_with_two_contents_is_mapped_once() -> None:
    first = invented.a_contract(record_id="0035-1")
    other = first | {"content_text": first["content_text"].replace("56台", "57台")}
    results = list(submissions([first, first, other]))
    assert [type(result) for result in results] == [Mapped, Mapped, Unmapped]


def test_the_text_of_a_contract_notice_stands_for_its_file_and_is_noted() -> None:
    result = mapped(invented.a_contract())
    (attachment,) = result.submission["attachments"]
    assert (attachment["code"], attachment["media_type"]) == ("CONTRACT", "text/plain")
    assert any("暂以公告正文代替" in note for note in result.notes)
