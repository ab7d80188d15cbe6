"""住房分配的准备: who applies, which homes there are, and by which procedure they are allocated."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order, needed
from hub.schemas.housing.base import (
    DEPARTMENT,
    DEPARTMENT_OR_APPROVER,
    NOTICE_2012,
    OPINION_HOUSING,
    BatchKind,
    BatchNo,
    HousingClass,
    ProjectName,
    RegionalKind,
    Title,
    Units,
    UnitType,
    after_the_month,
    batch_thread,
    project_thread,
)
from hub.schemas.kind import Part, Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import Price
from hub.schemas.types import Amount, Code, Date, Instant, ShortText, Str, Text

BATCH_NEEDED = Rule("batch-needed", "批次名单或批次房源须填写批次", "the list of a batch names the batch")
APPLICANT_TWICE = Rule(
    "applicant-twice", "受理（登记）编号不得重复", "no two applicants of a list have the same number"
)
QUEUE_NUMBER = Rule(
    "queue-number",
    "轮候名册宜填写每户的轮候序号",
    "a waiting list says every applicant's place in the queue",
)
HOMES_SUM = Rule(
    "homes-sum",
    "可分配套数与房源明细之和不符，明细合计为 {listed} 套",
    "the number of homes is not the sum of those listed, {listed}",
)
HOME_TWICE = Rule("home-twice", "同一房源不得重复列出", "no home is listed twice")
ROOM_IS_ONE = Rule("room-is-one", "填写房号的房源套数应为 1", "a home with a room number is one home")
STEP_ORDER = Rule(
    "step-order", "程序步骤的序号应自 1 起连续且不重复", "the steps are numbered from 1, none left out or twice"
)

OF_A_BATCH, WAITING_LIST = "2", "4"
"""批次 in the code tables `target_list_type` and `source_type`, 轮候名册 in the former."""

Area = Annotated[Decimal, Amount(10, 2)]


class Applicant(Part):
    """保障对象: one applicant; identity, income and present home are for the government exchange only."""

    natural_person = True

    applicant_no: Annotated[str, Str(50)] = field("受理（登记）编号", element=None)
    name: Annotated[str, Str(50)] = field("申请人姓名", scope=Scope.MASKED, element=None)
    id_no: Annotated[str, Str(18)] | None = field(
        "身份证件号", scope=Scope.GOVERNMENT, element=None, party_code=True, default=None
    )
    household_size: Annotated[int, Field(strict=True, ge=1, le=99)] = field("家庭人口", element=None)
    category: Annotated[str, Code("housing_target_class")] = field("保障对象类别", scope=Scope.GOVERNMENT, element=None)
    community: Annotated[str, Str(100)] | None = field("街道（社区）", element=None, default=None)
    current_area: Area | None = field("现住房面积(㎡)", scope=Scope.GOVERNMENT, element=None, default=None)
    income: Annotated[Decimal, Amount(20, 2)] | None = field(
        "家庭收入(元/年)", scope=Scope.GOVERNMENT, element=None, default=None
    )
    review_result: Annotated[str, Code("review_result")] = field("审核结果", element=None)
    queue_no: Units | None = field("轮候序号", element=None, default=None)


class HousingAllocationTarget(RegionalKind):
    """保障性住房分配对象: who is registered, queued or in a batch for affordable homes, by masked name.

    住房城乡建设部办公厅 2012 年通知: the register is published within ten working days of the end of each month; lists of a
    batch follow the general limit of 政府信息公开条例 第二十六条.
    """

    stage = Stage.QUALIFICATION
    discloser = DEPARTMENT_OR_APPROVER
    clocks = (after_the_month(), TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("region_code", "list_type", "batch_no", "publicity_start")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2012}"
    fixed = ("list_type", "housing_class")

    notice_name: Title = field("标题")
    list_type: Annotated[str, Code("target_list_type")] = field("名单类型")
    batch_no: BatchNo | None = field("批次", default=None)
    housing_class: HousingClass = field("保障房类别")
    applicants: list[Applicant] = field("保障对象", min_length=1, max_length=5_000)
    publicity_start: Date = field("公示开始")
    publicity_end: Date = field("公示结束")
    review_org: ShortText = field("审核单位")
    objection_channel: Text = field("异议渠道和方式")

    batch_given: ClassVar[Check] = needed("batch_no", BATCH_NEEDED, where="list_type", is_in=(OF_A_BATCH,))
    publicity_in_order: ClassVar[Check] = in_order("publicity_start", "publicity_end")

    @rule(at="applicants")
    def no_applicant_twice(self) -> PydanticCustomError | None:
        numbers = {applicant.applicant_no for applicant in self.applicants}
        return APPLICANT_TWICE() if len(numbers) < len(self.applicants) else None

    @advice(at="applicants")
    def places_in_the_queue(self) -> PydanticCustomError | None:
        missing = self.list_type == WAITING_LIST and any(one.queue_no is None for one in self.applicants)
        return QUEUE_NUMBER() if missing else None

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The batch or, where there is none, the register of the city or county."""
        if self.batch_no is not None:
            return batch_thread(self.region_code, self.batch_no)
        return f"housing:{self.region_code}:register:{self.housing_class}"


class Home(Part):
    """房源: one home, or several alike of one type and size."""

    building_no: Annotated[str, Str(50)] | None = field("楼栋号", element=None, default=None)
    room_no: Annotated[str, Str(50)] | None = field("房号", element=None, default=None)
    unit_type: UnitType = field("户型", element=None)
    area: Area = field("面积(㎡)", element=None)
    count: Annotated[int, Field(strict=True, ge=1, le=99_999)] = field("套数", element=None)
    rent_or_price: Price = field("租金（售价）", element=None, description="For what `price_basis` of the record says.")

    @rule(at="count")
    def a_room_is_one_home(self) -> PydanticCustomError | None:
        return ROOM_IS_ONE() if self.room_no is not None and self.count != 1 else None


class HousingAllocationSource(RegionalKind):
    """保障性住房分配房源: the homes of a project that wait to be allocated or belong to a batch, with rent or price.

    住房城乡建设部办公厅 2012 年通知: the homes available are published within ten working days of the end of each month; those
    of a batch follow the general limit of 政府信息公开条例 第二十六条.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = DEPARTMENT
    clocks = (after_the_month(), TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("region_code", "source_type", "batch_no", "project_name")
    label = "project_name"
    basis = f"{OPINION_HOUSING}；{NOTICE_2012}"
    fixed = ("source_type", "project_name")

    source_type: Annotated[str, Code("source_type")] = field("房源类型")
    batch_no: BatchNo | None = field("批次", default=None)
    project_name: ProjectName = field("项目名称")
    address: Annotated[str, Str(300)] = field("项目位置")
    housing_class: HousingClass = field("保障房类别")
    completion_date: Date | None = field("竣工日期", default=None)
    supporting_facilities: Text | None = field("配套设施", default=None)
    supply_target: Text = field("供应对象")
    total_units: Units = field("可分配套数")
    units: list[Home] = field("房源明细", min_length=1, max_length=5_000)
    price_basis: Annotated[str, Code("housing_price_basis")] = field("计价方式")

    batch_given: ClassVar[Check] = needed("batch_no", BATCH_NEEDED, where="source_type", is_in=(OF_A_BATCH,))

    @rule(at="units")
    def no_home_twice(self) -> PydanticCustomError | None:
        rooms = [(home.building_no, home.room_no) for home in self.units if home.room_no is not None]
        return HOME_TWICE() if len(set(rooms)) < len(rooms) else None

    @advice(at="total_units")
    def as_many_homes_as_are_listed(self) -> PydanticCustomError | None:
        listed = sum(home.count for home in self.units)
        return None if listed == self.total_units else HOMES_SUM(listed=listed)

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The batch or, where there is none, the project."""
        if self.batch_no is not None:
            return batch_thread(self.region_code, self.batch_no)
        return project_thread(self.region_code, self.project_name)


class ProcedureStep(Part):
    """程序步骤: one step of an allocation, when and where it happens."""

    no: Annotated[int, Field(strict=True, ge=1, le=99)] = field("序号", element=None)
    name: Annotated[str, Str(100)] = field("步骤名称", element=None)
    start: Instant | None = field("开始时间", element=None, default=None)
    end: Instant | None = field("结束时间", element=None, default=None)
    place: ShortText | None = field("地点", element=None, default=None)
    content: Text | None = field("内容与要求", element=None, default=None)

    step_in_order: ClassVar[Check] = in_order("start", "end")


class HousingAllocationProcedure(BatchKind):
    """保障性住房分配程序: by which steps and rules the homes of a batch are allocated, announced beforehand.

    国办发〔2017〕97号 二（一）1 names the procedure; 公共租赁住房管理办法 第十三条 the ways to allocate.
    """

    stage = Stage.ANNOUNCEMENT
    discloser = DEPARTMENT
    clocks = (TWENTY_WORKING_DAYS, AT_ONCE)
    natural_key = ("region_code", "batch_no")
    label = "notice_name"
    basis = f"{OPINION_HOUSING}；公共租赁住房管理办法 第十三条"

    notice_name: Title = field("公告名称")
    method: Annotated[str, Code("alloc_method")] = field("分配方式")
    steps: list[ProcedureStep] = field("程序步骤", min_length=1, max_length=99)
    rules_of_order: Text | None = field("排序（优先）规则", element="RULES", default=None)
    supervision_org: ShortText | None = field("监督（公证）单位", default=None)
    contact: Annotated[str, Str(100)] = field("咨询监督电话")

    @rule(at="steps")
    def numbered_from_one(self) -> PydanticCustomError | None:
        numbers = sorted(step.no for step in self.steps)
        return None if numbers == list(range(1, len(numbers) + 1)) else STEP_ORDER()
