"""Places that notices name."""

import pytest

from hub.demo.notices.regions import province_of, region_of


@pytest.mark.parametrize(
    ("name", "url", "code"),
    [
        ("北京", "", "110000"),
        ("内蒙古自治区", "", "150000"),
        ("新疆生产建设兵团", "", "660000"),
        ("黑龙江省", "", "230000"),
        ("", "https://www.ggzy.gov.cn/information/deal/html/a/410000/0201/20260316/0041.html", "410000"),
        ("某地", "https://example.com/a/1.html", None),
    ],
)
def test_the_province_stands_in_the_address_or_the_name(name: str, url: str, code: str | None) -> None:
    assert province_of(name, url) == code


@pytest.mark.parametrize(
    ("province", "text", "code"),
    [
        ("350000", "闽侯县教育局", "350121"),
        ("350000", "福州市鼓楼区财政局", "350102"),
        ("350000", "福州市教育局", "350100"),
        ("350000", "福建省教育厅", "350000"),
        ("500000", "垫江体育馆屋面工程", "500231"),
        ("510000", "乐山市峨边彝族自治县产业园", "511132"),
        ("370000", "市中区第一小学", "370000"),
        ("370000", "枣庄市市中区第一小学", "370402"),
        ("220000", "吉林公安系统采购", "220000"),
        ("350000", "校服采购", "350000"),
        (None, "长春市朝阳区实验学校", "220104"),
        (None, "校服采购", None),
    ],
)
def test_the_most_specific_place_of_a_text_is_taken(province: str | None, text: str, code: str | None) -> None:
    assert region_of(province, [text]) == code


def test_the_first_text_that_names_a_place_decides() -> None:
    assert region_of("350000", ["校服采购", "连江县第一中学", "福州市鼓楼区"]) == "350122"
