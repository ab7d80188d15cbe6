"""The periods that the law gives bidders, as rules that several tender kinds share."""

from hub.schemas.rules import Rule

DOCUMENT_SALE = Rule(
    "document-sale",
    "招标文件发售期不足 {days} 日（招标投标法实施条例 第十六条）",
    "the documents are on offer for less than {days} days (招标投标法实施条例 第十六条)",
)
BID_PREPARATION = Rule(
    "bid-preparation",
    "自招标文件开始发出至投标截止不足 {days} 日（招标投标法 第二十四条）",
    "less than {days} days from the first issue of the documents to the bid deadline (招标投标法 第二十四条)",
)
APPLICATION_PREPARATION = Rule(
    "application-preparation",
    "自资格预审文件停止发售至提交申请截止不足 {days} 日（招标投标法实施条例 第十七条）",
    "less than {days} days from the end of the documents' sale to the deadline of the applications "
    "(招标投标法实施条例 第十七条)",
)
CLARIFICATION = Rule(
    "tender-clarification",
    "澄清或者修改距截止不足 {days} 日，影响文件编制的应顺延截止时间（招标投标法实施条例 第二十一条）",
    "clarified less than {days} days before the deadline, which is put off where the clarification affects the bids "
    "(招标投标法实施条例 第二十一条)",
)
OBJECTION_REPLY = Rule(
    "tender-objection-reply",
    "应自收到异议之日起 {days} 日内答复（招标投标法实施条例 第二十二条、第五十四条）",
    "an objection is answered within {days} days (招标投标法实施条例 第二十二条、第五十四条)",
)
