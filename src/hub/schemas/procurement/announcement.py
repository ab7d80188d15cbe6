"""采购公告阶段."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import FIRST_DAY, as_many, in_order, short_by_first_day, too_short
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.procurement.base import Contacts, NamedProject
from hub.schemas.procurement.budget_rules import ceiling_within_budget
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import PROJECT_DISCLOSERS, Currency, Price, PriceUnit
from hub.schemas.types import Code, Count, DealCodes, Instant, ShortText, Str, Text, Url, YesNo

SUBMIT_END = Rule(
    "submit-end",
    "须与投标（提交响应文件）截止时间 bid_closing_time 一致",
    "must be the same instant as `bid_closing_time`",
)
NOTICE_PERIOD = Rule(
    "notice-period",
    "该类公告的公告期限不得少于 {days} 个工作日",
    "a notice of this type stands for at least {days} working days",
)
PROCUREMENT_DOCUMENTS = Rule(
    "procurement-documents",
    "招标文件、资格预审文件的提供期限不足 {days} 个工作日（政府采购法实施条例 第二十一条、第三十一条）",
    "the documents are offered for less than {days} working days (政府采购法实施条例 第二十一条、第三十一条)",
)
PROCUREMENT_PREPARATION = Rule(
    "procurement-preparation",
    "自招标文件开始发出至投标截止不足 20 日（政府采购法 第三十五条）",
    "less than twenty days from the first issue of the documents to the bid deadline (政府采购法 第三十五条)",
)

TENDER, PREQUALIFICATION, SINGLE_SOURCE = "1", "2", "6"
"""Codes of `procurement_notice_type`."""


class ProcurementNotice(Contacts, NamedProject):
    """采购项目公告: the call for suppliers, whatever the procurement mode, with its budget.

    财办库〔2020〕50号 gives the contents of each type of notice; 财库〔2015〕135号 asks for the budget; 政府采购法实施条例
    第三十一条 and 政府采购货物和服务招标投标管理办法（财政部令第87号）第十六条 give the periods.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 551
    dataset_name = "PURCHASE_QUALI_INQUERY_ANN"
    ggzy_stage = "0201"
    natural_key = ("purchase_project_code", "bulletin_title", "bulletin_start_time")
    label = "bulletin_title"
    basis = "财办库〔2020〕50号；财库〔2015〕135号"

    bulletin_bid_num: Annotated[int, Count(2)] = field("公告子包数量")
    purchase_section_code: list[Annotated[str, Str(50)]] = field("相关采购项目子包编号", min_length=1, max_length=99)
    unified_deal_code: DealCodes = field("相关统一交易标识码", scope=Scope.GOVERNMENT)
    bulletin_title: ShortText = field("公告标题")
    bulletin_content: Text = field("公告内容")
    bulletin_start_time: Instant = field("公告发布时间")
    bulletin_media: Annotated[str, Str(1000)] = field("公告发布媒体")
    url: Url = field("公告源URL")
    bid_closing_time: Instant = field("投标（提交响应文件）截止时间")
    notice_type: Annotated[str, Code("procurement_notice_type")] = field("公告类型", element=None)
    project_no: Annotated[str, Str(50)] = field("项目编号", element=None)
    purchase_mode: Annotated[str, Code("purchase_mode")] = field("采购方式", element=None)
    budget_amount: Price = field("预算金额", element=None, description="In `price_unit`.")
    ceiling_price: Price | None = field("最高限价", element=None, default=None, description="In `price_unit`.")
    currency_code: Currency = field("币种代码", element=None)
    price_unit: PriceUnit = field("金额单位", element=None)
    demand: Text = field("采购需求", element=None)
    contract_period: Annotated[str, Str(500)] = field("合同履行期限", element=None)
    accept_consortium: YesNo = field("是否接受联合体投标", element=None)
    qualification_22: Text = field("满足政府采购法第二十二条规定", element=None)
    qualification_policy: Text = field("落实政府采购政策需满足的资格要求", element=None)
    qualification_specific: Text = field("本项目的特定资格要求", element=None)
    doc_get_start: Instant = field("获取采购文件开始时间", element=None)
    doc_get_end: Instant = field("获取采购文件截止时间", element=None)
    doc_get_place: Annotated[str, Str(500)] = field("获取采购文件地点", element=None)
    doc_get_method: Annotated[str, Str(500)] = field("获取采购文件方式", element=None)
    doc_price: Price | None = field("采购文件售价", element=None, default=None, description="In `price_unit`.")
    submit_end: Instant = field("提交投标（响应）文件截止时间", element=None)
    open_time: Instant = field("开标（开启）时间", element=None)
    open_place: Annotated[str, Str(500)] = field("开标（开启）地点", element=None)
    notice_period_wd: Annotated[int, Count(2)] = field("公告期限", element=None, description="In working days.")
    other_matters: Text | None = field("其他补充事宜", element=None, default=None)

    within_budget: ClassVar[Check] = ceiling_within_budget
    section_count: ClassVar[Check] = as_many("bulletin_bid_num", "purchase_section_code")
    documents_in_order: ClassVar[Check] = in_order("doc_get_start", "doc_get_end")
    opening_after_deadline: ClassVar[Check] = in_order("submit_end", "open_time")

    @rule(at="submit_end")
    def one_deadline(self) -> PydanticCustomError | None:
        return None if self.submit_end == self.bid_closing_time else SUBMIT_END()

    @rule(at="notice_period_wd")
    def stands_long_enough(self) -> PydanticCustomError | None:
        days = 5 if self.notice_type in (TENDER, PREQUALIFICATION, SINGLE_SOURCE) else 3
        return NOTICE_PERIOD(days=days) if self.notice_period_wd < days else None

    @rule(at="doc_get_end")
    def five_working_days_of_tender_documents(self) -> PydanticCustomError | None:
        if self.notice_type not in (TENDER, PREQUALIFICATION):
            return None
        short = too_short(self.doc_get_start, self.doc_get_end, 5, working=True)
        return PROCUREMENT_DOCUMENTS(days=5) if short else None

    @advice(at="doc_get_end")
    def five_working_days_of_other_documents(self) -> PydanticCustomError | None:
        short = short_by_first_day(self.doc_get_start, self.doc_get_end, 5, working=True)
        return FIRST_DAY(days=5) if short and self.notice_type in (TENDER, PREQUALIFICATION) else None

    @advice(at="submit_end")
    def twenty_days_to_bid(self) -> PydanticCustomError | None:
        short = short_by_first_day(self.doc_get_start, self.submit_end, 20, working=False)
        return PROCUREMENT_PREPARATION() if self.notice_type == TENDER and short else None
