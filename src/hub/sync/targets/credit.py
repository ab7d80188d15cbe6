"""The national credit-information sharing platform."""

from collections.abc import Sequence

from hub.schemas.kind import Kind
from hub.sync.target import Outcome, Outgoing, Reply, Target
from hub.sync.wire import decisions_of, item_of, outcomes_of


class CreditPlatform(Target):
    """全国信用信息共享平台: penalties and list entries, in 双公示 and list field names, at once with the national platform."""

    name = "credit"
    title = "全国信用信息共享平台"

    def wants(self, kind: type[Kind]) -> bool:
        """Credit information (opinion, part two, (三))."""
        return kind.to_credit

    def encode(self, version: Outgoing) -> bytes:
        """One item of a JSON batch."""
        return item_of(self.name, version)

    def outcomes(self, reply: Reply, sent: Sequence[int]) -> list[Outcome]:
        """Per-item results with receipts."""
        return outcomes_of(reply, sent)

    def decided(self, reply: Reply, receipts: Sequence[str]) -> list[Outcome]:
        """What was decided on receipts that were pending."""
        return decisions_of(reply, receipts)
