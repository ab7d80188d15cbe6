"""政府采购严重违法失信行为记录."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, seven_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.kind import Stage, field
from hub.schemas.procurement.base import ProcurementRecord
from hub.schemas.procurement.supervision import SUPERVISORS
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.types import Date, PartyCode, ShortText, Str, Text, is_id_number

DISHONEST_BODY = Rule(
    "dishonest-body",
    "本记录只列企业等组织，须填统一社会信用代码或组织机构代码；对自然人的处罚按行政处罚（administrative_penalty）报送",
    "the record lists bodies, by USCC or organisation code; a penalty on a natural person is an "
    "`administrative_penalty`",
)


class ProcurementDishonestRecord(ProcurementRecord):
    """政府采购严重违法失信行为记录: a supplier or agency kept out of government procurement, and until when.

    政府采购法 第七十七条, 第七十八条: offenders enter the list; 国办发〔2017〕97号 二（一）4 names the record.
    """

    stage = Stage.CREDIT
    discloser = SUPERVISORS
    clocks = (seven_working_days("penalty_date"), AT_ONCE)
    natural_key = ("subject_code", "penalty_doc_no")
    label = "subject_name"
    basis = "国办发〔2017〕97号 二（一）4；政府采购法 第七十七条、第七十八条"
    to_credit = True

    subject_name: ShortText = field("企业名称")
    subject_code: PartyCode = field("统一社会信用代码（或组织机构代码）", party_code=True)
    subject_address: Annotated[str, Str(300)] = field("企业地址")
    illegal_facts: Text = field("严重违法失信行为的具体情形")
    penalty_result: Text = field("处罚结果")
    penalty_basis: Text = field("处罚依据")
    penalty_date: Date = field("处罚日期")
    publish_date: Date = field("公布日期")
    publish_end_date: Date = field("公布截止日期")
    law_enforcement_unit: ShortText = field("执法单位")
    penalty_doc_no: Annotated[str, Str(128)] | None = field("处罚决定文号", default=None)

    published_after_penalty: ClassVar[Check] = in_order("penalty_date", "publish_date")
    published_in_order: ClassVar[Check] = in_order("publish_date", "publish_end_date")

    @rule(at="subject_code")
    def is_a_body(self) -> PydanticCustomError | None:
        return DISHONEST_BODY() if is_id_number(self.subject_code) else None

    def thread(self, platform: str) -> str:  # noqa: ARG002
        """The body by its code, whoever pushes, as in every credit record."""
        return f"credit:{self.subject_code}"
