"""Invented public notices in the national platform's public form: plain functions, so that a test names what it is about."""

from typing import Any

ADDRESS = "https://www.ggzy.gov.cn/information/deal/html/a/350000/{stage}/20260310/{record}.html"


def an_item(business: str, info: str, text: str, **changes: Any) -> dict[str, Any]:
    """An item of a notice file; keyword arguments change its fields."""
    record = changes.get("record_id", "0035" + f"{sum(map(ord, business + info + text)):032x}")
    return {
        "title": "闽侯县云溪中学实验楼项目公告",
        "publish_date": "2026-03-10 09:15",
        "region": "福建省",
        "issuer": "",
        "agency": "",
        "budget": "",
        "content_text": text,
        "project_code": "",
        "source_platform": "福州市公共资源交易服务中心",
        "original_link": "",
        "detail_url": ADDRESS.format(stage="0000", record=record),
        "structured_fields": {},
        "record_id": record,
        "business_type": business,
        "info_type": info,
    } | changes


CONTACTS = """八、凡对本次采购提出询问，请按以下方式联系
1.采购人信息
名称：
闽侯县云溪中学
地址：福建省福州市闽侯县云溪路
9号
联系方式：0591-00000001
2.采购代理机构信息
名 称：福建榕行招标代理有限公司
地　址：福州市鼓楼区软件大道8号
联系方式：0591-00000002、
0591-00000003
3.项目联系方式
项目联系人：林工
电 话：0591-00000002
福建榕行招标代理有限公司
2026年03月10日"""


def a_procurement_notice(text: str | None = None, **changes: Any) -> dict[str, Any]:
    """采购公告 with a budget in a label, a period of documents without times and contacts in three blocks."""
    text = (
        text
        or f"""项目概况
闽侯县云溪中学计算机教室设备采购 招标项目的潜在供应商应在电子平台获取采购文件，并于 2026年03月25日 09点30分（北京时间）前提交响应文件。
一、项目基本情况
项目编号：[3501]RX[CS]2026009
项目名称：闽侯县云溪中学计算机教室设备采购
采购方式：竞争性磋商
预算金额：８６０，０００.00元
最高限价：85.5 万元
采购需求：
品名
数量
学生电脑
56台
合同履行期限：签订合同后 30 日内
本项目不接受联合体投标。
二、申请人的资格要求：
1.满足《中华人民共和国政府采购法》第二十二条规定；
2.落实政府采购政策需满足的资格要求：专门面向中小企业。
3.本项目的特定资格要求：无
三、获取采购文件
时间：2026年3月11日至2026年3月17日
地点：电子平台
方式：在线获取
售价：0元
四、响应文件提交
截止时间：2026年03月25日 09点30分
地点：电子平台
五、开启
时间：2026年03月25日 09点30分
地点：第二开标室
六、公告期限
自本公告发布之日起3个工作日。
{CONTACTS}"""
    )
    fields = {"title": "闽侯县云溪中学计算机教室设备采购竞争性磋商公告", "issuer": "闽侯县云溪中学"}
    return an_item("政府采购", "采购/资审公告", text, **fields | changes)


def a_procurement_notice_by_package(**changes: Any) -> dict[str, Any]:
    """公开招标公告 whose budget stands in a table of packages in ten thousand yuan."""
    text = f"""一、项目基本情况
项目编号
：RX-2026-11
项目名称：云溪中学校园保安服务
采购方式：公开招标
包号
预算金额(万元)
最高限价(万元)
A
40.250000
40.250000
B
20.000000
20.000000
合同履行期限：一年
四、提交投标文件截止时间、开标时间和地点
提交投标文件截止时间：2026-04-02 09:00:00
开标时间：2026-04-02 09:00:00
地点：第一开标室
五、公告期限
自本公告发布之日起五个工作日
{CONTACTS}"""
    return an_item("政府采购", "采购/资审公告", text, **{"title": "云溪中学校园保安服务公开招标公告"} | changes)


def a_procurement_result(**changes: Any) -> dict[str, Any]:
    """中标公告 whose award is a numbered table with a code, in ten thousand yuan."""
    text = f"""一、项目编号：RX-2026-09
二、项目名称：闽侯县云溪中学计算机教室设备采购
三、中标（成交）信息
序号
中标（成交）金额（万元）
中标供应商名称
中标供应商地址
中标供应商统一社会信用代码
评审总得分
1
83.1260
福州清源信息技术有限公司
福州市闽侯县科技东路１号
91350100M00010081U
92.40
四、主要标的信息
序号
标的名称
品牌
规格型号
数量
单价（元）
1
学生电脑
清源
QY-7
56台
9800.00
2
教师电脑
清源
QY-9
4台
12000.00
五、评审专家名单：
陈一一、李二二、
王三三（采购人代表）
六、代理服务收费标准及金额：
按协议收取。
代理服务收费金额（元）：9500.00
七、公告期限
自本公告发布之日起1个工作日。
{CONTACTS}"""
    return an_item("政府采购", "中标公告", text, **{"title": "闽侯县云溪中学计算机教室设备采购成交公告"} | changes)


def a_result_by_label(**changes: Any) -> dict[str, Any]:
    """成交公告 that names the supplier by label, at a price per year torn over two lines."""
    text = f"""一、项目编号
：
RX-2026-12
二、项目名称
：
云溪中学食堂服务
三、中标（成交）信息
供应商名称：
福建田园餐饮管理有限公司
供应商地址：福州市仓山区福湾路2号
中标（成交）金额：
286000.00
元每年
五、
评审专家名单：
赵一
、钱二、孙三
七、公告期限
1个工作日
{CONTACTS}"""
    return an_item("政府采购", "中标公告", text, **{"title": "云溪中学食堂服务成交结果公告"} | changes)


def a_result_of_two_packages(**changes: Any) -> dict[str, Any]:
    """中标公告 with a winner for each of two packages."""
    text = """一、项目编号：RX-2026-13
二、项目名称：校服采购
三、中标（成交）信息
序号
中标供应商名称
中标供应商地址
中标金额(元)
1
福州锦绣服装有限公司
福州市晋安区
120000
2
莆田霓裳服饰有限公司
莆田市荔城区
95000.50
七、公告期限
自本公告发布之日起1个工作日。"""
    return an_item("政府采购", "中标公告", text, **{"title": "校服采购中标公告"} | changes)


def a_failed_procurement(**changes: Any) -> dict[str, Any]:
    """废标公告 among the results."""
    text = "一、项目编号：RX-2026-14\n二、项目名称：图书采购\n三、废标原因\n有效供应商不足三家"
    return an_item("政府采购", "中标公告", text, **{"title": "图书采购废标公告"} | changes)


def a_correction(**changes: Any) -> dict[str, Any]:
    """更正公告 with a ticked box and a new deadline."""
    text = f"""一、项目基本情况
原公告的采购项目编号：RX-2026-09
原公告的采购项目名称：计算机教室设备采购
首次公告日期：2026年3月1日
二、更正信息
更正事项：□采购公告 ☑采购文件 □采购结果
更正内容：
响应文件提交截止时间由2026年3月25日9时30分延期至2026年3月30日9时30分
更正日期：2026-03-10
三、其他补充事宜
无
{CONTACTS}"""
    return an_item("政府采购", "更正事项", text, **{"title": "计算机教室设备采购更正公告"} | changes)


def a_correction_by_table(**changes: Any) -> dict[str, Any]:
    """更正公告 that sets what stood against what stands."""
    text = """二、更正信息
更正事项：采购公告
更正内容：
序号
更正项
更正前内容
更正后内容
1
质保期
三年
五年
2
数量
56台
60台
更正日期：2026-03-10
三、其他补充事宜
/"""
    return an_item("政府采购", "更正事项", text, **{"title": "设备采购更正公告", "project_code": "RX-9"} | changes)


def a_contract(**changes: Any) -> dict[str, Any]:
    """采购合同 in labels."""
    text = """一、合同编号：HT-2026-77
二、合同名称：闽侯县云溪中学计算机教室设备采购合同
三、项目编号：RX-2026-09
四、项目名称：计算机教室设备采购
五、合同主体
采购人（甲方）：闽侯县云溪中学
地址：闽侯县云溪路9号
联系方式：0591-00000001
供应商（乙方）：福州清源信息技术有限公司
地址：福州市闽侯县科技东路1号
六、合同主要信息
主要标的名称：学生电脑
规格型号（或服务要求）：QY-7
主要标的数量：56台
主要标的单价：9800元
合同金额：831,260.00元
履约期限、地点等简要信息：30日历天，闽侯县
采购方式：竞争性磋商
七、合同签订日期
2026年3月9日"""
    return an_item("政府采购", "采购合同", text, **{"title": "计算机教室设备采购合同公告"} | changes)


def an_empty_contract(**changes: Any) -> dict[str, Any]:
    """采购合同 as the national platform exports it: structured fields, an amount of zero."""
    fields = {
        "采购人名称": "闽侯县云溪中学",
        "中标（成交）供应商名称": "福州清源信息技术有限公司",
        "合同金额": "0元 人民币",
        "合同期限": "90日历天",
        "合同签署时间": "2026-03-09 10:01:02",
    }
    return an_item("政府采购", "采购合同", "", **{"structured_fields": fields, "project_code": "RX-1"} | changes)


def a_tender_notice(**changes: Any) -> dict[str, Any]:
    """招标公告 with its sections, tenderer and agency side by side."""
    text = """云溪大桥工程施工招标公告
1.招标条件
本招标项目云溪大桥工程已由闽侯县发展和改革局以侯发改〔2026〕9号批准建设，建设资金来自财政资金，招标人为闽侯县云溪建设发展有限公司，现进行公开招标。
2.项目概况与招标范围
2.1建设地点：闽侯县云溪镇
2.2建设规模：桥长 120 米
2.3招标范围：施工图纸范围内的全部工程
2.4最高投标限价：3856.7万元
3.投标人资格要求
3.1投标人须具备市政公用工程施工总承包二级及以上资质。
3.2本次招标不接受联合体投标。
4.招标文件的获取
4.1时间：2026年3月10日9时00分至2026年3月16日17时00分，登录电子平台下载。
5.投标文件的递交
5.1投标文件递交的截止时间：2026年4月7日9时30分，网上递交。
6.开标
6.1开标时间：2026年4月7日9时30分，采用远程不见面开标。
7.联系方式
招标人：闽侯县云溪建设发展有限公司
招标代理机构：福建榕行招标代理有限公司
地址：闽侯县云溪路1号
地址：福州市鼓楼区软件大道8号
联系人：张工
联系人：林工
电话：0591-00000011
电话：0591-00000012"""
    fields = {"title": "云溪大桥工程施工招标公告", "project_code": "E3501210002603001001"}
    return an_item("工程建设", "招标/资审公告", text, **fields | changes)


def a_candidate_publicity(**changes: Any) -> dict[str, Any]:
    """中标候选人公示 with a numbered table in which empty cells were lost, and a period of bare days."""
    text = """云溪大桥工程中标候选人公示
（公示期：
2026
年
03
月
10
日至
2026
年
03
月
12
日）
中标候选人排序
名称
投标报价
（元）
工期
质量
项目经理
证书名称
证书编号
第一名
福建青屿桥梁工程有限公司
36,980,000.00
300日历天
合格
郑一
一级建造师
闽1350000000001
第二名
厦门海沧路桥有限公司
37010000
300日历天
合格
吴二
一级建造师
闽
1350000000002
提出异议的渠道和方式
书面向招标人提出。
招标人（盖章）：
2026年3月10日"""
    fields = {"title": "云溪大桥工程中标候选人公示", "project_code": "E3501210002603001001001"}
    return an_item("工程建设", "交易结果公示", text, **fields | changes)


def a_candidate_publicity_by_label(**changes: Any) -> dict[str, Any]:
    """中标候选人公示 that names the candidates by label."""
    text = """公示时间：2026年3月10日至2026年3月13日
第一中标候选人：福建青屿桥梁工程有限公司
投标报价：3698.00万元
工期：300天
质量：合格
第二中标候选人：厦门海沧路桥有限公司
投标报价：下浮 6.5%
工期：300天"""
    return an_item("工程建设", "交易结果公示", text, **{"title": "云溪大桥评标结果公示（中标候选人）"} | changes)


def a_win_result(**changes: Any) -> dict[str, Any]:
    """中标结果公告 of a consortium."""
    text = """（招标编号：E3501210002603001001）
一、中标人信息
中标人:
福建青屿桥梁工程有限公司（联合体牵头人）;厦门海沧设计院有限公司
投标总报价中标价格:
36980000.00 元
二、其他公告内容
/
三、监督部门
闽侯县住房和城乡建设局
四、联系方式
招 标 人:
闽侯县云溪建设发展有限公司
地 址:
闽侯县云溪路1号
招标代理机构:
福建榕行招标代理有限公司
地 址:
福州市鼓楼区软件大道8号"""
    fields = {"title": "云溪大桥工程中标结果公告", "project_code": "E3501210002603001001"}
    return an_item("工程建设", "交易结果公示", text, **fields | changes)


def a_bid_opening(**changes: Any) -> dict[str, Any]:
    """开标记录 with a date in English."""
    text = "开标参与人\n开标地点\n开标三室\n开标时间\nApr 7, 2026\n开标记录内容\n投标人名称\n投标报价（元）\n福建青屿桥梁工程有限公司\n36980000"
    fields = {
        "开标地点": "开标三室",
        "开标时间": "Apr 7, 2026",
        "开标记录内容": "投标人名称投标报价（元）福建青屿桥梁工程有限公司36980000",
    }
    changes = {"publish_date": "Apr 7, 2026 11:20:00 AM", "title": "云溪大桥工程开标记录"} | changes
    return an_item("工程建设", "开标记录", text, **{"structured_fields": fields} | changes)


def a_prequalification(**changes: Any) -> dict[str, Any]:
    """资格预审结果 that lists who passed and who did not."""
    text = """一、资格预审结果
1、福建青屿桥梁工程有限公司
2、厦门海沧路桥有限公司
未通过资格预审的申请人：
泉州洛阳桥工程有限公司
二、联系方式
招标人：闽侯县云溪建设发展有限公司"""
    return an_item("工程建设", "资格预审结果", text, **{"title": "云溪大桥工程资格预审结果公示"} | changes)


def a_land_announcement(**changes: Any) -> dict[str, Any]:
    """挂牌出让公告 whose one parcel stands in labels."""
    text = """福州市自然资源和规划局国有建设用地使用权挂牌出让公告
榕自然资告字[2026]9号
一、挂牌出让地块的基本情况和规划指标等要求
宗地编号：
宗地2026-09号
宗地面积：
32650.5平方米
宗地坐落：
仓山区云溪大道以北
出让年限：
70年
容积率：
大于1并且小于或等于2.2
建筑密度(%)：
小于或等于25
土地用途：
城镇住宅用地
保证金：
9200万元
起始价：
4.6亿元
加价幅度：
300万元
二、中华人民共和国境内外的法人、自然人和其他组织均可申请参加。
三、申请人可于2026年3月10日至2026年4月8日到交易系统提交申请、获取挂牌出让文件。
四、本次挂牌时间为2026年4月1日9时00分至2026年4月10日15时00分，网上竞价，价高者得。
联系地址：福州市台江区高桥路69号
联系电话：0591-00000021"""
    fields = {
        "title": "福州市国有建设用地使用权挂牌出让公告（榕自然资告字[2026]9号）",
        "issuer": "福州市自然资源和规划局",
    }
    return an_item("土地使用权", "出让公告", text, **fields | changes)


def a_land_announcement_by_table(**changes: Any) -> dict[str, Any]:
    """拍卖出让公告 with a table of two parcels, one of them without a start price."""
    text = """一、地块的基本情况
宗地编号
土地位置
土地面积（㎡）
土地用途
出让年限
起始价（万元）
竞买保证金（万元）
侯2026-01
闽侯县上街镇
18,200
商业
40年
21500
4300
侯2026-02
闽侯县南屿镇
9000
工业
50年
面议
500
二、本次拍卖时间：2026年4月20日10:00"""
    return an_item("土地使用权", "出让公示", text, **{"title": "闽侯县国有建设用地使用权拍卖出让公告"} | changes)


def a_clarification(**changes: Any) -> dict[str, Any]:
    """招标文件澄清 whose opening is postponed, in the labels of the national platform's form."""
    text = """文件编号
E3501210002603001001001001
投标资格
市政公用工程施工总承包二级及以上资质
投标文件递交截止时间
2026-04-07 09:30
投标有效期
90
投标文件递交方法
电子平台上传
投标保证金缴纳方式
转账、银行保函
投标保证金金额
60万元 人民币
控制价（最高限价）
3856.7万元 人民币
评标办法
综合评估法
开标时间
2026-04-07 09:30
开标地点
开标三室
开标方式
网上开标
资格审查方式
资格后审
答疑澄清时间
2026-03-10 09:00
是否延期
是
延期后开标时间
2026-04-14 09:30
延期后开标地点
对文件澄清与修改的主要内容
桥面铺装改为沥青混凝土，其余不变。
递交时间
2026-03-10 09:10"""
    fields = {"title": "云溪大桥工程施工招标澄清文件", "project_code": "E3501210002603001001"}
    return an_item("工程建设", "招标/资审文件澄清", text, **fields | changes)


def an_empty_clarification(**changes: Any) -> dict[str, Any]:
    """招标文件澄清 as the national platform exports it: hardly a label has a value, the amounts are zero."""
    fields = {
        "投标有效期": "120",
        "投标保证金金额": "0元 人民币",
        "控制价（最高限价）": "0元 人民币",
        "对文件澄清与修改的主要内容": "见附件",
    }
    return an_item("工程建设", "招标/资审文件澄清", "", **{"structured_fields": fields} | changes)


def a_clarification_of_prequalification(**changes: Any) -> dict[str, Any]:
    """资格预审文件澄清 that leaves the dates as they were."""
    text = """文件编号：ZS-2026-09
申请资格：公路工程施工总承包一级
申请文件递交截止时间：2026年3月20日17时00分
文件开启时间：2026年3月20日17时30分
澄清内容：类似业绩由三年放宽至五年。"""
    return an_item("工程建设", "招标/资审文件澄清", text, **{"title": "云溪大桥工程资格预审文件澄清"} | changes)


def an_other_trade_notice(**changes: Any) -> dict[str, Any]:
    """其他·交易公告 of an agency; a full stop clings to the number."""
    text = """一、项目基本情况
1
.
项目编号：
YXQT202603009
。
2
.
项目名称：
云溪镇停车场三年经营权
。
二、报名
2026年3月12日至2026年3月20日，在福建榕行交易平台报名。"""
    fields = {"title": "云溪镇停车场三年经营权公告", "agency": "福建榕行招标代理有限公司"}
    return an_item("其他", "交易公告", text, **fields | changes)


def an_other_trade_result(**changes: Any) -> dict[str, Any]:
    """其他·成交公示 on one line."""
    text = "项目编号：YXQT202603001 标的名称：云溪书院讲座冠名 交易价格：12.500000（万元） 成交日期：2026-03-09"
    return an_item("其他", "成交公示", text, **{"title": "云溪书院讲座冠名成交公示"} | changes)
