"""The conventional way: FastAPI, a body model as parameter, an async ORM session and a commit per request.

It does the same work as the hub's routes: it checks the key, validates with the same models, hashes the canonical
document, refuses conflicting and stale versions, and answers with a receipt after the commit.
`python -m benchmarks.conventional PORT WORKERS` serves it.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from secrets import compare_digest
from typing import Annotated, Any

import orjson
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, Identity, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.processes import HOST, UVICORN_OPTIONS
from hub.schemas.kind import kinds
from hub.schemas.submission import Submission, submission_of
from hub.settings import settings

KEY = "hub_conventional"
PLATFORM = "conventional"

KIND = "tender_notice"

TenderNoticeSubmission: Any = submission_of(kinds()[KIND])


class Base(DeclarativeBase):
    """The base of the one table."""


class Stored(Base):
    """A version of a record."""

    __tablename__ = "stored"
    __table_args__ = (UniqueConstraint("platform", "kind", "data_key", "data_timestamp"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    platform: Mapped[str] = mapped_column(String(18))
    kind: Mapped[str] = mapped_column(String(64))
    data_key: Mapped[str] = mapped_column(String(64))
    data_timestamp: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    number: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Receipt(BaseModel):
    """What the sender is answered."""

    position: int
    record: str
    number: int
    digest: str
    received_at: datetime


class Entry(Receipt):
    """A version in the feed."""

    document: dict[str, Any]


class Feed(BaseModel):
    """A page of the feed."""

    entries: list[Entry]
    next: int


sessions = async_sessionmaker(expire_on_commit=False)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """One pool of connections per process."""
    engine = create_async_engine(settings().url(), pool_size=20, max_overflow=20)
    sessions.configure(bind=engine)
    yield
    await engine.dispose()


async def session() -> AsyncIterator[AsyncSession]:
    """One session per request."""
    async with sessions() as opened:
        yield opened


def platform(authorization: Annotated[str, Header()]) -> str:
    """Who sends."""
    if not compare_digest(authorization, f"Bearer {KEY}"):
        raise HTTPException(401)
    return PLATFORM


app = FastAPI(lifespan=lifespan)
Session = Annotated[AsyncSession, Depends(session)]
Sender = Annotated[str, Depends(platform)]


@app.get("/readyz")
async def ready() -> dict[str, bool]:
    """Whether the server is up."""
    return {"ready": True}


@app.put("/v1/records/tender_notice/{data_key}", status_code=201)
async def put(data_key: str, submission: TenderNoticeSubmission, sender: Sender, database: Session) -> Receipt:
    """Publish one version."""
    if submission.data_key != data_key:
        raise HTTPException(422)
    heads = await _heads(database, sender, [data_key])
    row = _decided(submission, sender, heads)
    database.add(row)
    await database.commit()
    return _receipt(row)


@app.post("/v1/records:batch")
async def post(submissions: list[TenderNoticeSubmission], sender: Sender, database: Session) -> list[Receipt]:
    """Publish a list of versions in one commit."""
    heads = await _heads(database, sender, [submission.data_key for submission in submissions])
    rows = [_decided(submission, sender, heads) for submission in submissions]
    database.add_all(rows)
    await database.commit()
    return [_receipt(row) for row in rows]


@app.get("/v1/feed")
async def feed(database: Session, after: int = 0, limit: int = 1000) -> Feed:
    """The versions behind a cursor."""
    rows = await database.scalars(select(Stored).where(Stored.id > after).order_by(Stored.id).limit(limit))
    entries = [Entry(**_receipt(row).model_dump(), document=row.document) for row in rows]
    return Feed(entries=entries, next=entries[-1].position if entries else after)


async def _heads(database: AsyncSession, sender: str, data_keys: list[str]) -> dict[str, Stored]:
    """The newest version of each record, by its key."""
    found = await database.scalars(
        select(Stored)
        .where(Stored.platform == sender, Stored.kind == KIND, Stored.data_key.in_(data_keys))
        .order_by(Stored.data_timestamp)
    )
    return {row.data_key: row for row in found}


def _decided(submission: Submission, sender: str, heads: dict[str, Stored]) -> Stored:
    """The next version of a record, or the one that is there already."""
    document = submission.model_dump(mode="json", exclude_unset=True)
    digest = sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
    head = heads.get(submission.data_key)
    if head is not None and head.data_timestamp >= submission.data_timestamp:
        if head.data_timestamp == submission.data_timestamp and head.digest == digest:
            return head
        raise HTTPException(409)
    row = Stored(
        platform=sender,
        kind=submission.kind,
        data_key=submission.data_key,
        data_timestamp=submission.data_timestamp,
        number=1 if head is None else head.number + 1,
        received_at=datetime.now(UTC),
        digest=digest,
        document=document,
    )
    heads[submission.data_key] = row
    return row


def _receipt(row: Stored) -> Receipt:
    return Receipt(
        position=row.id,
        record=f"{row.platform}/{row.kind}/{row.data_key}",
        number=row.number,
        digest=row.digest,
        received_at=row.received_at,
    )


if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.conventional:app", host=HOST, port=int(sys.argv[1]), workers=int(sys.argv[2]), **UVICORN_OPTIONS
    )
