"""Items for a courier's queue, as if they had been read from the ledger."""

from hub.schemas.kind import kinds
from hub.sync.queue import Item
from hub.sync.target import Marks, Outgoing


def an_item(position: int, platform: str = "P", thread: str = "", *, lane: int = 0, size: int = 10) -> Item:
    """The first version of a record, with a document of `size` bytes; by default in a thread of its own."""
    version = Outgoing(
        position=position,
        previous=None,
        number=1,
        record=f"{platform}/{position}",
        kind=kinds()["tender_notice"],
        data_key=str(position),
        thread=thread or f"{platform}{position}",
        state="published",
        digest=b"",
        document=b"x" * size,
        marks=Marks(platform, "", "", ""),
    )
    return Item(version, record=position, lane=lane, due=False)
