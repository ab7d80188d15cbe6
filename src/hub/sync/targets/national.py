"""The national public-resource trading platform."""

from collections.abc import Sequence

from hub.schemas.kind import Kind
from hub.sync.target import Outcome, Outgoing, Reply, Target
from hub.sync.wire import decisions_of, item_of, outcomes_of


class NationalPlatform(Target):
    """全国公共资源交易平台: everything, by dataset number and element names of the data specification V2.0."""

    name = "national"
    title = "全国公共资源交易平台"

    def wants(self, _kind: type[Kind]) -> bool:
        """All kinds: the platform is the hub of the sharing system (opinion, part two, (三))."""
        return True

    def encode(self, version: Outgoing) -> bytes:
        """One item of a JSON batch."""
        return item_of(self.name, version)

    def outcomes(self, reply: Reply, sent: Sequence[int]) -> list[Outcome]:
        """Per-item results with receipts."""
        return outcomes_of(reply, sent)

    def decided(self, reply: Reply, receipts: Sequence[str]) -> list[Outcome]:
        """What was decided on receipts that were pending."""
        return decisions_of(reply, receipts)
