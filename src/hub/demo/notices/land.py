"""出让公告 become announcements of the transfer of land-use rights."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from re import findall, fullmatch, search, sub
from typing import Any

from hub.demo.notices.contacts import contacts
from hub.demo.notices.draft import Draft
from hub.demo.notices.results import NotMapped
from hub.demo.notices.wording import LAND
from hub.law.text.amounts import RENMINBI, TEN_THOUSAND, Amount, amount_in
from hub.law.text.labels import Labelled
from hub.law.text.lines import joined
from hub.law.text.plain import half_width, one_line, says_nothing
from hub.law.text.times import Moment, moments_after, rfc3339
from hub.law.text.vocabulary import (
    ADDRESS,
    DENSITY,
    GREEN_RATE,
    HEIGHT,
    LAND_AREA,
    LAND_CODE,
    LAND_DEPOSIT,
    LAND_LOCATION,
    LAND_START,
    LAND_STEP,
    LAND_TERM,
    LAND_USE,
    PHONE,
    PLOT_RATIO,
    PROJECT_NAME,
)

_SUPPLY = (("拍卖", "2"), ("挂牌", "3"), ("招标", "1"), ("协议", "4"), ("划拨", "5"), ("租赁", "6"))
_NUMBER = r"(?<![\d.])(\d{1,14}(?:\.\d{1,8})?)"
_LISTED = frozenset({"1", "2", "3"})
_CHANGE = (("撤销", "3"), ("撤回", "3"), ("终止", "3"), ("延期", "4"), ("变更", "2"), ("补充", "2"), ("更正", "2"))
_TRANSFEROR = ("出让人", "出让人名称", "委托人", "出让单位")
_BODY = (
    r"([\u4e00-\u9fff（）()]{2,30}(?:自然资源(?:和规划)?(?:局|分局)|国土资源局|规划和自然资源(?:局|委员会)|人民政府))"
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of one parcel: a value and the unit of its label or header, by the words for it."""

    values: Mapping[str, tuple[str, str]]

    def value(self, names: Sequence[str]) -> str:
        return self.get(names)[0]

    def get(self, names: Sequence[str]) -> tuple[str, str]:
        return next((self.values[name] for name in names if name in self.values), ("", ""))


def body(draft: Draft) -> dict[str, Any]:
    """The body of a `land_transfer_announcement`; refuses one of which no parcel has area, start price and deposit."""
    notice = draft.notice
    parcels = [_parcel(draft, said) for said in _parcels(draft)]
    if None in parcels:
        draft.note(f"宗地：{parcels.count(None)} 宗未载明面积、起始价或保证金，未报送")
    unique = list({parcel["land_code"]: parcel for parcel in parcels if parcel}.values())[:999]
    if not unique:
        raise NotMapped(
            "公告中没有读出载明面积、起始价和保证金的宗地，不编造",
            "No parcel with its area, start price and deposit could be read, and none of them is made up.",
        )
    bodies = contacts(notice)
    transferor = (
        notice.issuer or notice.labelled.value(_TRANSFEROR, limit=100) or bodies.buyer.name or _named_body(draft)
    )
    supply = next((code for word, code in _SUPPLY if word in draft.title), "") or next(
        (code for word, code in _SUPPLY if word in draft.content), "9"
    )
    start, end = _listing(draft)
    last = end.day if end else draft.published_on
    if end is None:
        draft.note("截止日期、公示结束时间：公告未载明，暂以发布日期代替")
    number = notice.project_number or _document_number(draft)
    address = notice.labelled.value(ADDRESS)
    phone = notice.labelled.value(PHONE, limit=60) or _phone(draft)
    draft.note("公告标识、附件关联标识号：公告未载明，按记录号生成")
    agency = notice.platform.name
    fields: dict[str, Any] = {
        "announcement_guid": one_line(notice.record_id, 100) or notice.digest[:32],
        "land_project_name": draft.line("项目名称", notice.labelled.value(PROJECT_NAME) or draft.title, 500),
        "unified_deal_code": draft.deal_code(LAND),
        "announcement_title": draft.line("公示标题", draft.title, 500),
        "announcement_content": draft.content,
        "land_district": draft.region,
        "tra_place_code": draft.region,
        "tra_agency_name": agency,
        "tra_agency_code": notice.platform.code,
        "url": draft.url(),
        "end_date": last.isoformat(),
        "create_time": draft.published_on.isoformat(),
        "publishing_time": draft.published_on.isoformat(),
        "supply_type": supply,
        "announcement_unit": draft.line("公示单位", transferor, 100),
        "announcement_start_time": draft.published_on.isoformat(),
        "announcement_deadline": max(last, draft.published_on).isoformat(),
        "field_num": len(unique),
        "announcement_type": next((code for word, code in _CHANGE if word in draft.title), "1"),
        "liaison_unit": draft.line("联系单位", transferor, 100),
        "contact_number": draft.line("联系电话", phone, 50),
        "announcement_code": draft.line("公示编号", number, 100),
        "attachment_set_code": notice.digest[:32],
        "transferor_name": draft.line("出让人名称", transferor, 200),
        "transferor_address": draft.line("出让人地址", address, 300),
        "price_currency": RENMINBI,
        "price_unit": TEN_THOUSAND,
        "parcels": unique,
        "bidder_qualification": draft.text(
            "竞买人资格要求", _about(draft, "均可申请参加", "竞买资格", "竞买人资格", "竞买人范围")
        ),
        "application_method": draft.text("申请取得资格的办法", _about(draft, "提交申请", "竞买申请", "报名", "申请")),
        "doc_get_info": draft.text("获取出让文件的时间、地点和方式", _about(draft, "出让文件", "获取")),
        "bidding_time_place": draft.text(
            "招拍挂的时间、地点、期限和竞价方式", _about(draft, "挂牌时间", "拍卖时间", "招标时间", "挂牌报价", "时间")
        ),
        "winner_rule": draft.text(
            "确定竞得人的标准和方法", _about(draft, "价高者得", "确定竞得人", "报价最高", "中标人")
        ),
    }
    if supply in _LISTED:
        fields["listing_type"] = supply
    if start and end and start.at() <= end.at():
        fields |= {"listing_start_time": rfc3339(start.at()), "listing_deadline": rfc3339(end.at())}
    return fields


def _listing(draft: Draft) -> tuple[Moment | None, Moment | None]:
    """When bidding begins and ends, from the text after the words for it."""
    words = r"(?:挂牌|拍卖|招标|竞价|竞买)(?:报价)?(?:活动)?(?:开始)?(?:的)?(?:起止)?(?:时间|期限)"
    times = moments_after(joined(draft.notice.lines, ""), words, 160)[:2]
    return (times[0] if times else None), (times[-1] if times else None)


def _parcels(draft: Draft) -> Iterator[_Said]:
    """The parcels of the tables; where there is none, those that begin at each label 宗地编号."""
    tabled = [
        _Said({name: (cell, row.units.get(name, "")) for name, cell in row.cells.items()})
        for table in draft.notice.tables
        if table.has(LAND_CODE, (*LAND_START, *LAND_DEPOSIT))
        for row in table.rows
    ]
    yield from tabled
    if tabled:
        return
    lines = draft.notice.lines
    starts = [at for at, line in enumerate(lines) if line.key.startswith(LAND_CODE) and line.is_label]
    if not starts and draft.notice.fields:
        starts = [0]
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(lines)
        said = Labelled(lines[start:end], draft.notice.fields if len(starts) == 1 else None)
        yield _Said(
            {
                group[0]: (found.value, found.unit)
                for group in _GROUPS
                if (found := said.find(group, limit=200)) is not None
            }
        )


_GROUPS = (
    LAND_CODE,
    LAND_AREA,
    LAND_LOCATION,
    LAND_USE,
    LAND_TERM,
    LAND_DEPOSIT,
    LAND_START,
    LAND_STEP,
    PLOT_RATIO,
    DENSITY,
    GREEN_RATE,
    HEIGHT,
)


def _parcel(draft: Draft, said: _Said) -> dict[str, str] | None:
    """The parcel, its prices in ten thousand yuan; None where its area, start price or deposit cannot be read."""
    code = said.value(LAND_CODE)
    area = _area(*said.get(LAND_AREA))
    start, deposit = (_in_ten_thousand(*said.get(names)) for names in (LAND_START, LAND_DEPOSIT))
    if says_nothing(code) or area is None or start is None or deposit is None:
        return None
    parcel = {
        "land_code": one_line(code, 100),
        "area_m2": area,
        "location": draft.line("坐落", said.value(LAND_LOCATION), 200),
        "use": draft.line("规划用途", said.value(LAND_USE), 50),
        "term_years": draft.line("使用年期", said.value(LAND_TERM), 50),
        "deposit": deposit,
        "start_price": start,
        **_plot_ratio(said.value(PLOT_RATIO)),
    }
    step = _in_ten_thousand(*said.get(LAND_STEP))
    if step:
        parcel["price_step"] = step
    fields = {"building_density": DENSITY, "green_rate": GREEN_RATE, "height_limit": HEIGHT}
    words = {field: said.value(names) for field, names in fields.items()}
    return parcel | {field: one_line(value, 50) for field, value in words.items() if not says_nothing(value)}


def _area(text: str, unit: str) -> str | None:
    """The area in square metres; None where it cannot be read or is given in mu, which is no whole number of metres."""
    plain = sub(r"\s|,(?=\d{3})", "", half_width(text))
    found = search(rf"{_NUMBER}(?:平方米|㎡|m2|平米)", plain) or search(rf"{_NUMBER}(公顷|亩)?", plain)
    if not found:
        return None
    value = Decimal(found[1])
    unit = (found[2] if found.re.groups > 1 else "平方米") or unit
    if unit == "公顷":
        value *= 10_000
    area = f"{value.normalize():f}"
    return area if unit != "亩" and value > 0 and fullmatch(r"\d{1,12}(\.\d{1,6})?", area) else None


def _in_ten_thousand(text: str, unit: str) -> str | None:
    found: Amount | None = amount_in(text, unit)
    return found.in_unit(TEN_THOUSAND) if found and found.currency == RENMINBI and found.yuan < 10**16 else None


def _plot_ratio(text: str) -> dict[str, str]:
    """The bounds of the plot ratio, e.g. of 大于1.0并且小于或等于2.5, 1.0-2.5 or ≤2.5."""
    plain = half_width(text)
    numbers = [
        number for number in findall(r"\d+(?:\.\d+)?", plain) if search(r"^(0|[1-9]\d{0,3})(\.\d{1,2})?$", number)
    ]
    if len(numbers) >= 2 and float(numbers[0]) <= float(numbers[1]):
        return {"plot_ratio_min": numbers[0], "plot_ratio_max": numbers[1]}
    if len(numbers) != 1:
        return {}
    lower = any(word in plain for word in ("≥", "大于", "不小于", "不低于", ">")) and "不大于" not in plain
    return {"plot_ratio_min" if lower else "plot_ratio_max": numbers[0]}


def _named_body(draft: Draft) -> str:
    found = search(_BODY, draft.content)
    return sub(r"^(?:经|由|受|根据)", "", found[1]) if found else ""


def _document_number(draft: Draft) -> str:
    found = search(
        r"[\u4e00-\u9fff]{1,12}[〔\[【(（]\d{4}[〕\]】)）]\s*第?\d{1,5}号", draft.title + "\n" + draft.content[:2_000]
    )
    return found[0] if found else ""


def _phone(draft: Draft) -> str:
    found = search(r"0\d{2,3}-\d{7,8}", half_width(draft.content))
    return found[0] if found else ""


def _about(draft: Draft, *words: str) -> str:
    """The first line of some length that has one of the words, by the order of the words."""
    for word in words:
        for line in draft.notice.lines:
            if word in line.text and len(line.text) > 12:
                return line.text
    return ""
