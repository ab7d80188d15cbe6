"""The map of the opinion: every phrase of part two of 国办发〔2017〕97号 has its kinds, and their records arrive."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.schemas.examples import example
from hub.schemas.kind import Stage, kinds
from hub.sync.target import wanted_by
from tests.hub import Document
from tests.sync.exchange import NAMES, Exchange, an_exchange

OPINION: dict[str, tuple[str, ...]] = {
    "1.1 城镇保障性安居工程规划建设方案": ("housing_construction_scheme",),
    "1.2 年度建设计划·建设计划任务量": ("housing_annual_plan",),
    "1.3 年度建设计划·计划项目信息": ("housing_planned_project",),
    "1.4 年度建设计划·计划户型": ("housing_planned_unit_type",),
    "1.5 建设计划完成情况·计划任务完成进度": ("housing_plan_progress",),
    "1.6 建设计划完成情况·已开工项目基本信息": ("housing_started_project",),
    "1.7 建设计划完成情况·已竣工项目基本信息": ("housing_completed_project",),
    "1.8 建设计划完成情况·配套设施建设情况": ("housing_supporting_facility",),
    "1.9 农村危房改造·政策": ("rural_renovation_policy",),
    "1.10 农村危房改造·对象认定过程": ("rural_renovation_recognition",),
    "1.11 农村危房改造·补助资金分配": ("rural_renovation_subsidy",),
    "1.12 农村危房改造·改造结果": ("rural_renovation_result",),
    "1.13 住房分配·保障性住房分配政策": ("housing_allocation_policy",),
    "1.14 住房分配·分配对象": ("housing_allocation_target",),
    "1.15 住房分配·分配房源": ("housing_allocation_source",),
    "1.16 住房分配·分配程序": ("housing_allocation_procedure",),
    "1.17 住房分配·分配过程": ("housing_allocation_process",),
    "1.18 住房分配·分配结果": ("housing_allocation_result", "housing_exit"),
    "2.1 土地供应计划": ("land_supply_plan",),
    "2.2 土地出让公告": ("land_transfer_announcement",),
    "2.3 土地成交公示": ("land_deal_publicity",),
    "2.4 土地供应结果": ("land_supply_result",),
    "3.1 矿业权出让公告公示": (
        "mining_transfer_announcement",
        "mining_transfer_result",
        "mining_other_mode_publicity",
    ),
    "3.2 矿业权审批结果信息": ("mining_registration_result", "mining_area_delimitation", "administrative_license"),
    "3.3 矿业权项目信息": ("mining_project_info",),
    "4.1 采购项目公告": (
        "procurement_notice",
        "procurement_project",
        "procurement_single_source_publicity",
        "procurement_correction",
        "procurement_termination",
        "procurement_intention",
    ),
    "4.2 采购文件": ("procurement_document",),
    "4.3 采购项目预算金额": ("procurement_budget", "procurement_project"),
    "4.4 采购结果": ("procurement_result",),
    "4.5 采购合同": ("procurement_contract", "procurement_acceptance"),
    "4.6 财政部门作出的投诉处理决定": ("procurement_complaint_decision", "complaint_record"),
    "4.7 财政部门作出的监督检查等处理决定": ("procurement_supervision_decision", "administrative_penalty"),
    "4.8 对集中采购机构的考核结果": ("procurement_agency_assessment",),
    "4.9 违法失信行为记录": ("procurement_dishonest_record", "violation_record"),
    "5.1 产权交易决策及批准信息": ("property_decision_approval",),
    "5.2 交易项目信息": (
        "property_listing",
        "equity_listing",
        "property_target_enterprise",
        "property_target_shareholder",
        "property_pre_disclosure",
    ),
    "5.3 转让价格": ("property_transfer_price",),
    "5.4 交易价格": ("property_trade_result", "equity_trade_result"),
    "5.5 相关中介机构审计结果": ("property_audit_result", "property_target_enterprise"),
    "6.1 依法必须招标项目的审批核准备案信息": ("tender_approval_record", "administrative_license"),
    "6.2 市场主体信用信息": (
        "market_entity",
        "entity_qualification",
        "entity_trade_performance",
        "violation_record",
        "blacklist_entry",
        "blacklist_withdrawal",
        "reward_record",
        "performance_credit",
        "social_credit",
        "bidding_violation_announcement",
        "practitioner",
        "practitioner_qualification",
        "practitioner_performance",
        "natural_person_party",
    ),
    "6.3 招标公告": ("tender_notice", "tender_plan", "tender_invitation", "prequalification_notice"),
    "6.3a 招标条件": ("tender_notice", "tender_investment_project"),
    "6.3b 项目概况与招标范围": ("tender_notice", "tender_project", "tender_section"),
    "6.3c 投标人资格要求": ("tender_notice", "tender_section"),
    "6.3d 招标文件获取": ("tender_notice", "tender_document"),
    "6.3e 投标文件递交": ("tender_notice", "bid_guarantee"),
    "6.4 中标候选人": ("winning_candidate", "winning_candidate_publicity"),
    "6.4a 排序": ("winning_candidate",),
    "6.4b 名称": ("winning_candidate",),
    "6.4c 投标报价": ("winning_candidate",),
    "6.4d 工期": ("winning_candidate",),
    "6.4e 评标情况": ("winning_candidate", "evaluation_report"),
    "6.4f 项目负责人": ("winning_candidate",),
    "6.4g 个人业绩": ("winning_candidate",),
    "6.4h 有关证书及编号": ("winning_candidate",),
    "6.4i 投标文件中填报的资格能力条件": ("winning_candidate",),
    "6.4j 提出异议的渠道和方式": ("winning_candidate_publicity",),
    "6.5 中标结果": ("win_result_notice",),
    "6.6 合同订立": ("tender_contract",),
    "6.7 合同履行": ("tender_performance", "performance_credit"),
    "X.1 公共资源配置黑名单": ("blacklist_entry", "blacklist_withdrawal"),
    "X.2 公共资源交易公告": (
        "tender_notice",
        "procurement_notice",
        "land_transfer_announcement",
        "mining_transfer_announcement",
        "property_listing",
        "equity_listing",
        "other_trade_notice",
    ),
    "X.3 资格审查结果": (
        "prequalification_result",
        "procurement_prequalification_result",
        "housing_allocation_target",
        "prequalification_application",
    ),
    "X.4 交易过程信息": (
        "bid_opening_record",
        "bidder_list",
        "evaluation_expert",
        "evaluation_report",
        "tender_document",
        "prequalification_document",
        "procurement_opening_record",
        "procurement_supplier_list",
        "tender_objection",
        "housing_allocation_process",
        "rural_renovation_recognition",
    ),
    "X.5 成交信息": (
        "winning_candidate",
        "winning_candidate_publicity",
        "win_result_notice",
        "procurement_result",
        "land_deal_publicity",
        "mining_transfer_result",
        "property_trade_result",
        "equity_trade_result",
        "housing_allocation_result",
        "other_trade_result",
    ),
    "X.6 履约信息": (
        "tender_contract",
        "tender_performance",
        "procurement_contract",
        "procurement_acceptance",
        "performance_credit",
        "land_supply_result",
        "housing_plan_progress",
    ),
    "X.7 变更信息": ("change_notice", "procurement_correction", "procurement_termination", "tender_abnormality"),
    "X.8 信用信息": (
        "administrative_license",
        "administrative_penalty",
        "procurement_dishonest_record",
        "blacklist_entry",
        "violation_record",
        "reward_record",
        "bidding_violation_announcement",
    ),
    "X.9 行政许可、行政处罚": ("administrative_license", "administrative_penalty"),
    "X.11 监督检查": ("admin_supervision_item", "project_alert", "complaint_record", "expert_credit_record"),
}
"""The phrases, and the kinds that carry what each of them asks for.

X.10 政府信息公开申请答复, the answer to a citizen's request, has no kind: it is an act of an agency towards one applicant
(政府信息公开条例 第三十三条、第三十六条), with that person's data, and no platform makes or pushes it. What the hub has of
it is the record that is disclosed on request only: `test_what_is_disclosed_on_request_is_seen_to_exist` pushes one.
"""

CARRIES = {
    "6.3a": ("tender_notice", "tender_conditions"),
    "6.3b": ("tender_notice", "tender_scope"),
    "6.3c": ("tender_notice", "bidder_qualification"),
    "6.3d": ("tender_notice", "tender_doc_get_method"),
    "6.3e": ("tender_notice", "bid_doc_refer_method"),
    "6.4a": ("winning_candidate", "win_candidate_order"),
    "6.4b": ("winning_candidate", "win_candidate_name"),
    "6.4c": ("winning_candidate", "bid_price"),
    "6.4d": ("winning_candidate", "time_limit"),
    "6.4e": ("winning_candidate", "evaluation_status"),
    "6.4f": ("winning_candidate", "project_manager_name"),
    "6.4g": ("winning_candidate", "personal_achievements"),
    "6.4h": ("winning_candidate", "project_manager_certs"),
    "6.4i": ("winning_candidate", "win_candidate_qualification"),
    "6.4j": ("winning_candidate_publicity", "objection_method"),
}
"""The items of a notice, by the field that holds them."""

pytestmark = pytest.mark.anyio
every_phrase = pytest.mark.parametrize("phrase", OPINION)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class Arrived:
    """Where the example of each kind was found after all of them were pushed."""

    def __init__(self) -> None:
        self.ledger: dict[str, Document] = {}
        self.feed: dict[str, list[Document]] = {}
        self.targets: dict[str, set[str]] = {}


@pytest.fixture(scope="module")
async def arrived(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Arrived]:
    """Every kind's example pushed to one hub and delivered to both targets."""
    directory = tmp_path_factory.mktemp("opinion")
    found = Arrived()
    url = f"sqlite+aiosqlite:///{directory / 'hub.sqlite3'}"
    async with an_exchange(url, directory) as exchange, exchange.working():
        yield await _pushed(exchange, found)


async def _pushed(exchange: Exchange, found: Arrived) -> Arrived:
    examples = [example(name) for name in kinds()]
    await exchange.national.dial(require_parents=False)
    for receipt in await exchange.platform.push(*examples):
        found.ledger[receipt["record"].split("/")[1]] = receipt
    await exchange.all_delivered(len(examples))
    await exchange.all_delivered(sum("credit" in wanted_by(kind) for kind in kinds().values()), "credit")
    feed: Any = await exchange.hub.public.read("/v1/feed", limit=1000)
    for entry in feed["entries"]:
        found.feed.setdefault(entry["record"].split("/")[1], []).append(entry)
    for name, received in (("national", exchange.national), ("credit", exchange.credit)):
        for item in await received.items():
            found.targets.setdefault(item["kind"], set()).add(name)
    return found


@every_phrase
async def test_every_phrase_of_the_opinion_arrives_where_it_belongs(phrase: str, arrived: Arrived) -> None:
    for name in OPINION[phrase]:
        assert arrived.ledger[name]["number"] == 1
        assert [entry["position"] for entry in arrived.feed[name]] == [arrived.ledger[name]["position"]]
        assert arrived.targets[name] == set(NAMES).intersection(wanted_by(kinds()[name]))
        assert "national" in arrived.targets[name]


@pytest.mark.parametrize("phrase", [phrase for phrase in OPINION if phrase.startswith("X.8")])
async def test_credit_information_reaches_the_credit_platform_too(phrase: str, arrived: Arrived) -> None:
    for name in OPINION[phrase]:
        assert arrived.targets[name] == {"national", "credit"}


@pytest.mark.parametrize("item", CARRIES)
async def test_the_items_of_a_notice_have_fields_of_their_own(item: str, arrived: Arrived) -> None:
    kind, field = CARRIES[item]

    assert arrived.feed[kind][0]["document"]["body"][field]


async def test_what_is_disclosed_on_request_is_seen_to_exist(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite3'}"
    async with an_exchange(url, tmp_path) as exchange, exchange.working():
        await exchange.national.dial(require_parents=False)
        (receipt,) = await exchange.platform.push(example("tender_contract") | {"disclosure": "on_request"})
        await exchange.all_delivered(1)
        feed: Any = await exchange.hub.public.read("/v1/feed")
        received = [item["kind"] for item in await exchange.national.items()]

    (entry,) = feed["entries"]
    assert (entry["record"], entry["withheld"]["ground"]) == (receipt["record"], "on_request")
    assert entry["withheld"]["basis"]
    assert "document" not in entry
    assert received == ["tender_contract"]


def test_no_kind_stands_outside_the_opinion() -> None:
    carried = {name for names in OPINION.values() for name in names}

    assert set(kinds()) == carried


def test_every_announcement_is_one_of_a_field_that_trades() -> None:
    announced = {kind.domain.value for kind in kinds().values() if kind.stage is Stage.ANNOUNCEMENT}

    assert {"housing", "land", "mining", "procurement", "property", "tender", "other"} <= announced
