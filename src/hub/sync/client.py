"""The only outbound HTTP of the hub: one request, one bounded answer, no redirects."""

from dataclasses import dataclass

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
        try:
            async with self._http.stream("POST", self._url + path, content=body) as response:
                parts, size = [], 0
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > ANSWER_LIMIT:
                        raise NoAnswer(f"the answer is longer than {ANSWER_LIMIT} bytes")
                    parts.append(chunk)
                pause = response.headers.get("retry-after", "")
                return Answer(Reply(response.status_code, b"".join(parts)), float(pause) if pause.isdigit() else None)
        except httpx.HTTPError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
