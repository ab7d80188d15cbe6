"""Sample submissions: whole project chains made of the golden examples, with codes, keys and times of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from re import Match, findall, fullmatch, sub
from typing import Any

import orjson

from hub.schemas.examples import example, example_bytes
from hub.schemas.kind import Domain, Stage, kinds
from hub.schemas.types import deal_code_check, org_check, uscc_check

TENDER = (
    "tender_notice",
    "prequalification_result",
    "bid_opening_record",
    "winning_candidate_publicity",
    "win_result_notice",
    "tender_contract",
    "tender_performance",
)
PROCUREMENT = ("procurement_notice", "procurement_correction", "procurement_result", "procurement_contract")
LAND = ("land_transfer_announcement",)
CREDIT = ("administrative_penalty", "blacklist_entry")

EXAMPLE_PLATFORM = "12350100M00010014A"
"""The platform that the golden examples name."""

ROOM = timedelta(days=3)
"""How long before now the newest example is at least formed, so that corrections of it do not lie in the future."""

_TENDER_PLACES = ("榕溪上游", "云屿路", "鹭汀北片", "青屿新城", "琅石工业园", "砚山片区", "学林路", "望江路", "仓前湖")
_SCHOOLS = ("第九十九中学", "第九十八中学", "榕溪实验小学", "云屿职业学校", "青屿中心幼儿园")
_COMPANIES = ("琅石", "云屿", "鹭汀", "砚山", "青屿", "海岚", "望江", "仓前")
_GUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_DEAL = r"([A-Z][0-9A-Z]{2})-([0-9A-Z]{18})-([0-9]{8})-([0-9]{4})([0-9]{2})-[0-9A-Z*]"


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes the codes and times of one run of the demo.

    `run` is a number that no other run has (seconds since 1970); `back` shifts all times of the examples, so that
    none of their `data_timestamp` lies in the future.
    """

    run: int
    platform: str
    back: timedelta

    def tender_project(self, number: int) -> str:
        """招标项目编号."""
        return f"A350100{self.run % 10**7:07d}{number:03d}001"

    def purchase_project(self, number: int) -> str:
        """采购项目编号."""
        return f"FZCG-{self.run}-{number:03d}"

    def uscc(self, number: int) -> str:
        """统一社会信用代码 of a company that does not exist."""
        body = f"M{(self.run * 100 + number) % 10**7:07d}"
        first = f"91350100{body}{org_check(body)}"
        return first + uscc_check(first)

    def data_key(self, old: str, number: int) -> str:
        """来源系统主键 in place of an example's."""
        return f"{old[:8]}{self.run:010d}{number:04d}"

    def guid(self, old: str, number: int) -> str:
        """A GUID in place of an example's."""
        return f"{old[:24]}{self.run % 10**9:09d}{number:03d}"

    def deal_code(self, old: Match[str], number: int) -> str:
        """统一交易标识码 on this platform in place of an example's."""
        code, _, day, _, last = old.groups()
        parts = (code, self.platform, day, f"{number:04d}{last}")
        return "-".join((*parts, deal_code_check("".join(parts))))


def mint_for(platform: str, now: datetime) -> Mint:
    """The mint of a run of the demo that starts `now`."""
    newest = max(datetime.fromisoformat(example(kind)["data_timestamp"]) for kind in kinds())
    # Whole weeks keep working days what they are.
    weeks = max(0, -((now - ROOM - newest) // timedelta(weeks=1)))
    return Mint(int(now.timestamp()), platform, timedelta(weeks=weeks))


def tender_chain(mint: Mint, number: int) -> list[dict[str, Any]]:
    """A tender project from its notice to its performance."""
    old = example("tender_notice")["body"]["tender_project_code"]
    place = _TENDER_PLACES[number % len(_TENDER_PLACES)]
    return _chain(TENDER, mint, number, {old: mint.tender_project(number), "榕溪上游": place})


def procurement_chain(mint: Mint, number: int) -> list[dict[str, Any]]:
    """A procurement project from its notice to its contract."""
    old = example("procurement_notice")["body"]["purchase_project_code"]
    school = _SCHOOLS[number % len(_SCHOOLS)]
    return _chain(PROCUREMENT, mint, number, {old: mint.purchase_project(number), "第九十九中学": school})


def land_announcement(mint: Mint, number: int) -> dict[str, Any]:
    """出让公告."""
    old = example("land_transfer_announcement")["body"]["announcement_guid"]
    fresh = {
        old: mint.guid(old, number),
        "2026-09 号": f"2026-{number:02d}A 号",
        "2026-10 号": f"2026-{number:02d}B 号",
        "榕溪 2026-09": f"榕溪 2026-{number:02d}A",
        "榕溪 2026-10": f"榕溪 2026-{number:02d}B",
    }
    return _chain(LAND, mint, number, fresh)[0]


def penalty(mint: Mint, number: int) -> dict[str, Any]:
    """行政处罚."""
    return _of_company("administrative_penalty", mint, number, {"第0099号": f"第{mint.run % 10**6}{number:03d}号"})


def blacklist_entry(mint: Mint, number: int) -> dict[str, Any]:
    """黑名单信息 of the company that has the penalty with the same number."""
    old = example("blacklist_entry")["body"]["blacklist_code"]
    fresh = {old: mint.guid(old, number), "9号": f"{mint.run % 10**6}{number:03d}号"}
    return _of_company("blacklist_entry", mint, number, fresh)


def one_of_each(mint: Mint, number: int, *domains: Domain) -> list[dict[str, Any]]:
    """One record of every kind of these fields, plans first and performance last."""
    stages = list(Stage)
    found = sorted((kind for kind in kinds().values() if kind.domain in domains), key=lambda k: stages.index(k.stage))
    names = tuple(kind.name() for kind in found)
    tender = example("tender_notice")["body"]["tender_project_code"]
    fresh = {
        tender: mint.tender_project(number),
        tender[:17]: mint.tender_project(number)[:17],  # The project's own code.
        example("procurement_notice")["body"]["purchase_project_code"]: mint.purchase_project(number),
    }
    guids = {old: mint.guid(old, number) for name in names for old in findall(_GUID, example_bytes(name).decode())}
    return _chain(names, mint, number, {**fresh, **guids})


def corrected(submission: dict[str, Any], reason: str, **fields: str) -> dict[str, Any]:
    """The next version, a day later: `fields` of the body are changed, or its title says that it was corrected."""
    body = submission["body"]
    label = kinds()[submission["kind"]].label
    changed = fields or {label: f"{body[label]}（更正）"}
    moment = later(submission["data_timestamp"], timedelta(days=1))
    change = {"reason": reason, "of": "、".join(changed)}
    return submission | {
        "data_timestamp": moment,
        "changed_at": moment,
        "change": change,
        "body": body | changed,
    }


def withdrawal(submission: dict[str, Any], reason: str) -> dict[str, Any]:
    """The withdrawal of a record, two days after the version given."""
    return {"data_timestamp": later(submission["data_timestamp"], timedelta(days=2)), "reason": reason}


def published_late(submission: dict[str, Any], days: int) -> dict[str, Any]:
    """The same submission, published and sent so many days later than it was."""
    publication = submission["publication"]
    moment = later(publication["published_at"], timedelta(days=days))
    return submission | {
        "data_timestamp": later(submission["data_timestamp"], timedelta(days=days)),
        "publication": publication | {"published_at": moment},
    }


def later(instant: str, by: timedelta) -> str:
    """An RFC 3339 instant moved by a length of time."""
    return (datetime.fromisoformat(instant) + by).isoformat()


def _of_company(kind: str, mint: Mint, number: int, fresh: Mapping[str, str]) -> dict[str, Any]:
    penalised = example("administrative_penalty")["body"]["cf_xdr_shxym"]
    company = _COMPANIES[number % len(_COMPANIES)]
    return _chain((kind,), mint, number, {penalised: mint.uscc(number), "琅石": company, **fresh})[0]


def _chain(names: tuple[str, ...], mint: Mint, number: int, fresh: Mapping[str, str]) -> list[dict[str, Any]]:
    """The examples of these kinds, with texts replaced wherever they stand and all times shifted."""
    keys = {old: mint.data_key(old, number) for old in (example(name)["data_key"] for name in names)}
    texts = {EXAMPLE_PLATFORM: mint.platform, **keys, **fresh}

    def renamed(text: str) -> str:
        return sub("|".join(texts), lambda found: texts[found[0]], _moved(text, mint.back))

    def coined(text: str) -> str:
        return sub(_DEAL, lambda found: mint.deal_code(found, number), renamed(text))

    return [_mapped(orjson.loads(example_bytes(name)), coined) for name in names]


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case list():
            return [_mapped(item, change) for item in value]
        case dict():
            return {name: _mapped(item, change) for name, item in value.items()}
        case _:
            return value


def _moved(text: str, back: timedelta) -> str:
    """A date or an instant so much earlier; any other text as it is."""
    if back and fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return (date.fromisoformat(text) - back).isoformat()
    if back and fullmatch(r"\d{4}-\d{2}-\d{2}T\S+", text):
        return later(text, -back)
    return text
