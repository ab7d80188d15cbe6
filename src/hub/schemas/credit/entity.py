"""法人主体: bodies that trade, their qualifications and what they have done."""

from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import TWENTY_WORKING_DAYS
from hub.schemas.common_rules import plausible
from hub.schemas.credit.base import REGISTRARS, PartyKind, section_within
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.shared import Currency, Price, PriceUnit, SubjectType
from hub.schemas.threads import crowd
from hub.schemas.types import (
    Code,
    Codes,
    Date,
    ExactStr,
    Instant,
    LicenceNumber,
    OrgCode,
    PartyCode,
    RegionCode,
    SectionCode,
    ShortText,
    Str,
    TenderProjectCode,
    is_id_number,
)

LEGAL_CODE_PERSONAL = Rule(
    "legal-code-personal",
    "法人代码须为统一社会信用代码或组织机构代码；自然人按自然人主体（natural_person_party）报送",
    "a legal person's code is a USCC or an organisation code; a natural person is a `natural_person_party`",
)
ORGAN_CODE = Rule(
    "organ-code-in-uscc",
    "组织机构代码须与统一社会信用代码第 9 至 17 位一致",
    "the organisation code is the characters 9 to 17 of the unified social credit code",
)
LICENCE_NUMBER = Rule(
    "licence-number-is-uscc",
    "加载统一社会信用代码的营业执照，其号码应与法人代码一致",
    "the number of a business licence is the holder's unified social credit code",
)


class MarketEntity(PartyKind):
    """市场主体基本信息: a legal person that trades, as the platforms register it.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, dataset 100.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 100
    dataset_name = "LEGAL_PERSON_BASE"
    natural_key = ("legal_code",)
    label = "legal_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"

    legal_name: ShortText = field("法人名称")
    bidder_code_type: SubjectType = field("法人类别")
    legal_code: PartyCode = field("法人代码", party_code=True)
    legal_role: Annotated[list[str], Codes("subject_role")] = field("法人角色")
    license_no: LicenceNumber = field("营业执照号码", party_code=True)
    license_end_date: Date = field("营业执照失效日期")
    tax_cert_no: PartyCode | None = field("国税税务登记证证号", party_code=True, default=None)
    tax_cert_end_date: Date | None = field("国税税务登记证失效日期", default=None)
    local_tax_cert_no: PartyCode | None = field("地税税务登记证证号", party_code=True, default=None)
    local_tax_cert_end_date: Date | None = field("地税税务登记证失效日期", default=None)
    organ_no: OrgCode | None = field("组织机构代码", scope=Scope.GOVERNMENT, default=None)
    organ_cert_end_date: Date | None = field("组织机构代码证失效日期", scope=Scope.GOVERNMENT, default=None)
    legal_represent: Annotated[str, Str(20)] = field("法定代表人姓名")
    legal_type: Annotated[str, Code("legal_type")] = field("法人机构类别")
    represent_phone: Annotated[str, Str(15)] | None = field("法人代表联系电话", scope=Scope.GOVERNMENT, default=None)
    legal_industry: Annotated[str, Code("industry_gbt4754")] | None = field("法人机构行业代码", default=None)
    credit_rate: Annotated[str, Str(50)] | None = field("资信等级", default=None)
    country_region: Annotated[str, Code("country_gbt2659")] = field("国别/地区")
    legal_unit_address: Annotated[str, Str(300)] | None = field("法人机构地址", default=None)
    region_code: RegionCode = field("行政区域代码")
    register_province: Annotated[str, Str(50)] | None = field("注册地-省", default=None)
    register_city: Annotated[str, Str(50)] | None = field("注册地-市", default=None)
    basic_bank: ShortText | None = field("基本户开户银行", scope=Scope.GOVERNMENT, default=None)
    basic_branch_bank: Annotated[str, Str(50)] | None = field("基本户开户支行号", scope=Scope.GOVERNMENT, default=None)
    basic_account_no: Annotated[str, Str(50)] | None = field("基本户账号", scope=Scope.GOVERNMENT, default=None)
    basic_account_name: ShortText | None = field("基本户账户名称", scope=Scope.GOVERNMENT, default=None)
    reg_capital: Price = field("注册资本")
    reg_cap_currency: Currency = field("注册资本币种")
    reg_unit: PriceUnit = field("注册资本单位")
    legal_contact: Annotated[str, Str(20)] = field("联系人")
    legal_contact_phone: Annotated[str, Str(20)] = field("联系人电话")
    legal_contact_address: ShortText | None = field("联系人地址", default=None)
    legal_web: Annotated[str, Str(100)] | None = field("单位网站", default=None)
    legal_zip_code: Annotated[str, ExactStr(6)] | None = field("邮政编码", default=None)
    legal_email: Annotated[str, Str(100)] | None = field("电子邮箱", default=None)
    legal_status: Annotated[str, Code("legal_status")] = field("法人业务状态")

    @rule(at="legal_code")
    def is_a_body(self) -> PydanticCustomError | None:
        return LEGAL_CODE_PERSONAL() if is_id_number(self.legal_code) else None

    @rule(at="organ_no")
    def organ_code_is_within_the_uscc(self) -> PydanticCustomError | None:
        if self.organ_no is None or self.organ_no == _organ_code(self.legal_code):
            return None
        return ORGAN_CODE()

    @advice(at="license_no")
    def licence_bears_the_uscc(self) -> PydanticCustomError | None:
        if len(self.legal_code) != 18 or self.license_no == self.legal_code:
            return None
        return LICENCE_NUMBER()

    def subject(self) -> str | None:
        """The legal person's code."""
        return self.legal_code

    def entry(self) -> str:
        """A name shared with other parties."""
        return crowd(self.legal_code)


class EntityQualification(PartyKind):
    """主体资质: a qualification of an agency, bidder or supplier.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, datasets 102, 103 and 106.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 102
    other_datasets = (103, 106)
    dataset_name = "TENDER_AGENT_EX_INFO"
    natural_key = ("legal_code", "qual_cert_no")
    label = "qual_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"
    fixed = ("qual_cert_no",)

    # The specification keeps the code within government, but a qualification of nobody would inform nobody.
    legal_code: PartyCode = field("主体代码", party_code=True)
    qual_level: Annotated[str, Code("qual_level")] = field("资质等级")
    qual_name: Annotated[str, Str(50)] = field("资质名称")
    qual_type: Annotated[str, Code("qual_series")] = field("资质序列、行业和专业类别")
    qual_cert_no: Annotated[str, Str(50)] = field("资质证书编号")
    qual_cert_end_date: Date = field("资质证书失效日期")

    def subject(self) -> str | None:
        """The holder's code."""
        return self.legal_code

    def entry(self) -> str:
        """A name shared with other parties."""
        return crowd(self.legal_code)


class EntityTradePerformance(PartyKind):
    """法人交易业绩: a contract that a body won and signed.

    国办发〔2017〕97号 二（一）6; 公共资源交易平台系统数据规范 V2.0, dataset 110.
    """

    stage = Stage.PARTY
    discloser = REGISTRARS
    clocks = (TWENTY_WORKING_DAYS,)
    dataset = 110
    dataset_name = "LEGAL_PERSON_TRADE_PERFORM"
    natural_key = ("bidder_no", "bid_section_code")
    label = "section_name"
    basis = "国办发〔2017〕97号 二（一）6；公共资源交易平台系统数据规范 V2.0"
    fixed = ("bid_section_code",)

    bidder_no: PartyCode = field("主体代码", party_code=True)
    section_no: TenderProjectCode = field("招标项目编号")
    bid_section_code: SectionCode = field("标段（包）编号")
    section_name: Annotated[str, Str(600)] = field("招标项目名称")
    bid_section_name: Annotated[str, Str(600)] = field("标段（包）名称")
    tender_no: PartyCode = field("招标人（采购人/出让人）代码", party_code=True)
    tender_name: Annotated[str, Str(100)] = field("招标人（采购人/出让人）名称")
    bid_amount: Price = field("中标（成交/竞得）金额")
    trade_type: Annotated[str, Code("trade_class")] = field("交易分类")
    currency: Currency = field("金额币种代码")
    money_unit: PriceUnit = field("金额单位")
    contract_sign_date: Instant = field("合同签署时间")

    section_belongs: ClassVar[Check] = section_within("section_no", "bid_section_code")
    plausible_amount: ClassVar[Check] = plausible("bid_amount", "money_unit")

    def subject(self) -> str | None:
        """The code of the body that won."""
        return self.bidder_no

    def entry(self) -> str:
        """A name shared with other parties."""
        return crowd(self.bidder_no)


def _organ_code(legal_code: str) -> str:
    """The organisation code that a USCC holds, or the code itself where it is one."""
    return legal_code[8:17] if len(legal_code) == 18 else legal_code
