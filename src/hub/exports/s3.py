"""Objects in an S3 bucket, with requests signed as AWS Signature Version 4 has it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

import httpx

from hub.exports.shelf import ShelfAway


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs, and for which region."""

    region: str
    access_key: str
    secret_key: str


def signed(
    keys: Keys, method: str, url: str, headers: Mapping[str, str], body: bytes, moment: datetime
) -> dict[str, str]:
    """The headers of a request to S3 with its signature; `url` is percent-encoded and has no query."""
    address = urlsplit(url)
    stamp, digest = f"{moment:%Y%m%dT%H%M%SZ}", sha256(body).hexdigest()
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    lower |= {"host": address.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(sorted(lower))
    lines = "".join(f"{name}:{lower[name]}\n" for name in sorted(lower))
    request = f"{method}\n{address.path}\n\n{lines}\n{names}\n{digest}"
    scope = f"{stamp[:8]}/{keys.region}/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    credential = f"Credential={keys.access_key}/{scope}"
    return lower | {"authorization": f"AWS4-HMAC-SHA256 {credential},SignedHeaders={names},Signature={signature}"}


class Bucket:
    """A shelf in a bucket, below a prefix; addresses have the bucket in their path."""

    def __init__(self, http: httpx.AsyncClient, endpoint: str, bucket: str, prefix: str, keys: Keys) -> None:
        self._http = http
        self._base = "/".join(part for part in (endpoint.rstrip("/"), bucket, quote(prefix.strip("/"))) if part)
        self._keys = keys

    async def put(self, name: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Store an object, whole or not at all; raises `ShelfAway`."""
        await self._call("PUT", name, headers, body)

    async def get(self, name: str) -> bytes | None:
        """An object's bytes, None where there is none; raises `ShelfAway`."""
        answer = await self._call("GET", name, {}, b"")
        return None if answer.status_code == 404 else answer.content

    async def _call(self, method: str, name: str, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        url = f"{self._base}/{quote(name)}"
        sent = signed(self._keys, method, url, headers, body, datetime.now(UTC))
        try:
            answer = await self._http.request(method, url, headers=sent, content=body)
        except httpx.HTTPError as error:
            raise ShelfAway(f"The bucket does not answer: {error or type(error).__name__}") from None
        if answer.is_success or (method == "GET" and answer.status_code == 404):
            return answer
        raise ShelfAway(f"The bucket answers {answer.status_code}: {answer.text[:200]}")
