"""Reading a hub's feed from elsewhere: `FeedClient`, and what keeps what it reads."""

from hub.client.feed import FeedClient
from hub.client.page import Entry, Page
from hub.client.trouble import Broken, EpochEnded, Refused, Unreachable

__all__ = ["Broken", "Entry", "EpochEnded", "FeedClient", "Page", "Refused", "Unreachable"]
