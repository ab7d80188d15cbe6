"""定标阶段: the candidates."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, FORMED, Within
from hub.schemas.common_rules import in_order, plausible, price_form, sections_of_project
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.rules import Check, Rule, Ruled, following, rule
from hub.schemas.shared import (
    PROJECT_DISCLOSERS,
    Achievement,
    Currency,
    Price,
    PriceForm,
    PriceUnit,
    SubjectRole,
    SubjectType,
)
from hub.schemas.tender.base import SectionKind, TenderKind
from hub.schemas.types import (
    Code,
    Count,
    Date,
    DealCodes,
    IdNumber,
    Instant,
    PartyCodes,
    SectionCode,
    SectionCodes,
    ShortText,
    Str,
    Text,
    Url,
    YesNo,
)

CANDIDATE_SECTION = Rule(
    "candidate-section",
    "中标候选人的标段（包）编号须列在 bid_section_codes 中",
    "a candidate's section is one of `bid_section_codes`",
)
CANDIDATE_COUNT = Rule(
    "candidate-count",
    "每个标段（包）的中标候选人应为 1 至 3 名（招标投标法实施条例 第五十三条）",
    "every section has one to three candidates (招标投标法实施条例 第五十三条)",
)
CANDIDATE_ORDER = Rule(
    "candidate-order",
    "同一标段（包）中标候选人的排名应自 1 起且不重复",
    "the candidates of a section are ranked from 1, and no two alike",
)
PUBLICITY_PERIOD = Rule(
    "publicity-period",
    "公示期不得少于 3 日（招标投标法实施条例 第五十四条）",
    "the candidates are published for at least three days (招标投标法实施条例 第五十四条)",
)
CANDIDATE_RANK = Rule(
    "candidate-rank",
    "中标候选人的排名应为 1 至 3（招标投标法实施条例 第五十三条）",
    "a candidate is ranked first, second or third (招标投标法实施条例 第五十三条)",
)
PUBLISHED_ANEW = Rule(
    "publicity-anew",
    "变更中标候选人的，须重新公示，公示结束时间须晚于原结束时间",
    "other candidates are published anew: the publicity ends later than before",
)


class Certificate(Part):
    """证书: a certificate of the project manager."""

    cert_name: ShortText = field("证书名称", element=None)
    cert_no: ShortText = field("证书编号", element=None)


class PersonalAchievement(Achievement):
    """个人业绩: a contract that the project manager carried out."""

    role: ShortText | None = field("担任职务", element=None, default=None)


class Recommended(Ruled):
    """What is published of one bidder that the evaluation committee recommends (dataset 510, TENDER_CANDIDATE)."""

    win_candidate_name: ShortText = field("中标候选人名称")
    bidder_code_type: SubjectType = field("中标候选人类别")
    win_candidate_code: PartyCodes = field("中标候选人代码", party_code=True)
    bidder_role: SubjectRole = field("中标候选人角色")
    win_candidate_order: Annotated[int, Count(2)] = field("中标候选人排名")
    is_float_rate: YesNo = field("是否采用下浮率", scope=Scope.GOVERNMENT)
    evaluation_result: Text = field("评分结果")
    price_form_code: PriceForm = field("价款形式代码")
    bid_price: Price | None = field("投标价格", default=None)
    other_bid_price: Text | None = field("费率或其它类型报价", default=None)
    price_currency: Currency | None = field("价格币种代码", default=None)
    price_unit: PriceUnit | None = field("价格单位", element="PRICE_UINT", default=None)
    quality: Text = field("质量")
    evaluation_status: Text = field("评标情况")
    win_candidate_qualification: Text = field("中标候选人响应招标文件的资格能力条件")
    time_limit: Annotated[str, Str(100)] = field("工期(交货期)", element=None)
    project_manager_name: Annotated[str, Str(100)] = field("项目负责人姓名", element=None)
    project_manager_certs: list[Certificate] = field(
        "项目负责人证书名称和编号", element=None, min_length=1, max_length=20
    )
    project_manager_id: IdNumber | None = field(
        "项目负责人证件号", scope=Scope.GOVERNMENT, element=None, party_code=True, default=None
    )
    personal_achievements: list[PersonalAchievement] = field(
        "项目负责人个人业绩", element=None, description="May be empty, but not left out.", max_length=100
    )
    bidder_achievements: list[Achievement] | None = field("候选人业绩", element=None, default=None, max_length=100)

    amount_given, currency_given, unit_given, text_given = price_form(
        amount="bid_price", currency="price_currency", unit="price_unit", other="other_bid_price"
    )
    plausible_price: ClassVar[Check] = plausible("bid_price", "price_unit")


class Candidate(Recommended, Part):
    """中标候选人: one of the candidates that a publicity lists, of one of its sections."""

    bid_section_code: SectionCode = field("标段（包）编号")


class WinningCandidate(Recommended, SectionKind):
    """中标候选人: one candidate of a section by itself, as dataset 510 has it.

    招标公告和公示信息发布管理办法（国家发展改革委令第10号）第六条 says what is published of each candidate, 招标投标法实施条例
    第五十四条 within which time.
    """

    stage = Stage.AWARD
    discloser = PROJECT_DISCLOSERS
    clocks = (
        Within(id="D-CAND3", days=3, of=FORMED, basis="招标投标法实施条例 第五十四条", working=False),
        AT_ONCE,
    )
    dataset = 510
    dataset_name = "TENDER_CANDIDATE"
    ggzy_stage = "0104"
    natural_key = ("bid_section_code", "win_candidate_order", "win_candidate_code")
    label = "win_candidate_name"
    basis = "招标公告和公示信息发布管理办法（国家发展改革委令第10号）第六条；招标投标法实施条例 第五十三条、第五十四条"

    @rule(at="win_candidate_order")
    def one_of_three(self) -> PydanticCustomError | None:
        return None if 1 <= self.win_candidate_order <= 3 else CANDIDATE_RANK()


class WinningCandidatePublicity(TenderKind):
    """中标候选人公示: the ranked candidates of each section, open to objection for at least three days.

    招标投标法实施条例 第五十四条: published within three days of the evaluation report, for three days at least;
    招标公告和公示信息发布管理办法（国家发展改革委令第10号）第六条 says what is published of each candidate.
    """

    stage = Stage.AWARD
    discloser = PROJECT_DISCLOSERS
    clocks = (
        Within(id="D-CAND3", days=3, of="report_received_date", basis="招标投标法实施条例 第五十四条", working=False),
        AT_ONCE,
    )
    dataset = 511
    dataset_name = "TENDER_CANDIDATE_ANNOUNCE"
    ggzy_stage = "0104"
    natural_key = ("tender_project_code", "publicity_name", "publicity_start_time")
    label = "publicity_name"
    basis = "招标投标法实施条例 第五十四条；招标公告和公示信息发布管理办法（国家发展改革委令第10号）第六条"

    bid_section_codes: SectionCodes = field("相关标段（包）编号")
    unified_deal_code: DealCodes = field("相关统一交易标识码", scope=Scope.GOVERNMENT)
    publicity_name: Annotated[str, Str(600)] = field("公示标题")
    publicity_content: Text = field("公示内容")
    publicity_refer_time: Instant = field("公示提交时间")
    notice_media: Annotated[str, Str(1000)] = field("公示发布媒体")
    url: Url = field("公示源URL")
    publicity_type: Annotated[str, Code("publicity_type")] = field("公示类型")
    publicity_start_time: Instant = field("公示开始时间")
    publicity_end_time: Instant = field("公示结束时间")
    objection_method: Text = field("提出异议的渠道和方式")
    other_content: Text | None = field("其他内容", default=None)
    bulletin_duty: Annotated[str, Str(50)] = field("公示发布责任人")
    examiner_name: Annotated[str, Str(50)] = field("交易平台数据验证责任人姓名")
    candidates: list[Candidate] = field("中标候选人", element=None, min_length=1, max_length=2997)
    report_received_date: Date | None = field("收到评标报告日期", scope=Scope.GOVERNMENT, element=None, default=None)

    sections_belong: ClassVar[Check] = sections_of_project("bid_section_codes")
    publicity_in_order: ClassVar[Check] = in_order("publicity_start_time", "publicity_end_time")

    @rule(at="publicity_end_time")
    def at_least_three_days(self) -> PydanticCustomError | None:
        lasts = self.publicity_end_time - self.publicity_start_time
        return PUBLICITY_PERIOD() if timedelta(0) <= lasts < timedelta(days=3) else None

    @rule(at="candidates")
    def candidates_belong_to_the_sections(self) -> PydanticCustomError | None:
        known = set(self.bid_section_codes)
        return None if all(one.bid_section_code in known for one in self.candidates) else CANDIDATE_SECTION()

    @rule(at="candidates")
    def one_to_three_a_section(self) -> PydanticCustomError | None:
        counts = Counter(one.bid_section_code for one in self.candidates)
        return None if all(1 <= counts[code] <= 3 for code in self.bid_section_codes) else CANDIDATE_COUNT()

    @rule(at="candidates")
    def ranked_once(self) -> PydanticCustomError | None:
        ranks = [(one.bid_section_code, one.win_candidate_order) for one in self.candidates]
        wrong = len(set(ranks)) < len(ranks) or any(rank < 1 for _, rank in ranks)
        return CANDIDATE_ORDER() if wrong else None

    def ranking(self) -> Mapping[tuple[str, int], object]:
        """Who is recommended at what price, by section and rank."""
        return {
            (one.bid_section_code, one.win_candidate_order): (
                one.win_candidate_code,
                one.bid_price,
                one.other_bid_price,
            )
            for one in self.candidates
        }

    @following(at="publicity_end_time")
    def other_candidates_are_published_anew(self, previous: Self) -> PydanticCustomError | None:
        if self.ranking() == previous.ranking() or self.publicity_end_time > previous.publicity_end_time:
            return None
        return PUBLISHED_ANEW()
