"""登记阶段: what is decided on the registration of a right."""

from collections.abc import Container
from typing import Annotated, Any, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, seven_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Stage, field
from hub.schemas.mining.base import (
    EXPLORATION,
    LICENSING_DISCLOSERS,
    MINING,
    OPINION_MINING,
    RIGHT_FIELD,
    Area,
    Mineral,
    MiningKind,
    ProjectName,
    RightType,
    Scale,
)
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import SubjectRole, SubjectType
from hub.schemas.types import Code, Date, PartyCode, ShortText, Str, Url, YesNo

RETAINED = Rule("mining-retained", "“保留”仅适用于探矿权", "only an exploration right is retained (保留)")
REGISTRATION_DECIDED = Rule(
    "mining-decided",
    "审批决定日期不得晚于发布时间",
    "it was decided on the day of publication at the latest",
)

DATASETS = {(EXPLORATION, "0"): 657, (MINING, "0"): 658, (EXPLORATION, "1"): 659, (MINING, "1"): 660}
"""The dataset of a registration, by the type of right and whether it is for oil and gas."""


def _needed_in(at: str, datasets: Container[int]) -> Check:
    """A rule: `at` is given where the registration belongs to one of the datasets, which have the element."""

    @rule(at=at)
    def check(payload: Any) -> PydanticCustomError | None:
        belongs = DATASETS[payload.right_type, payload.is_oil_gas] in datasets
        return RIGHT_FIELD() if belongs and getattr(payload, at) is None else None

    return check


class MiningRegistrationResult(MiningKind):
    """矿业权审批登记结果: what was decided on a new, changed, renewed, retained or cancelled right.

    国办发〔2017〕97号 二（四）: an administrative licence is on the web within seven working days of the decision; 矿产资源法
    makes the registration one. The licence itself is a record of its own, `administrative_license`.
    """

    stage = Stage.APPROVAL
    discloser = LICENSING_DISCLOSERS
    clocks = (seven_working_days("decision_date"), AT_ONCE)
    dataset = 657
    other_datasets = (658, 659, 660)
    dataset_name = "NON_OIL_GAS_EXPLOR_REG_ANN"
    ggzy_stage = "0404"
    natural_key = ("licence_no", "item_type", "publishing_time")
    label = "project_name"
    basis = f"{OPINION_MINING}、（四）；矿产资源法"
    fixed = ("licence_no", "right_type", "is_oil_gas")

    project_name: ProjectName = field("项目名称/油气田名称", element="NA_ITEM_NAME")
    right_type: RightType = field("矿业权类型", element=None)
    is_oil_gas: YesNo = field("是否油气", element=None, description="1 is dataset 659 or 660, 0 is dataset 657 or 658.")
    licence_no: Annotated[str, Str(50)] = field("许可证号", element="ID_LICENCEID")
    item_type: Annotated[str, Code("mine_item_type")] = field("项目类型", element="IN_ITEM_TYPE")
    applicant_name: Annotated[str, Str(300)] = field("探矿权人/采矿权人", element="NA_APPLY_PERSON")
    applicant_type: SubjectType = field("探矿权人类别/采矿权人类别", element="APPLY_TYPE")
    applicant_code: PartyCode = field("探矿权人代码/采矿权人代码", element="APPLY_CODE", party_code=True)
    applicant_role: SubjectRole = field("探矿权人角色/采矿权人角色", element="APPLY_ROLE")
    exploration_unit: ShortText | None = field("勘查单位", element="NA_PERAMBULATE_COMP", default=None)
    mineral_code: Mineral | None = field("勘查矿种/开采主矿种", element="QT_PERAMBULATE_MINE", default=None)
    extent_coordinates: ShortText | None = field("极值坐标", element="NA_JZZB", default=None)
    valid_from: Date = field("有效期起", element="DT_USEFULLIFE_START")
    valid_to: Date = field("有效期止", element="DT_USEFULLIFE_END")
    area_km2: Area = field("面积(平方公里)", element="QT_TOTAL_AREA")
    location: Annotated[str, Str(256)] | None = field("地理位置", element="NA_GEOGRAPHY_POSITION", default=None)
    approve_org: Annotated[str, Str(100)] | None = field("发证机关", default=None)
    url: Url = field("公告源URL")
    design_scale: Scale | None = field("设计生产规模", element="QT_DESIGN_SCOPE", default=None)
    scale_unit: Annotated[str, Str(50)] | None = field("规模单位", element="NA_SCOPE_UNIT", default=None)
    decision_date: Date = field("审批决定日期", element=None)
    decision_result: Annotated[str, Code("approval_result")] = field("审批结果", element=None)

    valid_in_order: ClassVar[Check] = in_order("valid_from", "valid_to")
    explored_by: ClassVar[Check] = _needed_in("exploration_unit", {657})
    mineral_known: ClassVar[Check] = _needed_in("mineral_code", {657, 658})
    extent_known: ClassVar[Check] = _needed_in("extent_coordinates", {657, 659, 660})
    place_known: ClassVar[Check] = _needed_in("location", {657, 659, 660})
    licensed_by: ClassVar[Check] = _needed_in("approve_org", {657, 658, 659})
    designed: ClassVar[Check] = _needed_in("design_scale", {658})
    designed_in: ClassVar[Check] = _needed_in("scale_unit", {658})

    @rule(at="item_type")
    def only_exploration_is_retained(self) -> PydanticCustomError | None:
        return RETAINED() if self.item_type == "保留" and self.right_type != EXPLORATION else None

    @rule(at="decision_date")
    def published_after_the_decision(self) -> PydanticCustomError | None:
        return REGISTRATION_DECIDED() if self.decision_date > self.publishing_time.date() else None
