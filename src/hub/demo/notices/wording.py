"""What the words of a notice mean in codes: procurement mode, nature of a notice, yes and no, working days."""

from re import search

from hub.law.text.plain import half_width, key_of

YES, NO = "1", "0"
"""Codes of `yes_no`."""
NORMAL, CORRECTED, REPEATED = "1", "2", "3"
"""Codes of `notice_nature` and `publicity_type`."""
GOODS, WORKS, SERVICES = "D01", "D02", "D03"
"""The trade classes of government procurement."""
CONSTRUCTION, LAND, OTHER_TRADE = "A99", "B01", "E01"
"""The trade classes of a construction project of no named branch, of land, and of trades outside the named fields."""

_MODES = (
    ("公开招标", "1"),
    ("邀请招标", "2"),
    ("竞争性谈判", "3"),
    ("询价", "4"),
    ("单一来源", "5"),
    ("竞争性磋商", "6"),
    ("磋商", "6"),
    ("谈判", "3"),
)
_NUMERALS = "零一二三四五六七八九十"
_WORKS = ("工程", "维修", "改造", "修缮", "施工", "装修")
_DENIALS = ("否", "不接受", "不允许", "不得")


def purchase_mode(*texts: str) -> str:
    """The code of `purchase_mode` that the first of the texts names which names one; empty without one."""
    return next((code for text in texts for word, code in _MODES if word in text), "")


def nature(title: str) -> str:
    """The code of `notice_nature`: corrected, repeated or normal, by the title."""
    if any(word in title for word in ("更正", "变更", "澄清", "补充", "延期", "答疑")):
        return CORRECTED
    return REPEATED if any(word in title for word in ("二次", "三次", "重新招标", "再次")) else NORMAL


def trade_class(*texts: str) -> str:
    """The class of government procurement that the texts name: works, services, or else goods."""
    for text in texts:
        found = search(r"(货物|工程|服务)类", text)
        if found:
            return {"货物": GOODS, "工程": WORKS, "服务": SERVICES}[found[1]]
    title = texts[0] if texts else ""
    if "服务" in title:
        return SERVICES
    return WORKS if any(word in title for word in _WORKS) else GOODS


def consortium(answer: str, content: str) -> str:
    """Whether consortiums may bid: 1, 0, or empty where neither the answer to the question nor the text says."""
    said = key_of(answer)[:12]
    if said:
        return NO if any(word in said for word in _DENIALS) else YES
    found = search(r"(?<!否\))(不接受|不允许|接受|允许)[^。；\n]{0,6}联合体", half_width(content))
    if not found:
        return ""
    return NO if found[1].startswith("不") else YES


def working_days(text: str) -> int | None:
    """How many working days the text names first, e.g. 3 for 三个工作日; None without any or for over 99."""
    found = search(r"(\d{1,2}|[一二两三四五六七八九十])\s*个?\s*工作日", half_width(text))
    if not found:
        return None
    return int(found[1]) if found[1].isdecimal() else _NUMERALS.index(found[1].replace("两", "二"))
