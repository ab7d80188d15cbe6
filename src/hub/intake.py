"""Intake: raw bytes of a submission become an entry for the ledger, or a problem that names every fault."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from re import fullmatch
from typing import Any

import orjson
from pydantic import ValidationError

from hub.keys import Sender
from hub.law.clock import Due, beijing_day, due_of
from hub.law.duplicates import content_of, same_content
from hub.law.local_rules import NATIONAL, LocalRules, local_faults
from hub.law.neighbours import told_beside
from hub.law.projection import WITHDRAWN_UNSEEN, Projection, projected, withdrawal_member
from hub.law.text_check import text_warnings
from hub.ledger.entry import Entry
from hub.moments import micros, now
from hub.nearest import meant
from hub.problems import (
    Fault,
    IllegalChange,
    InvalidSubmission,
    NotFound,
    Problem,
    SecrecyNotCleared,
)
from hub.schemas.explain import MOST_ERRORS, faults, warnings
from hub.schemas.kind import Kind, editions, kinds
from hub.schemas.rules import Rule, Ruled
from hub.schemas.submission import DATA_KEY_PATTERN, Submission, Withdrawal, names_person, submission_of
from hub.schemas.threads import OF_SUBJECTS, unseen_thread
from hub.sync.target import wanted_by
from hub.wire.doubled import refuse_doubled
from hub.wire.envelope import Piece, Sent, json_of
from hub.wire.forms import read_json

FUTURE = Rule(
    "data-timestamp-future",
    "data_timestamp 晚于当前时间，请检查系统时钟",
    "`data_timestamp` lies in the future; check the clock",
)
PATH_MISMATCH = Rule("path-mismatch", "与请求地址中的值不一致", "differs from the value in the request's path")
THREAD_PERSONAL = Rule(
    "thread-personal",
    "该字段是公开的关联编号的一部分，不得含公民身份号码",
    "the field is part of the name of the record's thread, which everybody sees: it may not have a citizen's ID number",
)
KIND_UNKNOWN = Rule("kind-unknown", "没有这种记录类别", "there is no such kind")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A valid submission: its entry, and what the sender should be told."""

    entry: Entry
    warnings: list[Fault]


class Intake:
    """Turns what platforms send into entries.

    `clock_skew` is how far a `data_timestamp` may lie in the future, in microseconds.
    """

    def __init__(self, clock_skew_seconds: float, local_rules: LocalRules | None = None) -> None:
        self._clock_skew = int(clock_skew_seconds * 1_000_000)
        self.local_rules = local_rules or LocalRules()

    def submission(
        self, raw: bytes, sender: Sender, *, kind: str | None = None, data_key: str | None = None
    ) -> Accepted:
        """The entry of a submission in JSON; raises the problem that stands in its way.

        `kind` and `data_key` are those of the request's path, None where the document alone says them.
        """
        return self._submitted(read_json(Piece(raw)), sender, kind, data_key)

    def accepted(self, sent: Sent, sender: Sender, *, kind: str | None = None, data_key: str | None = None) -> Accepted:
        """The entry of a submission or withdrawal in any form; raises the problem that stands in its way."""
        try:
            return (self._withdrawn if sent.withdraws else self._submitted)(sent, sender, kind, data_key)
        except InvalidSubmission as problem:
            if sent.element_at is None:
                raise
            faults = [replace(fault, element=sent.element_at(fault.pointer)) for fault in problem.faults]
            raise InvalidSubmission(faults, problem.detail) from None

    def _submitted(self, sent: Sent, sender: Sender, kind: str | None, data_key: str | None) -> Accepted:
        document = sent.document
        _check_secrecy(document)
        kind_class = _kind_of(kind, document)
        found = _path_faults(document, kind, data_key)
        if found and found[0].pointer == "/kind":
            # By the path's kind everything in the document would be at fault, by its own it would be stored elsewhere.
            raise InvalidSubmission(found[:1])
        model = submission_of(kind_class)
        local = self.local_rules.on(kind_class, document)
        if local is not NATIONAL:
            found += local_faults(local, kind_class, document)
        try:
            submission = model.model_validate_json(sent.raw)
        except ValidationError as error:
            refuse_doubled(sent.raw, json_of(document))
            raise _refusal(model, document, error, found) from None
        timestamp = self._timestamp(submission, found)
        sender.may_push(kind_class.name(), submission.region_code, submission.discloser.code)
        moment = now()
        # Every field is a string, a list, an object or a small integer: sorted keys are RFC 8785 byte for byte.
        body = orjson.dumps(document["body"], option=orjson.OPT_SORT_KEYS)
        projection = projected(kind_class, document, moment, body)
        told = [*warnings(submission), *text_warnings(submission.body), *projection.told]
        entry = _entry(kind_class, submission, timestamp, document, body, sender.platform, projection)
        refuse_doubled(sent.raw, entry.document)
        entry.terms = _terms(kind_class, told)
        if kind_class.besides:
            entry.beside, entry.advise = kind_class.beside_kinds, partial(_beside, submission.body)
        _set_due(entry, due_of(kind_class, document, beijing_day(moment), local.clocks))
        return Accepted(entry, told)

    def _withdrawn(self, sent: Sent, sender: Sender, kind: str | None, data_key: str | None) -> Accepted:
        document = sent.document
        _check_secrecy(document)
        refuse_doubled(sent.raw, json_of(document))
        if found := _path_faults(document, kind, data_key):
            raise InvalidSubmission(found)
        named = kind or str(document.get("kind")), data_key or str(document.get("data_key"))
        return Accepted(self.withdrawal(json_of(document["withdrawal"]), sender, *named), [])

    def _timestamp(self, submission: Submission | Withdrawal, found: list[Fault]) -> int:
        """The data timestamp in microseconds; raises what was `found`, and that it lies in the future."""
        timestamp = micros(submission.data_timestamp)
        if timestamp > now() + self._clock_skew:
            found.append(Fault("/data_timestamp", FUTURE.id, FUTURE.zh, FUTURE.en))
        if found:
            raise InvalidSubmission(found)
        return timestamp

    def withdrawal(self, raw: bytes, sender: Sender, kind: str, data_key: str) -> Entry:
        """The entry of a withdrawal; raises the problem that stands in its way."""
        document = read_json(Piece(raw)).document
        refuse_doubled(raw, json_of(document))
        if kind not in kinds():
            raise NotFound(f"There is no such kind{meant(kind, kinds())}", kind=kind)
        if not fullmatch(DATA_KEY_PATTERN, data_key):
            raise NotFound("There is no such record to withdraw.")
        try:
            withdrawal = Withdrawal.model_validate_json(raw)
        except ValidationError as error:
            raise _refusal(Withdrawal, document, error) from None
        timestamp = self._timestamp(withdrawal, [])
        kept = {"kind": kind, "data_key": data_key, "withdrawal": document}
        stored = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
        return Entry(
            platform=sender.platform,
            kind=kind,
            data_key=data_key,
            data_timestamp=timestamp,
            timestamp_text=document["data_timestamp"],
            thread="",
            region="",
            digest=sha256(stored).digest(),
            document=stored,
            public=withdrawal_member(kept),
            unseen=WITHDRAWN_UNSEEN,
            terms=b"",
            state="withdrawn",
            explains_change=True,
        )


def follows(kind: str, previous: bytes, document: bytes) -> Problem | None:
    """Why `document` may not follow `previous`, by the rule between two versions of its kind."""
    known = editions(kind)
    before, after = (submission_of(known[orjson.loads(d)["schema_version"]]) for d in (previous, document))
    try:
        after.model_validate_json(document).body.follow(before.model_validate_json(previous).body)
    except IllegalChange as problem:
        # Its traceback would hold the documents, and itself, until the garbage collector comes.
        return problem.with_traceback(None)
    return None


def _check_secrecy(document: Mapping[str, Any]) -> None:
    """Refuse what is not cleared before anything else looks at it: no fault, and so nobody, tells of its contents."""
    if document.get("secrecy_review", "cleared") != "cleared":
        raise SecrecyNotCleared


def _kind_of(kind: str | None, document: Mapping[str, Any]) -> type[Kind]:
    """The payload class of the document's kind and schema version; the kind's first edition where it names no known one."""
    name = kind if kind is not None else document.get("kind")
    if isinstance(name, str) and (first := kinds().get(name)) is not None:
        edition = document.get("schema_version")
        return editions(name).get(edition, first) if isinstance(edition, str) else first
    if kind is not None:
        raise NotFound(f"There is no such kind{meant(kind, kinds())}", kind=kind)
    raise InvalidSubmission([Fault("/kind", KIND_UNKNOWN.id, KIND_UNKNOWN.zh, KIND_UNKNOWN.en)])


def _refusal(
    model: type[Ruled], document: Mapping[str, Any], error: ValidationError, others: Sequence[Fault] = ()
) -> InvalidSubmission:
    count = error.error_count()
    detail = f"{count} fault(s), {MOST_ERRORS} of them explained." if count > MOST_ERRORS else ""
    return InvalidSubmission([*faults(model, document, error), *others], detail)


def _path_faults(document: Mapping[str, Any], kind: str | None, data_key: str | None) -> list[Fault]:
    expected = (("kind", kind), ("data_key", data_key))
    return [
        Fault(f"/{name}", PATH_MISMATCH.id, PATH_MISMATCH.zh, PATH_MISMATCH.en, value)
        for name, value in expected
        if value is not None and isinstance(document.get(name), str) and document[name] != value
    ]


def _entry(
    kind: type[Kind],
    submission: Submission,
    timestamp: int,
    document: Mapping[str, Any],
    body: bytes,
    platform: str,
    projection: Projection,
) -> Entry:
    canonical = orjson.dumps({**document, "body": orjson.Fragment(body)}, option=orjson.OPT_SORT_KEYS)
    thread, before = _threads(submission.body, platform, projection.public)
    return Entry(
        platform=platform,
        kind=submission.kind,
        data_key=submission.data_key,
        data_timestamp=timestamp,
        timestamp_text=document["data_timestamp"],
        thread=thread,
        region=submission.region_code,
        digest=sha256(canonical).digest(),
        document=canonical,
        public=projection.public,
        opened=projection.opened,
        opens_at=projection.opens_at,
        terms=b"",
        state=projection.state,
        explains_change=submission.change is not None,
        content=content_of(kind, platform, document["body"], body),
        twin=same_content,
        discloser=submission.discloser.code,
        parties=projection.parties,
        thread_before=before,
    )


def _threads(body: Kind, platform: str, public: bytes) -> tuple[str, str | None]:
    """The record's thread, and the one that it is in where more, or less, of it was public before.

    Everybody sees the thread of a version: it does not tell whom the version is about where its body does not.
    """
    thread = body.thread(platform)
    if not thread.startswith(OF_SUBJECTS):
        if names_person(thread):
            raise InvalidSubmission(
                [Fault(_names_person_at(body), THREAD_PERSONAL.id, THREAD_PERSONAL.zh, THREAD_PERSONAL.en)]
            )
        return thread, None
    unseen = unseen_thread(thread, platform)
    return (thread, unseen) if thread.rpartition(":")[2].encode() in public else (unseen, thread)


def _names_person_at(body: Kind) -> str:
    """The field of the body that has an ID number, or the body."""
    named = (name for name, value in body if isinstance(value, str) and names_person(value))
    return "/".join(("/body", *named)[:2])


def _beside(body: Kind, members: Iterable[bytes]) -> list[bytes]:
    return [orjson.dumps(fault.document()) for fault in told_beside(body, members)]


def _set_due(entry: Entry, due: Due | None) -> None:
    if due is not None:
        entry.due, entry.due_on = due.member(), due.on.isoformat()
        entry.days_late, entry.provisional = due.days_late, due.provisional


@cache
def _quiet_terms(kind: type[Kind]) -> bytes:
    return b',"targets":%b,"warnings":[]}' % orjson.dumps(wanted_by(kind))


def _terms(kind: type[Kind], told: list[Fault]) -> bytes:
    if not told:
        return _quiet_terms(kind)
    shown = [fault.document() for fault in told]
    return b',"targets":%b,"warnings":%b}' % (orjson.dumps(wanted_by(kind)), orjson.dumps(shown))
