"""The only outbound HTTP of the hub: one request, one bounded answer, no redirects."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from re import fullmatch

import httpx

from hub.sync.allowed import Allowed
from hub.sync.lines import Lines
from hub.sync.outbound import Checked, Refused, trusted
from hub.sync.target import Reply
from hub.sync.unpacking import GZIP, Packed, Unpacking

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
    """Sends batches to one target.

    Where `allowed` is given, the address was named by somebody else: connections are made to checked addresses only,
    and an answer that is longer than `limit` bytes is cut there; of an operator's target it counts as none.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        seconds: float,
        requests: int,
        allowed: Allowed | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> None:
        self._url = url
        self._seconds = seconds
        self._limit = limit
        self._cut = allowed is not None
        # What a stranger packed is not unpacked: a few bytes may become gigabytes.
        self._headers = {
            "accept": "*/*",
            "accept-encoding": "identity" if self._cut else GZIP,
            "content-type": "application/json",
            "user-agent": "public-resource-hub",
        }
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        if url.startswith("https:"):
            trusted()  # Where its file is none, this is said before anything is sent.
        self._posted_to: dict[str, httpx.URL] = {}
        # The transport alone: no redirects, no cookies, no proxies of the environment.
        self._http = Lines(requests) if allowed is None else Lines(requests, Checked(allowed))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """POST the body; raises `NoAnswer`."""
        return await self._ask("POST", path, body, headers=headers)

    async def get(self, path: str, **query: int | str) -> Answer:
        """GET the path with a query; raises `NoAnswer`."""
        return await self._ask("GET", path, None, query)

    def _at(self, method: str, path: str, query: Mapping[str, int | str] | None) -> httpx.URL:
        if method != "POST":
            return httpx.URL(self._url + path, params=query) if query else httpx.URL(self._url + path)
        # There are but a few that are posted to, and to read an address takes as long as to write a request.
        if (known := self._posted_to.get(path)) is None:
            known = self._posted_to[path] = httpx.URL(self._url + path)
        return known

    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        query: Mapping[str, int | str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        try:
            request = httpx.Request(
                method, self._at(method, path, query), headers={**self._headers, **(headers or {})}, content=body
            )
            async with (
                asyncio.timeout(self._seconds),
                aclosing(await self._http.handle_async_request(request)) as response,
            ):
                parts, size = [], 0
                unpacking = Unpacking("" if self._cut else response.headers.get("content-encoding", ""))
                async for chunk in response.aiter_raw():
                    part = unpacking.of(chunk, self._limit - size + 1)
                    size += len(part)
                    parts.append(part)
                    if size > self._limit:
                        break
                if size > self._limit and not self._cut:
                    raise NoAnswer(f"the answer is longer than {self._limit} bytes")
                if size <= self._limit:
                    unpacking.end()
                pause = pause_of(response.headers.get("retry-after", ""))
                return Answer(Reply(response.status_code, b"".join(parts)[: self._limit]), pause)
        except TimeoutError:
            raise NoAnswer(f"the answer was not complete within {self._seconds:g} s") from None
        except Refused as error:
            raise NoAnswer(str(error)) from None
        except Packed as error:
            raise NoAnswer(f"the answer cannot be read: {error}") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None


def pause_of(retry_after: str) -> float | None:
    """The seconds that a Retry-After asks for, as a number or as a date (RFC 9110 section 10.2.3); None for neither."""
    if fullmatch("[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
