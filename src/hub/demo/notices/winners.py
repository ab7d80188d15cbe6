"""Who won, at what price: from the structured fields, the labels or the tables of a notice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.demo.notices.notice import Notice
from hub.demo.notices.tables import Row, Table, tables
from hub.law.text.amounts import OTHER, PriceGiven, price
from hub.law.text.labels import Labelled
from hub.law.text.parties import is_organisation, names_of, valid_codes
from hub.law.text.plain import says_nothing
from hub.law.text.vocabulary import PARTY_CODE, WINNER, WINNER_ADDRESS, WINNER_PRICE

_NO_PRICE = PriceGiven(OTHER, None, "")
_AWARD = ("中标(成交)信息", "中标情况", "成交信息", "中标信息", "采购结果", "中标结果", "成交结果", "中标人信息")


@dataclass(frozen=True, slots=True)
class Winner:
    """A winner: the name as found, its valid code or empty, its address or empty, and its price."""

    name: str
    code: str
    address: str
    price: PriceGiven


def winners(notice: Notice) -> list[Winner]:
    """The winners that the notice names, one for each package that is awarded; none where it names none."""
    labelled = _by_label(notice)
    tabled = list(_by_table(notice))
    if not labelled:
        return tabled
    if len(tabled) > 1 or (tabled and labelled.price.amount is None):
        return tabled
    same = next((winner for winner in tabled if winner.name == labelled.name), None)
    if same is None:
        return [labelled]
    chosen = labelled.price if labelled.price.amount else same.price
    return [Winner(labelled.name, same.code or labelled.code, labelled.address or same.address, chosen)]


def _by_label(notice: Notice) -> Winner | None:
    for lines, fields in ((notice.section(*_AWARD), notice.fields), (notice.lines, {})):
        said = Labelled(lines, fields)
        name = next((found for found in said.all(WINNER, limit=200) if _may_win(found.value)), None)
        if name is None:
            continue
        whole = Labelled(lines or notice.lines, notice.fields)
        given = whole.find(WINNER_PRICE, limit=120)
        among = valid_codes("\n".join(line.text for line in lines))
        code = among[0] if len(among) == 1 and len(names_of(name.value)) == 1 else ""
        found_price = price(given.value, given.unit) if given else _NO_PRICE
        return Winner(name.value, code, whole.value(WINNER_ADDRESS), found_price)
    return None


def _may_win(name: str) -> bool:
    return is_organisation(name) and ":" not in name and "：" not in name


def _by_table(notice: Notice) -> Iterator[Winner]:
    seen: set[tuple[str, str]] = set()
    for table in (*tables(notice.section(*_AWARD)), *filter(_awards, notice.tables)):
        if not table.has(WINNER, WINNER_PRICE):
            continue
        for row in table.rows:
            name = row.cell(WINNER)
            given = _price_of(row)
            if says_nothing(name) or not is_organisation(name) or (name, given.words) in seen:
                continue
            seen.add((name, given.words))
            codes = valid_codes(row.cell(PARTY_CODE) or "\n".join(row.texts))
            yield Winner(name, codes[0] if len(codes) == 1 else "", row.cell(WINNER_ADDRESS), given)
        if seen:
            return


def _awards(table: Table) -> bool:
    """Whether a header speaks of an award: a table of names and prices alone may be one of all bids."""
    return any(header.startswith(("中标", "成交", "中选")) for header in table.headers)


def _price_of(row: Row) -> PriceGiven:
    said = row.cell(WINNER_PRICE)
    return price(said, row.unit(WINNER_PRICE)) if said else _NO_PRICE


def _words(given: PriceGiven) -> str:
    return given.amount.words if given.amount else given.words or "公告未载明"


def together(found: Sequence[Winner]) -> Winner:
    """The winners as one: names joined, and their prices in words where there are several."""
    if len(found) == 1:
        return found[0]
    names = "；".join(dict.fromkeys(winner.name for winner in found))
    words = "；".join(f"{winner.name}：{_words(winner.price)}" for winner in found)
    addresses = "；".join(dict.fromkeys(winner.address for winner in found if winner.address))
    return Winner(names, "", addresses, PriceGiven(OTHER, None, words))
