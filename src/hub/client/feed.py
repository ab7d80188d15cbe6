"""FeedClient: follows a hub's feed from any cursor, through outages, and proves what can be proved."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from hub.client.page import Entry, Page, checked, position_of
from hub.client.trouble import Broken, EpochEnded, Refused, Trouble, Unreachable
from hub.moments import now

NDJSON = "application/x-ndjson"
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
"""Seconds: the most that is waited after a first failure, and after many."""

READ_AGAIN_WITHIN = 3600.0
"""The most seconds between two looks at a version whose opening was put off."""

OPENED_TOGETHER = 100
"""The most versions that are read again, one by one, before a page is asked for."""

Sealed = tuple[int, int, int]
"""When to look at a version next, when it should have opened, both in microseconds UTC, and its position."""

Filters = Mapping[str, str | Sequence[str]]


class FeedClient:
    """Reads `/v1/feed` of the hub at `url`.

    `key` shows a consumer's view, and `full` says that it is the government's: then every document is proved by its
    digest. `filters` are the feed's own query parameters, e.g. `{"kind": ["tender_notice"], "region": "3501"}`.
    `patience` is how many seconds without any answer are borne, None for no end; `interrupted` is told why there was
    none, once until the next answer.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str = "",
        filters: Filters | None = None,
        full: bool = False,
        limit: int = 1000,
        wait: float = 25.0,
        patience: float | None = None,
        interrupted: Callable[[str], object] = lambda _: None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.full = full
        self.filters = dict(filters or {})
        self._limit = limit
        self._wait = wait
        self._patience = patience
        self._interrupted = interrupted
        self._headers = {"accept": NDJSON} | ({"authorization": f"Bearer {key}"} if key else {})
        self._own = http is None
        self._http = http or httpx.AsyncClient(timeout=httpx.Timeout(30.0 + wait, connect=10.0))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless they were given."""
        if self._own:
            await self._http.aclose()

    async def entries(
        self, cursor: str = "0", *, follow: bool = False, openings: Iterable[tuple[int, int]] = ()
    ) -> AsyncIterator[Entry]:
        """The entries behind the cursor, one by one; as `pages`, where a cursor is needed to go on later."""
        async for page in self.pages(cursor, follow=follow, openings=openings):
            for entry in page.entries:
                yield entry

    async def pages(
        self, cursor: str = "0", *, follow: bool = False, openings: Iterable[tuple[int, int]] = ()
    ) -> AsyncIterator[Page]:
        """Pages behind the cursor up to the head, or without end where `follow` is true.

        What was sealed until an opening is read again at its time, in pages of its own with the cursor unchanged;
        `openings` are those that are still to come from reading before: (microseconds UTC, position). Raises
        `Broken`, `EpochEnded`, `Refused` and `Unreachable`.
        """
        sealed = [(opening, opening, position) for opening, position in openings]
        heapify(sealed)
        while True:
            opened = await self._opened(sealed)
            # An epoch that has ended is told of here: what was read before would be another version in the next one.
            page = await self._page(cursor, self._patient(sealed) if follow and not opened else 0.0)
            if opened:
                yield Page(opened, cursor, position_of(cursor), dense=False)
            for entry in page.entries:
                if entry.opens_at is not None:
                    heappush(sealed, (entry.opens_at, entry.opens_at, entry.position))
            moved, cursor = page.cursor != cursor, page.cursor
            if moved or page.entries:
                yield page
            if page.position >= page.head and not follow and not _due(sealed):
                return

    async def version(self, position: int) -> Entry:
        """The version at a position as it is shown now."""
        response = await self._get(f"/v1/versions/{position}", {}, accept="application/json")
        return Entry.read(response.content, full=self.full, again=True)

    async def ask(self, path: str, **query: Any) -> Any:
        """The JSON of another route; raises as `pages` does."""
        return orjson.loads((await self._get(path, query, accept="application/json")).content)

    async def post(self, path: str, body: Any) -> Any:
        """The JSON that a question in JSON is answered with; it must be safe to repeat."""
        return orjson.loads((await self._get(path, {}, accept="application/json", body=body)).content)

    async def _page(self, cursor: str, wait: float) -> Page:
        query = {"after": cursor, "limit": self._limit, "wait": math.ceil(wait)} | self.filters
        response = await self._get("/v1/feed", query, accept=NDJSON)
        following, head = response.headers.get("hub-next"), response.headers.get("hub-head")
        if following is None or head is None:
            raise Broken("the answer is not a page of a feed: it has no Hub-Next")
        entries = [Entry.read(line, full=self.full) for line in response.content.splitlines()]
        page = Page(entries, response.headers.get("hub-cursor", following), int(head), dense=not self.filters)
        return checked(page, position_of(cursor))

    async def _opened(self, sealed: list[Sealed]) -> list[Entry]:
        """Some of the versions whose opening has come, as they are shown now."""
        opened: list[Entry] = []
        looked = 0
        while _due(sealed) and looked < OPENED_TOGETHER:
            looked += 1
            _, opening, position = heappop(sealed)
            entry = await self._found(position)
            if entry is not None and entry.opens_at is None:
                opened.append(entry)
                continue
            # It was put off, the hub's clock is behind, or the hub has lost it: look soon, then ever more rarely.
            if entry is not None and entry.opens_at is not None:
                opening = max(opening, entry.opens_at)
            waited = max(now() - opening, 0) / 1_000_000
            again = now() + int(min(1.0 + waited, READ_AGAIN_WITHIN) * 1_000_000)
            heappush(sealed, (max(again, opening), opening, position))
        return opened

    async def _found(self, position: int) -> Entry | None:
        """The version at a position, None where the hub has none there."""
        try:
            return await self.version(position)
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return None

    def _patient(self, sealed: Sequence[Sealed]) -> float:
        """How long to wait for a page: no longer than until the next opening, but for what is left of a second."""
        if not sealed:
            return self._wait
        return min(self._wait, max((sealed[0][0] - now()) / 1_000_000, 0.0))

    async def _get(self, path: str, query: Mapping[str, Any], *, accept: str, body: Any = None) -> httpx.Response:
        """An answer of 200, tried again after whatever may pass by itself."""
        method, headers = "GET" if body is None else "POST", self._headers | {"accept": accept}
        failures, began = 0, time.monotonic()
        while True:
            pause, why = 0.0, ""
            try:
                response = await self._http.request(method, self.url + path, params=query, json=body, headers=headers)
                if response.status_code == 200:
                    return response
                if response.status_code not in TRANSIENT:
                    raise _refusal(response)
                why, pause = str(response.status_code), _asked_pause(response)
            except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
                raise Trouble(f"{self.url} cannot be asked: {error}") from None
            except httpx.TransportError as error:
                why = f"{type(error).__name__} {error}".strip()
            except httpx.DecodingError as error:
                why = f"an unreadable answer: {error}"
            failures += 1
            if failures == 1:
                self._interrupted(why)
            if self._patience is not None and time.monotonic() - began > self._patience:
                raise Unreachable(f"{self.url} has not answered for {self._patience:g} s: {why}")
            await asyncio.sleep(pause + _jitter(failures))


def _due(sealed: Sequence[Sealed]) -> bool:
    """Whether a version should have opened by now."""
    return bool(sealed) and sealed[0][0] <= now()


def _jitter(failures: int) -> float:
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10)))  # noqa: S311 (no secret)


def _asked_pause(response: httpx.Response) -> float:
    asked = response.headers.get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isascii() and asked.isdigit() else 0.0


def _refusal(response: httpx.Response) -> Refused:
    try:
        said = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        said = None
    problem = said if isinstance(said, dict) else {"title": response.text[:200]}
    if problem.get("type") == "/problems/epoch-changed":
        return EpochEnded(problem)
    return Refused(response.status_code, problem)
