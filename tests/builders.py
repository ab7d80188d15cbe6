"""Submissions and codes for tests: plain functions, so that a test names only what it is about.

Every builder starts from the kind's golden example and gives it a key and a time of its own. Keyword arguments change
it: `region_code="350200"`, deep ones as `body__notice_name="…"` or `body__parcels__0__deposit="1"`; `...` leaves a
member out.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zlib import crc32

import orjson

from hub.schemas.examples import example, example_bytes
from hub.schemas.types import deal_code_check, id_check, org_check, uscc_check

_serial = count(1)


def a_submission(kind: str, **changes: Any) -> dict[str, Any]:
    """A valid submission of the kind named, with a `data_key` that no other one has and a later `data_timestamp`."""
    return _fresh(example(kind), changes)


def a_later_version(submission: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A correction of `submission`: the same record an hour later, with a reason."""
    later: dict[str, Any] = orjson.loads(orjson.dumps(submission))
    instant = _later(submission["data_timestamp"], timedelta(hours=1))
    later |= {"data_timestamp": instant, "changed_at": instant, "change": {"reason": "更正笔误"}}
    return _changed(later, changes)


def without(submission: dict[str, Any], *path: str | int) -> dict[str, Any]:
    """The submission without one member, e.g. `without(notice, "body", "url")`."""
    return _changed(orjson.loads(orjson.dumps(submission)), {"__".join(map(str, path)): ...})


def a_tender_notice(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """招标公告 of a tender project: its code, or a number or name that stands for one."""
    return _of_project("tender_notice", project, changes)


def a_prequalification_result(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """资格预审结果 of a tender project."""
    return _of_project("prequalification_result", project, changes)


def a_bid_opening_record(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """开标记录 of a tender project."""
    return _of_project("bid_opening_record", project, changes)


def a_winning_candidate_publicity(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """中标候选人公示 of a tender project."""
    return _of_project("winning_candidate_publicity", project, changes)


def a_win_result_notice(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """中标结果公告 of a tender project."""
    return _of_project("win_result_notice", project, changes)


def a_tender_contract(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """合同订立信息 of a tender project."""
    return _of_project("tender_contract", project, changes)


def a_tender_performance(project: int | str | None = None, **changes: Any) -> dict[str, Any]:
    """合同履行信息 of a tender project."""
    return _of_project("tender_performance", project, changes)


def a_procurement_notice(project: str | None = None, **changes: Any) -> dict[str, Any]:
    """采购项目公告 of a procurement project, by its code."""
    return _of_procurement("procurement_notice", project, changes)


def a_procurement_correction(project: str | None = None, **changes: Any) -> dict[str, Any]:
    """更正事项 of a procurement project."""
    return _of_procurement("procurement_correction", project, changes)


def a_procurement_result(project: str | None = None, **changes: Any) -> dict[str, Any]:
    """采购结果 of a procurement project."""
    return _of_procurement("procurement_result", project, changes)


def a_procurement_contract(project: str | None = None, **changes: Any) -> dict[str, Any]:
    """采购合同 of a procurement project."""
    return _of_procurement("procurement_contract", project, changes)


def a_land_transfer_announcement(announcement: str | None = None, **changes: Any) -> dict[str, Any]:
    """出让公告 with this identifier."""
    guid = example("land_transfer_announcement")["body"]["announcement_guid"]
    return _renamed("land_transfer_announcement", guid, announcement or guid, changes)


def an_administrative_penalty(subject: str | None = None, **changes: Any) -> dict[str, Any]:
    """行政处罚 of the body with this unified social credit code."""
    code = example("administrative_penalty")["body"]["cf_xdr_shxym"]
    return _renamed("administrative_penalty", code, subject or code, changes)


def a_penalty_of_a_person(id_number: str | None = None, **changes: Any) -> dict[str, Any]:
    """行政处罚 of a natural person."""
    person = {
        "body__cf_xdr_mc": "章之遥",
        "body__cf_xdr_lb": "自然人",
        "body__cf_xdr_shxym": ...,
        "body__cf_frdb": ...,
        "body__cf_xdr_zjlx": "身份证",
        "body__cf_xdr_zjhm": id_number or an_id_number(),
    }
    return a_submission("administrative_penalty", **(person | changes))


def a_blacklist_entry(subject: str | None = None, **changes: Any) -> dict[str, Any]:
    """黑名单信息 of the party with this code."""
    code = example("blacklist_entry")["body"]["body_code"]
    return _renamed("blacklist_entry", code, subject or code, changes)


def a_tender_project_code(project: int | str = 1) -> str:
    """招标项目编号 for a number or a name; a code of 20 characters stays what it is."""
    if isinstance(project, str) and len(project) == 20:
        return project
    number = crc32(project.encode()) if isinstance(project, str) else project
    return f"A350100{number:010d}001"


def a_section_code(project: int | str = 1, number: int = 1) -> str:
    """标段（包）编号 in that tender project."""
    return f"{a_tender_project_code(project)}{number:03d}"


def a_uscc(number: int = 1, prefix: str = "91350100") -> str:
    """统一社会信用代码 of a company that does not exist."""
    body = f"MT{number:06d}"
    first = f"{prefix}{body}{org_check(body)}"
    return first + uscc_check(first)


def an_id_number(number: int = 1) -> str:
    """公民身份号码 of a person who does not exist."""
    first = f"350102{19900101 + number % 28}{number % 1000:03d}"
    return first + id_check(first)


def a_deal_code(number: int = 1, platform: str | None = None) -> str:
    """统一交易标识码 of a deal on that platform."""
    parts = ("A02", platform or a_uscc(), "20260316", f"{number:06d}")
    return "-".join((*parts, deal_code_check("".join(parts))))


def _of_project(kind: str, project: int | str | None, changes: dict[str, Any]) -> dict[str, Any]:
    code = example(kind)["body"]["tender_project_code"]
    return _renamed(kind, code, code if project is None else a_tender_project_code(project), changes)


def _of_procurement(kind: str, project: str | None, changes: dict[str, Any]) -> dict[str, Any]:
    code = example(kind)["body"]["purchase_project_code"]
    return _renamed(kind, code, project or code, changes)


def _renamed(kind: str, old: str, new: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The kind's example with a code replaced wherever it stands, in section codes too."""
    return _fresh(orjson.loads(example_bytes(kind).replace(old.encode(), new.encode())), changes)


def _fresh(submission: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    number = next(_serial)
    submission["data_key"] = f"T{number:021d}"
    submission["data_timestamp"] = _later(submission["data_timestamp"], timedelta(seconds=number))
    return _changed(submission, changes)


def _changed(submission: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for path, value in changes.items():
        *way, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        place: Any = submission
        for step in way:
            place = place[step]
        if value is ...:
            place.pop(last, None)
        else:
            place[last] = value
    return submission


def _later(instant: str, by: timedelta) -> str:
    return (datetime.fromisoformat(instant) + by).isoformat()
