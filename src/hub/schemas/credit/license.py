"""行政许可."""

from typing import Annotated, ClassVar

from hub.schemas.clocks import seven_working_days
from hub.schemas.common_rules import in_order
from hub.schemas.credit.base import CreditKind
from hub.schemas.credit.counterpart import counterpart
from hub.schemas.kind import Role, Scope, Stage, field
from hub.schemas.rules import Check
from hub.schemas.types import Code, Codes, Date, ExactStr, OrgCode, ShortText, Str, Text, Uscc


class AdministrativeLicense(CreditKind):
    """行政许可: a licence that an authority granted, public within seven working days of the decision.

    国办发〔2017〕97号 二（四）; 发改办财金〔2018〕424号 gives the fields (双公示), whose names are kept.
    """

    stage = Stage.CREDIT
    discloser = frozenset({Role.APPROVER})
    clocks = (seven_working_days("xk_jdrq"),)
    natural_key = ("xk_wsh", "xk_xdr_shxym")
    label = "xk_xkws"
    basis = "国办发〔2017〕97号 二（四）；发改办财金〔2018〕424号"
    fixed = ("xk_wsh",)

    xk_xdr_mc: ShortText = field("行政相对人名称", scope=Scope.MASKED)
    xk_xdr_lb: Annotated[str, Code("counterpart_class")] = field("行政相对人类别")
    xk_xdr_shxym: Uscc | None = field("行政相对人统一社会信用代码", default=None)
    xk_xdr_gszc: Annotated[str, Str(50)] | None = field("工商注册号", default=None)
    xk_xdr_zzjg: OrgCode | None = field("组织机构代码", default=None)
    xk_xdr_swdj: Annotated[str, Str(15)] | None = field("税务登记号", default=None)
    xk_xdr_sydw: Annotated[str, ExactStr(12)] | None = field("事业单位证书号", default=None)
    xk_xdr_shzz: Annotated[str, Str(50)] | None = field("社会组织登记证号", default=None)
    xk_frdb: Annotated[str, Str(50)] | None = field("法定代表人", default=None)
    xk_fr_zjlx: Annotated[str, Code("credit_id_type")] | None = field(
        "法定代表人证件类型", scope=Scope.GOVERNMENT, default=None
    )
    xk_fr_zjhm: Annotated[str, Str(64)] | None = field(
        "法定代表人证件号码", scope=Scope.GOVERNMENT, party_code=True, default=None
    )
    xk_xdr_zjlx: Annotated[str, Code("credit_id_type")] | None = field(
        "自然人证件类型", scope=Scope.GOVERNMENT, default=None
    )
    xk_xdr_zjhm: Annotated[str, Str(64)] | None = field(
        "自然人证件号码", scope=Scope.GOVERNMENT, party_code=True, default=None
    )
    xk_xkws: Annotated[str, Str(64)] = field("行政许可决定文书名称")
    xk_wsh: Annotated[str, Str(64)] = field("行政许可决定文书号")
    xk_xklb: Annotated[list[str], Codes("license_class")] = field("许可类别")
    xk_xkzs: Annotated[str, Str(64)] | None = field("许可证书名称", default=None)
    xk_xkbh: Annotated[str, Str(64)] | None = field("许可编号", default=None)
    xk_nr: Text = field("许可内容")
    xk_jdrq: Date = field("许可决定日期")
    xk_yxqz: Date = field("有效期自")
    xk_yxqzi: Date = field("有效期至", description="2099-12-31 where the licence has no end.")
    xk_xkjg: ShortText = field("许可机关")
    xk_xkjgdm: Uscc = field("许可机关统一社会信用代码")
    xk_zt: Annotated[str, Code("license_status")] = field("当前状态")
    xk_lydw: ShortText = field("数据来源单位")
    xk_lydwdm: Uscc = field("数据来源单位统一社会信用代码")
    bz: Text | None = field("备注", scope=Scope.GOVERNMENT, default=None)

    class_fits, code_given, representative_given, document_type_given, document_number_given, body_without = (
        counterpart("xk")
    )
    valid_in_order: ClassVar[Check] = in_order("xk_yxqz", "xk_yxqzi")
    valid_after_decision: ClassVar[Check] = in_order("xk_jdrq", "xk_yxqzi")

    def subject(self) -> str | None:
        """The licensed body's unified social credit code; a natural person has none."""
        return self.xk_xdr_shxym

    def entry(self) -> str:
        """The number of the decision."""
        return self.xk_wsh
