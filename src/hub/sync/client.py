"""The only outbound HTTP of the hub: one request, one bounded answer, no redirects."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from re import fullmatch

import httpx

from hub.sync.target import Reply

ANSWER_LIMIT = 4 * 1024 * 1024
"""The most bytes of an answer that are read: per-item results of the largest batch with all their errors fit."""


class NoAnswer(Exception):
    """The target did not answer, or not within the time or size that is waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the pause that the target asks for, in seconds."""

    reply: Reply
    retry_after: float | None


class Client:
    """Sends batches to one target."""

    def __init__(self, url: str, *, token: str, seconds: float, requests: int) -> None:
        headers = {"content-type": "application/json", "user-agent": "public-resource-hub"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._url = url
        self._seconds = seconds
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(seconds, connect=min(seconds, 5.0), pool=None),
            limits=httpx.Limits(max_connections=requests, max_keepalive_connections=requests),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, path: str, body: bytes) -> Answer:
        """POST the body; raises `NoAnswer`."""
        return await self._ask("POST", path, body)

    async def get(self, path: str, **query: int | str) -> Answer:
        """GET the path with a query; raises `NoAnswer`."""
        return await self._ask("GET", path, None, query)

    async def _ask(
        self, method: str, path: str, body: bytes | None, query: Mapping[str, int | str] | None = None
    ) -> Answer:
        try:
            # httpx times each read by itself: an answer that drips would hold its threads for hours.
            async with (
                asyncio.timeout(self._seconds),
                self._http.stream(method, self._url + path, content=body, params=query) as response,
            ):
                parts, size = [], 0
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > ANSWER_LIMIT:
                        raise NoAnswer(f"the answer is longer than {ANSWER_LIMIT} bytes")
                    parts.append(chunk)
                pause = pause_of(response.headers.get("retry-after", ""))
                return Answer(Reply(response.status_code, b"".join(parts)), pause)
        except TimeoutError:
            raise NoAnswer(f"the answer was not complete within {self._seconds:g} s") from None
        except httpx.HTTPError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None


def pause_of(retry_after: str) -> float | None:
    """The seconds that a Retry-After asks for, as a number or as a date (RFC 9110 section 10.2.3); None for neither."""
    if fullmatch("[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
