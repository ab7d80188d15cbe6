"""项目信息."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import needed, together
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.mining.base import (
    MINING,
    OPINION_MINING,
    RIGHT_FIELD,
    Area,
    Mineral,
    MiningRecord,
    ProjectName,
    RightType,
    Scale,
    Years,
)
from hub.schemas.rules import Check, Rule
from hub.schemas.threads import short_digest
from hub.schemas.types import Code, DealCode, PartyCode, RegionCode, ShortText, Str, Text

STATUS_LICENCE = Rule(
    "mining-status-licence",
    "已登记、变更中或注销的矿业权须填写许可证号",
    "a right that is registered, being changed or cancelled has the number of its licence",
)
STATUS_DEAL = Rule(
    "mining-status-deal",
    "出让中或已成交的矿业权须填写统一交易标识码",
    "a right that is being transferred or has been transferred has its deal code",
)

DEALT = ("2", "3")
"""出让中 and 已成交 in the code table `mining_status`."""
LICENSED = ("4", "5", "6")
"""已登记, 变更中 and 注销 in the code table `mining_status`."""


class MiningProjectInfo(MiningRecord):
    """矿业权项目信息: an exploration or mining right as it stands: where, what, how large and whose.

    国办发〔2017〕97号 二（一）3 asks for the project information; 矿业权出让交易规则 gives the contents of the contract.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = frozenset(Role)
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("licence_no", "unified_deal_code")
    label = "project_name"
    basis = OPINION_MINING
    fixed = ("right_type",)

    project_name: ProjectName = field("项目名称")
    right_type: RightType = field("矿业权类型")
    mineral_code: Mineral = field("矿种")
    region_code: RegionCode = field("行政区划代码")
    location: Annotated[str, Str(256)] = field("地理位置")
    area_km2: Area = field("面积(平方公里)")
    area_coordinates: Text = field(
        "拐点范围坐标", description="Of some minerals a state secret: such a record does not pass the secrecy review."
    )
    resource_reserves: Text | None = field("资源储量(勘查工作程度)", default=None)
    mining_elevation: Annotated[str, Str(100)] | None = field("开采标高", default=None)
    mining_method: Annotated[str, Str(100)] | None = field("开采方式", default=None)
    design_scale: Scale | None = field("生产规模", default=None)
    scale_unit: Annotated[str, Str(50)] | None = field("规模单位", default=None)
    term_years: Years | None = field("出让年限", default=None)
    eco_requirement: Text | None = field("矿山环境保护及土地复垦要求", default=None)
    holder_name: ShortText | None = field("矿业权人", scope=Scope.MASKED, default=None)
    holder_code: PartyCode | None = field(
        "矿业权人代码",
        party_code=True,
        default=None,
        description="Tells whether the holder is a natural person, whose name is masked.",
    )
    licence_no: Annotated[str, Str(50)] | None = field("许可证号", default=None)
    status: Annotated[str, Code("mining_status")] = field("项目状态")
    unified_deal_code: DealCode | None = field("统一交易标识码", scope=Scope.GOVERNMENT, default=None)

    elevation_known: ClassVar[Check] = needed("mining_elevation", RIGHT_FIELD, where="right_type", is_in=(MINING,))
    whole_scale: ClassVar[Check] = together("design_scale", "scale_unit")
    whole_holder: ClassVar[Check] = together("holder_name", "holder_code")
    licensed: ClassVar[Check] = needed("licence_no", STATUS_LICENCE, where="status", is_in=LICENSED)
    dealt: ClassVar[Check] = needed("unified_deal_code", STATUS_DEAL, where="status", is_in=DEALT)

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The right by its name in its city or county, whoever pushes: codes come later than the first version."""
        return f"mining:{self.region_code}:{short_digest(self.project_name)}"
