"""行政处罚."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic_core import PydanticCustomError

from hub.schemas.clocks import seven_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.credit.base import DEPARTMENTS, CreditKind
from hub.schemas.credit.counterpart import counterpart
from hub.schemas.kind import Scope, Stage, field
from hub.schemas.rules import Check, Rule, advice, rule
from hub.schemas.types import Amount, Code, Codes, Date, ExactStr, OrgCode, ShortText, Str, Text, Uscc

FINE = Rule("penalty-fine", "处罚类别含“罚款”时须填写罚款金额", "a fine (罚款) needs its amount")
CONFISCATION = Rule(
    "penalty-confiscation",
    "处罚类别含“没收违法所得、没收非法财物”时须填写没收金额",
    "a confiscation (没收违法所得、没收非法财物) needs its amount",
)
LICENCE = Rule(
    "penalty-licence",
    "处罚类别含暂扣或吊销许可证件时须填写证照名称及编号",
    "a licence suspended or revoked (暂扣许可证件, 吊销许可证件) needs its name and number",
)
PENALTY_PUBLICITY = Rule(
    "penalty-publicity",
    "公示期一般为 3 个月至 3 年（发改办财金〔2018〕424号、〔2019〕527号）",
    "a penalty is published for three months to three years (发改办财金〔2018〕424号, 〔2019〕527号)",
)

TenThousandYuan = Annotated[Decimal, Amount(18, 6)]


class AdministrativePenalty(CreditKind):
    """行政处罚: a penalty that an authority imposed, public within seven working days of the decision.

    国办发〔2017〕97号 二（四）; 发改办财金〔2018〕424号 gives the fields (双公示), whose names are kept.
    """

    stage = Stage.CREDIT
    discloser = DEPARTMENTS
    clocks = (seven_working_days("cf_jdrq"),)
    natural_key = ("cf_wsh", "cf_xdr_shxym")
    label = "cf_wsh"
    basis = "国办发〔2017〕97号 二（四）；发改办财金〔2018〕424号"
    fixed = ("cf_wsh",)

    cf_xdr_mc: ShortText = field("行政相对人名称", scope=Scope.MASKED)
    cf_xdr_lb: Annotated[str, Code("counterpart_class")] = field("行政相对人类别")
    cf_xdr_shxym: Uscc | None = field("行政相对人统一社会信用代码", default=None)
    cf_xdr_gszc: Annotated[str, Str(50)] | None = field("工商注册号", default=None)
    cf_xdr_zzjg: OrgCode | None = field("组织机构代码", default=None)
    cf_xdr_swdj: Annotated[str, Str(15)] | None = field("税务登记号", default=None)
    cf_xdr_sydw: Annotated[str, ExactStr(12)] | None = field("事业单位证书号", default=None)
    cf_xdr_shzz: Annotated[str, Str(50)] | None = field("社会组织登记证号", default=None)
    cf_frdb: Annotated[str, Str(50)] | None = field("法定代表人", default=None)
    cf_fr_zjlx: Annotated[str, Code("credit_id_type")] | None = field(
        "法定代表人证件类型", scope=Scope.GOVERNMENT, default=None
    )
    cf_fr_zjhm: Annotated[str, Str(64)] | None = field(
        "法定代表人证件号码", scope=Scope.GOVERNMENT, party_code=True, default=None
    )
    cf_xdr_zjlx: Annotated[str, Code("credit_id_type")] | None = field(
        "自然人证件类型", scope=Scope.GOVERNMENT, default=None
    )
    cf_xdr_zjhm: Annotated[str, Str(64)] | None = field(
        "自然人证件号码", scope=Scope.GOVERNMENT, party_code=True, default=None
    )
    cf_wsh: Annotated[str, Str(128)] = field("行政处罚决定书文号")
    cf_wfxw: Text = field("违法行为类型")
    cf_sy: Text = field("违法事实")
    cf_yj: Text = field("处罚依据")
    cf_cflb: Annotated[list[str], Codes("penalty_class")] = field("处罚类别")
    cf_nr: Text = field("处罚内容")
    cf_nr_fk: TenThousandYuan | None = field("罚款金额(万元)", default=None)
    cf_nr_wfff: TenThousandYuan | None = field("没收违法所得、没收非法财物的金额(万元)", default=None)
    cf_nr_zkdx: ShortText | None = field("暂扣或吊销证照名称及编号", default=None)
    cf_jdrq: Date = field("处罚决定日期")
    cf_yxq: Date = field("处罚有效期")
    cf_gsjzq: Date | None = field("公示截止期", default=None)
    cf_cfjg: ShortText = field("处罚机关")
    cf_cfjgdm: Uscc = field("处罚机关统一社会信用代码")
    cf_sjly: ShortText = field("数据来源单位")
    cf_sjlydm: Uscc = field("数据来源单位统一社会信用代码")
    bz: Text | None = field("备注", scope=Scope.GOVERNMENT, default=None)

    class_fits, code_given, representative_given, document_type_given, document_number_given, body_without = (
        counterpart("cf")
    )
    valid_after_decision: ClassVar[Check] = in_order("cf_jdrq", "cf_yxq")
    public_after_decision: ClassVar[Check] = in_order("cf_jdrq", "cf_gsjzq")

    @rule(at="cf_nr_fk")
    def fine_has_its_amount(self) -> PydanticCustomError | None:
        return FINE() if "罚款" in self.cf_cflb and self.cf_nr_fk is None else None

    @rule(at="cf_nr_wfff")
    def confiscation_has_its_amount(self) -> PydanticCustomError | None:
        confiscated = "没收违法所得、没收非法财物" in self.cf_cflb
        return CONFISCATION() if confiscated and self.cf_nr_wfff is None else None

    @rule(at="cf_nr_zkdx")
    def licence_is_named(self) -> PydanticCustomError | None:
        taken = "暂扣许可证件" in self.cf_cflb or "吊销许可证件" in self.cf_cflb
        return LICENCE() if taken and self.cf_nr_zkdx is None else None

    @advice(at="cf_gsjzq")
    def public_for_its_time(self) -> PydanticCustomError | None:
        if self.cf_gsjzq is None:
            return None
        day, end = self.cf_jdrq, (self.cf_gsjzq.year, self.cf_gsjzq.month, self.cf_gsjzq.day)
        years, month = divmod(day.month + 2, 12)
        shortest, longest = (day.year + years, month + 1, day.day), (day.year + 3, day.month, day.day)
        return None if shortest <= end <= longest else PENALTY_PUBLICITY()

    def subject(self) -> str | None:
        """The penalised body's unified social credit code; a natural person has none."""
        return self.cf_xdr_shxym

    def entry(self) -> str:
        """The number of the decision."""
        return self.cf_wsh
