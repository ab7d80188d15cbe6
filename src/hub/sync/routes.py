"""The routes of a process: its statutory targets, the live subscriptions, and the replays to either."""

from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db import Database
from hub.ledger.bell import Bell
from hub.ledger.outcomes import last_number
from hub.schemas.kind import kinds
from hub.settings import Settings, TargetLimits
from hub.sync import replays, subscriptions
from hub.sync.allowed import Allowed
from hub.sync.client import Client
from hub.sync.pace import Meter, Pace
from hub.sync.route import Route
from hub.sync.source import Source, Versions, Wanted, statutory
from hub.sync.subscriber import ANSWER_LIMIT, Subscriber
from hub.sync.subscriptions import SubscriptionFilter
from hub.sync.tables import Replay, Subscription
from hub.sync.target import Target, targets
from hub.sync.telling import Entries, Outcomes

SUBSCRIPTIONS = "subscriptions"
"""The name under which the limits of all subscribers stand."""

SUBSCRIBER_SECONDS = 15.0
"""The longest that a subscriber's answer is waited for."""


@dataclass(slots=True)
class Routes:
    """Makes routes, and the clients, paces and meters that go with them."""

    database: Database
    bell: Bell
    settings: Settings
    outcomes: Bell | None = None
    _meters: dict[str, Meter] = field(default_factory=dict)

    def statutory(self) -> list[Route]:
        """The targets that are switched on."""
        return [self._to_target(targets()[name]) for name in self.settings.targets()]

    async def others(self, connection: AsyncConnection) -> tuple[list[Route], list[Replay]]:
        """The live subscriptions and the unfinished replays to what is switched on or live, as of now."""
        live = {subscription.name: subscription for subscription in await subscriptions.live(connection)}
        found = [self._to_subscriber(subscription) for subscription in live.values()]
        begun = []
        for replay in await replays.unfinished(connection):
            if replay.target in live:
                found.append(self._to_subscriber(live[replay.target], replay))
                begun.append(replay)
            elif replay.target in self.settings.targets():
                found.append(self._replay(targets()[replay.target], replay))
                begun.append(replay)
        return found, begun

    def client(self, route: Route) -> Client:
        """A client for the route."""
        settings, requests = self.settings, self.pace(route).requests
        if isinstance(route.target, Subscriber):
            return subscriber_client(settings, route.target.url, requests)
        url = settings.targets()[route.target.name]
        return Client(url, token=settings.target_token, seconds=settings.target_timeout, requests=requests)

    def pace(self, route: Route) -> Pace:
        """How a process delivers on the route."""
        requests = self._limits(route.target).requests
        if isinstance(route.target, Subscriber):
            usual = Pace(batch=100, bytes=1024 * 1024, requests=4)
        else:
            usual = Pace(
                batch=self.settings.delivery_batch,
                bytes=self.settings.delivery_bytes,
                requests=self.settings.delivery_requests,
            )
        return replace(
            usual,
            requests=requests or usual.requests,
            lease=self.settings.lease_seconds,
            backlog=self.settings.backlog_per_second or None,
            decisions=self.settings.receipt_timeout,
        )

    def meter(self, route: Route) -> Meter:
        """How fast the route's target may be sent to: one for all routes to it."""
        limits = self._limits(route.target)
        if (known := self._meters.get(route.target.name)) is None:
            known = self._meters[route.target.name] = Meter(limits.versions_per_second, limits.requests_per_second)
        return known

    def _limits(self, target: Target) -> TargetLimits:
        name = SUBSCRIPTIONS if isinstance(target, Subscriber) else target.name
        return self.settings.target_limits.get(name, TargetLimits())

    def _to_target(self, target: Target) -> Route:
        start = None if self.settings.target_starts.get(target.name) == "now" else 0
        wants = [name for name, kind in kinds().items() if target.wants(kind)]
        return Route(target.name, target, statutory(target.name, wants), self.bell, start)

    def _to_subscriber(self, told: Subscription, replay: Replay | None = None) -> Route:
        name, last = (told.name, None) if replay is None else (replay.name, replay.last)
        start = told.start if replay is None else replay.first - 1
        wanted = SubscriptionFilter.model_validate_json(told.filter)
        target = Subscriber(told.name, told.what, told.url, told.secret)
        source: Source
        if told.what == "versions":
            source, bell = Entries(name, wanted.wanted(), told.platform, last), self.bell
        else:
            source, bell = Outcomes(name, wanted.wanted(told.platform), last), self._outcomes()
        return Route(name, target, source, bell, start, statutory=False)

    def _replay(self, target: Target, replay: Replay) -> Route:
        wants = tuple(name for name, kind in kinds().items() if target.wants(kind) and replay.kind in (None, name))
        wanted = Wanted(wants, platform=replay.platform, delivered_to=target.name)
        source = Versions(replay.name, wanted, replay.last)
        return Route(replay.name, target, source, self.bell, replay.first - 1, statutory=False, renews=target.name)

    def _outcomes(self) -> Bell:
        if self.outcomes is None:
            self.outcomes = Bell(self.database, last_number)
        return self.outcomes


def subscriber_client(settings: Settings, url: str, requests: int = 1) -> Client:
    """A client for an address that a subscriber named."""
    allowed = Allowed(settings.outbound_allow.split(","))
    seconds = min(settings.target_timeout, SUBSCRIBER_SECONDS)
    return Client(url, seconds=seconds, requests=requests, allowed=allowed, limit=ANSWER_LIMIT)
