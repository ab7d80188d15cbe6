"""What the states of a delivery are called, for people."""

WORDS = {
    "pending": "待发送",
    "retrying": "重试中",
    "waiting": "等待",
    "parked": "搁置",
    "pending_receipt": "待审核",
    "unknown": "未知",
    "rejected": "已退回",
    "skipped": "已跳过",
    "delivered": "已送达",
}
"""The Chinese word for each state, in the order in which a person looks for them."""
