"""变更与异常阶段: tenders that do not go on."""

from typing import Annotated

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.kind import Stage, field
from hub.schemas.shared import PROJECT_DISCLOSERS
from hub.schemas.tender.base import SectionKind
from hub.schemas.types import Code, Instant, Str, Text


class TenderAbnormality(SectionKind):
    """招标异常情况报告: why the tender of a section failed, was terminated or was withdrawn.

    招标投标法实施条例 第三十一条: a tender that is terminated is announced in time.
    """

    stage = Stage.CHANGE
    discloser = PROJECT_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 517
    dataset_name = "TENDER_ABNORMITY_REPORT"
    ggzy_stage = "0104"
    natural_key = ("bid_section_code", "exception_type", "approval_time")
    label = "exception_name"
    basis = "招标投标法实施条例 第三十一条；国办发〔2017〕97号 二（三）"

    exception_name: Annotated[str, Str(600)] = field("报告名称", element="EXCEPITON_NAME")
    exception_info: Text = field("异常情况描述", element="EXCEPITON_INFOR")
    approval_result: Text = field("审批或核准结果")
    approval_time: Instant = field("审批或核准时间")
    exception_type: Annotated[str, Code("exception_type")] = field("异常类型", element="EXCEPITON_TYPE")
