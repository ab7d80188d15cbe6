"""A small S3 server that checks signatures by its own reading of Signature Version 4 and keeps objects in memory."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

ACCESS, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "cn-north-1"


@dataclass
class Bucket:
    """What the server has: objects by path with their headers; `failing` answers 503 that often."""

    port: int = 0
    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    failing: int = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self.failing:
            self.failing -= 1
            return 503, b"<Error><Code>SlowDown</Code></Error>"
        if not is_signed(method, path, headers, body):
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        if method == "PUT":
            self.objects[path] = body, headers
            self.order.append(path)
            return 200, b""
        return (200, self.objects[path][0]) if path in self.objects else (404, b"<Error><Code>NoSuchKey</Code></Error>")


def is_signed(method: str, path: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether the Authorization field is what the secret makes of the request."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(",") if "=" in part)
    if scheme != "AWS4-HMAC-SHA256" or headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return False
    access, day, region, service, end = parts["Credential"].split("/")
    names = parts["SignedHeaders"].split(";")
    if (access, region, service, end) != (ACCESS, REGION, "s3", "aws4_request") or "host" not in names:
        return False
    canonical = [method, path, "", *(f"{name}:{headers[name]}" for name in names), "", ";".join(names)]
    hashed = hashlib.sha256("\n".join([*canonical, headers["x-amz-content-sha256"]]).encode()).hexdigest()
    secret = ("AWS4" + SECRET).encode()
    for word in (
        day,
        region,
        service,
        end,
        f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{day}/{region}/s3/{end}\n{hashed}",
    ):
        secret = hmac.new(secret, word.encode(), "sha256").digest()
    return hmac.compare_digest(secret.hex(), parts["Signature"])


@asynccontextmanager
async def a_bucket() -> AsyncIterator[Bucket]:
    """The server on a loopback port."""
    bucket = Bucket()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
                method, path, _ = first.split(" ")
                headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status, content = bucket.answer(method, path, headers, body)
                writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    bucket.port = server.sockets[0].getsockname()[1]
    async with server:
        yield bucket
