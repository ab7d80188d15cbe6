"""自然人主体和执业人员: natural persons who trade or practise; what identifies them is never public."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import AT_ONCE, TWENTY_WORKING_DAYS
from hub.schemas.common_rules import in_order, plausible
from hub.schemas.credit.base import REGISTRARS, PersonKind, section_within
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, Rule, rule
from hub.schemas.shared import Currency, PriceUnit
from hub.schemas.types import (
    Amount,
    Code,
    Date,
    ExactStr,
    IdNumber,
    Instant,
    PartyCode,
    RegionCode,
    SectionCode,
    ShortText,
    Str,
    TenderProjectCode,
    YesNo,
)

BIRTHDATE = Rule(
    "birthdate-of-id-number",
    "出生年月须与身份证件号码一致",
    "the date of birth agrees with the identity number",
)
GENDER = Rule("gender-of-id-number", "性别须与身份证件号码一致", "the gender agrees with the identity number")

IdType = Annotated[str, Code("id_card_type")]
Money = Annotated[Decimal, Amount(20, 2)]


class NaturalPersonParty(PersonKind):
    """自然人主体: a natural person who trades; for the government exchange alone.

    个人信息保护法 第六条, 第二十五条; 公共资源交易平台系统数据规范 V2.0, dataset 114.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (AT_ONCE,)
    dataset = 114
    dataset_name = "INDIVIDUAL_BASE"
    natural_key = ("id_card",)
    label = "person_name"
    basis = "公共资源交易平台系统数据规范 V2.0"
    government_only = True
    fixed = ("id_card",)

    id_card_type: IdType = field("身份证件类型", scope=Scope.GOVERNMENT)
    id_card: IdNumber = field("主体代码（身份证件号）", scope=Scope.GOVERNMENT, party_code=True)
    id_card_end_date: Date = field("身份证件失效日期", scope=Scope.GOVERNMENT)
    person_name: Annotated[str, Str(20)] = field("姓名")
    contact: Annotated[str, Str(20)] = field("联系电话", scope=Scope.GOVERNMENT)
    bank_account: Annotated[str, Str(50)] = field("银行账户", scope=Scope.GOVERNMENT)
    bank_name: Annotated[str, Str(100)] | None = field("开户行", scope=Scope.GOVERNMENT, default=None)
    zip_code: Annotated[str, ExactStr(6)] | None = field("邮编", scope=Scope.GOVERNMENT, default=None)
    address: Annotated[str, Str(100)] | None = field("地址", scope=Scope.GOVERNMENT, default=None)

    def person(self) -> str:
        """The person's ID number."""
        return self.id_card


class Practitioner(PersonKind):
    """执业人员基本信息: a person who practises for a body, e.g. as its project manager.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, dataset 111.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 111
    dataset_name = "QUALI_PERSON_BASE"
    natural_key = ("id_card",)
    label = "person_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"
    fixed = ("id_card",)

    id_card: IdNumber = field("身份证件号码", scope=Scope.GOVERNMENT, party_code=True)
    id_card_type: IdType = field("身份证件类型", scope=Scope.GOVERNMENT)
    person_name: Annotated[str, Str(20)] = field("姓名")
    gender: Annotated[str, Code("gender")] = field("性别")
    # The specification shows it to the public; with the region it is most of the ID number.
    birthdate: Date = field("出生年月", scope=Scope.GOVERNMENT)
    region_code: RegionCode = field("行政区域代码")
    person_edu: Annotated[str, Str(50)] = field("最高学历")
    person_phone: Annotated[str, Str(20)] = field("联系电话", scope=Scope.GOVERNMENT)
    unit_code: PartyCode = field("所在单位代码", party_code=True)
    unit_name: Annotated[str, Str(100)] = field("所在单位名称")
    on_job: YesNo = field("是否在职")
    job: Annotated[str, Str(50)] = field("职务")
    tech_title: Annotated[str, Code("gbt8561")] = field("职称")
    work_start_date: Date = field("从业开始时间")
    working_experience: Annotated[str, Str(1000)] | None = field("从业经历", scope=Scope.GOVERNMENT, default=None)

    worked_after_birth: ClassVar[Check] = in_order("birthdate", "work_start_date")

    @rule(at="birthdate")
    def birthdate_is_that_of_the_id_number(self) -> PydanticCustomError | None:
        return None if f"{self.birthdate:%Y%m%d}" == self.id_card[6:14] else BIRTHDATE()

    @rule(at="gender")
    def gender_is_that_of_the_id_number(self) -> PydanticCustomError | None:
        said = "1" if int(self.id_card[16]) % 2 else "2"
        return GENDER() if self.gender in ("1", "2") and self.gender != said else None

    def person(self) -> str:
        """The person's ID number."""
        return self.id_card


class PractitionerQualification(PersonKind):
    """执业人员资格信息: a certificate to practise.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, dataset 112.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 112
    dataset_name = "QUALI_PERSON_QUALI"
    natural_key = ("cert_no",)
    label = "qual_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"
    fixed = ("id_card", "cert_no")

    qual_name: Annotated[str, Str(100)] = field("执业资格名称")
    qual_type: Annotated[str, Code("qual_person_type")] = field("执业资格类型")
    id_card: IdNumber = field("执业人员证件号", scope=Scope.GOVERNMENT, party_code=True)
    id_card_type: IdType = field("执业人员身份证件类型", scope=Scope.GOVERNMENT)
    cert_no: Annotated[str, Str(50)] = field("执业资格证书编号")
    cert_end_date: Date = field("执业资格注册有效期止")

    def person(self) -> str:
        """The ID number of the certificate's holder."""
        return self.id_card


class PractitionerPerformance(PersonKind):
    """执业人员业绩信息: a contract that a practitioner carried out.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, dataset 113.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 113
    dataset_name = "QUALI_PERSON_PERFORME"
    natural_key = ("id_card_no", "bid_section_code")
    label = "section_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"
    fixed = ("id_card_no", "bid_section_code")

    id_card_no: IdNumber = field("人员身份证件号", scope=Scope.GOVERNMENT, party_code=True)
    id_card_type: IdType = field("人员身份证件类型", scope=Scope.GOVERNMENT)
    section_no: TenderProjectCode = field("招标项目编号")
    bid_section_code: SectionCode = field("标段（包）编号")
    section_name: Annotated[str, Str(600)] = field("招标项目名称")
    bid_section_name: Annotated[str, Str(600)] = field("标段（包）名称")
    owner_no: PartyCode = field("招标人/采购人/出让人代码", party_code=True)
    owner_name: ShortText = field("招标人/采购人/出让人名称")
    contract_amount: Money = field("合同金额")
    trade_type: Annotated[str, Code("trade_class")] = field("交易分类")
    settle_amount: Money = field("结算金额")
    currency: Currency = field("金额币种代码")
    money_unit: PriceUnit = field("金额单位")
    contract_sign_date: Instant = field("合同签署时间")
    contract_finish_date: Instant = field("合同完成时间")

    section_belongs: ClassVar[Check] = section_within("section_no", "bid_section_code")
    finished_after_signing: ClassVar[Check] = in_order("contract_sign_date", "contract_finish_date")
    plausible_contract: ClassVar[Check] = plausible("contract_amount", "money_unit")
    plausible_settlement: ClassVar[Check] = plausible("settle_amount", "money_unit")

    def person(self) -> str:
        """The practitioner's ID number."""
        return self.id_card_no
