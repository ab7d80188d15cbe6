"""Parties: which texts name an organisation, and the codes that a notice gives of them."""

from re import compile as pattern
from re import split

from hub.law.text.plain import half_width, says_nothing
from hub.schemas.types import uscc_check
from hub.schemas.types.parties import USCC

_ORGANISATION = pattern(
    r"(?:公司|集团|事务所|研究院|设计院|勘察院|规划院|研究所|大学|学院|学校|中学|小学|医院|中心|合作社|联合社|银行|分行|支行|厂|店|商行|经营部"
    r"|服务部|门市|工作室|协会|学会|商会|基金会|出版社|报社|电视台|园|场|站|局|委员会|政府|办公室|馆|队|社|部|行|合伙|所|户)"
    r"(?:[(（][^()（）]{1,40}[)）])?$"
)
_JOINT = r"[;；]|(?<=公司)[、,，/](?=[\u4e00-\u9fff])|(?<=公司)\s*(?:与|和)\s*(?=[\u4e00-\u9fff])"
_ROLE = pattern(r"^[(（]?(?:联合体)?(?:牵头人|牵头单位|牵头方|主办方|成员单位|成员方|成员|联合体)\d?[)）]?\s*[:：]?\s*")
_AFTER = pattern(
    r"\s*[(（](?:联合体)?(?:牵头人|牵头单位|牵头方|主办方|成员单位|成员方|成员|联合体)[^()（）]{0,20}[)）]\s*$"
)
_CODE = pattern(rf"(?<![0-9A-Za-z]){USCC}(?![0-9A-Za-z])")
_LONGEST_NAME, _LONGEST_TEXT = 120, 2_000


def is_organisation(text: str) -> bool:
    """Whether the text looks like the name of an organisation, or of several that bid together."""
    if len(text) > _LONGEST_TEXT:
        return False
    names = names_of(text)
    return bool(names) and all(_ORGANISATION.search(name) and 4 <= len(name) <= _LONGEST_NAME for name in names)


def names_of(text: str) -> list[str]:
    """The names of the parties of a consortium, or the one name; as found, but for words like 牵头人 beside them."""
    names = (_AFTER.sub("", _ROLE.sub("", part.strip())).strip() for part in split(_JOINT, text))
    return [name for name in names if not says_nothing(name)]


def valid_codes(text: str) -> list[str]:
    """The unified social credit codes of the text whose check character is right, each once, in their order."""
    codes = (found[0] for found in _CODE.finditer(half_width(text).upper()))
    return list(dict.fromkeys(code for code in codes if uscc_check(code[:17]) == code[17]))
