"""What each sample platform pushes: project chains, corrections, withdrawals, repeated pushes and mistakes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from hub.demo.samples import (
    EXAMPLE_PLATFORM,
    Mint,
    blacklist_entry,
    corrected,
    land_announcement,
    later,
    mint_for,
    one_of_each,
    penalty,
    procurement_chain,
    published_late,
    tender_chain,
    withdrawal,
)
from hub.demo.steps import Refusal, SamplePlatform, Script, Step, push
from hub.schemas.kind import Domain

TENDERS = SamplePlatform(EXAMPLE_PLATFORM, "福州市公共资源交易平台（样例）")
PROCUREMENTS = SamplePlatform("12350000M00011025G", "福建省政府采购交易系统（样例）")
LANDS = SamplePlatform("12350100M00011033G", "福州市土地交易系统（样例）", regions="3501")
CREDITS = SamplePlatform("11350100M000101459", "榕溪新区信用信息平台（样例）")
HOUSES = SamplePlatform("12350100M0001105X3", "福州市住房保障信息系统（样例）")

INVALID = "invalid-submission"
EACH = 50
"""The number of the project that has one record of every kind."""


def sample_scripts(now: datetime) -> list[Script]:
    """The scripts of a run of the demo that starts `now`: some 300 requests of five platforms, with every kind in them."""
    stories = (
        (TENDERS, _tenders),
        (PROCUREMENTS, _procurements),
        (LANDS, _lands),
        (CREDITS, _credits),
        (HOUSES, _houses),
    )
    return [Script(platform, list(story(mint_for(platform.code, now), now))) for platform, story in stories]


def some_to_try(now: datetime, count: int) -> list[dict[str, Any]]:
    """Tender notices of `TENDERS` that no script has, for a person to push."""
    mint = mint_for(TENDERS.code, now)
    return [tender_chain(mint, number)[0] for number in range(900, 900 + count)]


def _tenders(mint: Mint, now: datetime) -> Iterator[Step]:
    for number in range(1, 10):
        chain = tender_chain(mint, number)
        steps = [push(record) for record in chain]
        match number % 3:
            case 0:
                steps.insert(1, _correction(chain[0], "招标文件获取截止时间延长"))
                steps.insert(4, _again(steps[0]))
            case 1:
                steps.append(_correction(chain[4], "中标结果公告笔误"))
            case 2:
                steps.append(_withdraw(chain[6], "履约报告重复报送"))
        yield from steps
    yield from map(push, one_of_each(mint, EACH, Domain.TENDER))
    notice = tender_chain(mint, 10)[0]
    yield _wrong(notice, Refusal(422, INVALID, "uscc-check"), "校验码错误 wrong check character", tenderer_code=_typo)
    yield _wrong(notice, Refusal(422, INVALID, "required"), "缺少必填项 missing field", tenderer_name=None)
    not_cleared = notice | {"secrecy_review": "pending"}
    yield push(not_cleared, refusal=Refusal(422, "secrecy-not-cleared"), what="保密审查未通过 secrecy not cleared")
    future = notice | {"data_timestamp": (now + timedelta(days=2)).isoformat(timespec="seconds")}
    refusal = Refusal(422, INVALID, "data-timestamp-future")
    yield push(future, refusal=refusal, what="时间戳晚于当前时间 time in the future")


def _procurements(mint: Mint, _now: datetime) -> Iterator[Step]:
    for number in range(1, 11):
        chain = procurement_chain(mint, number)
        steps = [push(record) for record in chain]
        if number % 3 == 0:
            steps.insert(2, _correction(chain[0], "采购需求表述更正"))
        if number % 4 == 0:
            steps.append(_withdraw(chain[3], "合同公告重复报送"))
        if number % 5 == 0:
            steps.append(_again(steps[0]))
        yield from steps
    yield from map(push, one_of_each(mint, EACH, Domain.PROCUREMENT))
    first = procurement_chain(mint, 1)[0]
    other = first | {"legal_basis": ["政府采购法 第十一条"]}
    yield push(other, refusal=Refusal(409, "conflict"), what="同一时间戳不同内容 same time, other content")
    stale = corrected(first, "迟到的旧版本") | {"data_timestamp": later(first["data_timestamp"], timedelta(days=-1))}
    yield push(stale, refusal=Refusal(409, "stale-version"), what="旧版本 older than the current version")
    silent = first | {"data_timestamp": later(first["data_timestamp"], timedelta(hours=1))}
    yield push(
        silent, refusal=Refusal(409, "illegal-change", "no-change"), what="变更未说明原因 change without a reason"
    )
    withdrawn = corrected(procurement_chain(mint, 4)[3], "撤回后再报")
    withdrawn["data_timestamp"] = later(withdrawn["data_timestamp"], timedelta(days=5))
    refusal = Refusal(409, "illegal-change", "after-withdrawal")
    yield push(withdrawn, refusal=refusal, what="撤回后再报 version after a withdrawal")


def _lands(mint: Mint, _now: datetime) -> Iterator[Step]:
    for number in range(1, 17):
        record = land_announcement(mint, number)
        if number == 5:
            yield push(published_late(record, 60), what="超过时限公开 published after its time limit")
            continue
        yield (first := push(record))
        if number % 4 == 0:
            yield _correction(record, "竞买保证金到账时间调整")
        if number % 6 == 0:
            yield _withdraw(record, "规划条件调整，撤回出让公告")
        if number % 8 == 1:
            yield _again(first)
    yield from map(push, one_of_each(mint, EACH, Domain.LAND, Domain.MINING, Domain.PROPERTY))
    record = land_announcement(mint, 17)
    elsewhere = record | {"region_code": "350200"}
    yield push(elsewhere, refusal=Refusal(403, "forbidden"), what="密钥不含该地区 region not of this key")
    yield _wrong(record, Refusal(422, INVALID, "date-format"), "日期写作 yyyyMMdd date", end_date=_without_hyphens)
    yield _wrong(record, Refusal(422, INVALID, "code-unknown"), "代码表外的代码 unknown code", price_unit="7")


def _credits(mint: Mint, _now: datetime) -> Iterator[Step]:
    for number in range(1, 17):
        record = penalty(mint, number)
        yield (first := push(record))
        if number % 2 == 0:
            yield push(blacklist_entry(mint, number))
        if number % 4 == 1:
            yield _correction(record, "处罚内容表述更正", cf_nr="罚款 39.93 万元，没收违法所得 5.20 万元，已缴清。")
        if number % 5 == 0:
            yield _withdraw(record, "行政复议撤销原处罚决定")
        if number % 8 == 3:
            yield _again(first)
    yield from map(push, one_of_each(mint, EACH, Domain.CREDIT))
    record = penalty(mint, 17)
    refusal = Refusal(422, INVALID, "date-format")
    yield _wrong(record, refusal, "决定日期写作 yyyyMMdd date", cf_jdrq=_without_hyphens)
    yield _wrong(record, Refusal(422, INVALID, "required"), "缺少处罚依据 missing basis", cf_yj=None)


def _houses(mint: Mint, _now: datetime) -> Iterator[Step]:
    records = one_of_each(mint, EACH, Domain.HOUSING, Domain.SUPERVISION, Domain.OTHER, Domain.COMMON)
    yield from map(push, records)


def _correction(record: dict[str, Any], reason: str, **fields: str) -> Step:
    return push(corrected(record, reason, **fields), what="更正 correction")


def _withdraw(record: dict[str, Any], reason: str) -> Step:
    body = orjson.dumps(withdrawal(record, reason))
    return Step(record["kind"], record["data_key"], body, withdraws=True, what="撤回 withdrawal")


def _again(step: Step) -> Step:
    return replace(step, what="重复报送 repeated push")


def _wrong(record: dict[str, Any], refusal: Refusal, what: str, **fields: Any) -> Step:
    """A push with mistakes in the body: a value, a function of the right value, or None to leave the field out."""
    body = dict(record["body"])
    for name, wrong in fields.items():
        if wrong is None:
            del body[name]
        else:
            body[name] = wrong(body[name]) if callable(wrong) else wrong
    return push(record | {"body": body}, refusal=refusal, what=what)


def _typo(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def _without_hyphens(day: str) -> str:
    return day.replace("-", "")
