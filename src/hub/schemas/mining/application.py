"""申请阶段: rights that are transferred without competition, and mining areas that are delimited."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS, seven_working_days
from hub.schemas.common_rules import needed
from hub.schemas.kind import Stage, field
from hub.schemas.mining.base import (
    EXPLORATION,
    LICENSING_DISCLOSERS,
    MINING,
    MINING_DISCLOSERS,
    OPINION_MINING,
    RIGHT_FIELD,
    RIGHT_MODE,
    TRADING_RULES,
    Mineral,
    MiningKind,
    RightType,
    Scale,
    TransferMode,
)
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import SubjectRole, SubjectType
from hub.schemas.types import Date, PartyCode, ShortText, Str, Url

RECEIVED_PUBLISHED = Rule(
    "mining-received",
    "受理日期不得晚于发布时间",
    "the application was received on the day of publication at the latest",
)

WITHOUT_COMPETITION = ("210", "250")
"""探矿权转采矿权 and 协议出让 in the code table `mine_transfer_mode`."""

ScaleUnit = Annotated[str, Str(20)]


class AppliedKind(MiningKind):
    """A record about what somebody has applied for."""

    applicant_name: ShortText = field("申请人", element="NA_APPLY_PERSON")
    applicant_type: SubjectType = field("申请人类别", element="APPLY_TYPE")
    applicant_code: PartyCode = field("申请人代码", element="APPLY_CODE", party_code=True)
    applicant_role: SubjectRole = field("申请人角色", element="APPLY_ROLE")
    approve_org: Annotated[str, Str(40)] = field("审批机关", element="NA_GOV_NAME")
    mineral_code: Mineral = field("勘查矿种/开采主矿种", element="IN_MINE_COME")
    receive_date: Date = field("受理日期", element="DT_RECIVE_DATE")
    url: Url = field("公告源URL")

    @rule(at="receive_date")
    def published_after_receipt(self) -> PydanticCustomError | None:
        return RECEIVED_PUBLISHED() if self.receive_date > self.publishing_time.date() else None


class MiningOtherModePublicity(AppliedKind):
    """其他方式出让矿业权公开信息: a right that is to be transferred by agreement or turned from exploration to mining.

    国办发〔2017〕97号 二（一）3 asks for the transfer information of all rights; 矿业权出让交易规则 says what is published.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = MINING_DISCLOSERS
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    dataset = 654
    other_datasets = (655,)
    dataset_name = "EXPLOR_TRANS_PUB_INFO"
    ggzy_stage = "0403"
    natural_key = ("unified_deal_code",)
    label = "project_name"
    basis = f"{OPINION_MINING}；{TRADING_RULES}"
    fixed = ("right_type",)

    right_type: RightType = field(
        "矿业权类型", element=None, description="exploration is dataset 654, mining is dataset 655."
    )
    exploration_unit: ShortText | None = field("勘查单位", element="NA_PERAMBULATE_COMP", default=None)
    design_scale: Scale | None = field("设计生产规模", element="QT_DESIGN_SCOPE", default=None)
    scale_unit: ScaleUnit | None = field("规模单位", element="NA_SCOPE_UNIT", default=None)
    transfer_mode: TransferMode | None = field("取得方式", element="IN_BUY_KIND", default=None)

    explored_by: ClassVar[Check] = needed("exploration_unit", RIGHT_FIELD, where="right_type", is_in=(EXPLORATION,))
    designed: ClassVar[Check] = needed("design_scale", RIGHT_FIELD, where="right_type", is_in=(MINING,))
    designed_in: ClassVar[Check] = needed("scale_unit", RIGHT_FIELD, where="right_type", is_in=(MINING,))
    gained_by: ClassVar[Check] = needed("transfer_mode", RIGHT_FIELD, where="right_type", is_in=(MINING,))

    @rule(at="transfer_mode")
    def without_competition(self) -> PydanticCustomError | None:
        if self.transfer_mode is None or self.transfer_mode in WITHOUT_COMPETITION:
            return None
        return RIGHT_MODE(modes=", ".join(WITHOUT_COMPETITION))


class MiningAreaDelimitation(AppliedKind):
    """划定矿区范围公开信息: a mining area whose limits are being fixed, before the right is licensed.

    国办发〔2017〕97号 二（四）: what is decided on licences is published within seven working days.
    """

    stage = Stage.APPROVAL
    discloser = LICENSING_DISCLOSERS
    clocks = (seven_working_days(), AT_ONCE)
    dataset = 656
    dataset_name = "MINING_DISTRICT_RANGE_PUB"
    ggzy_stage = "0403"
    natural_key = ("unified_deal_code",)
    label = "project_name"
    basis = f"{OPINION_MINING}、（四）"

    design_scale: Scale = field("设计生产规模", element="QT_DESIGN_SCOPE")
    scale_unit: ScaleUnit = field("规模单位", element="NA_SCOPE_UNIT")
    transfer_mode: TransferMode = field("取得方式", element="IN_BUY_KIND")
