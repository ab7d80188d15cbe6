"""Verifying evidence: what a file shows, with nothing else at hand but the keys that one trusts."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from hub.transparency.algorithms import verifier_of
from hub.transparency.evidence import FORMAT
from hub.transparency.leaves import ENTRY, sealed
from hub.transparency.merkle import HASHINGS, Hashing, ProofInvalid, verify_inclusion
from hub.transparency.note import (
    Checkpoint,
    NoteInvalid,
    Verifier,
    Witness,
    checkpoint_of,
    opened,
    signatures_on,
    text_of,
)


class EvidenceInvalid(Exception):
    """The file does not show what it says; the argument is the sentence in English, `zh` the same in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


@dataclass(slots=True)
class Shown:
    """What evidence shows.

    Of which record a version is, and which of its versions, the file says; it is proved where `header` is.
    """

    record: str
    number: int
    position: int
    digest: str
    origin: str
    size: int
    """How many versions the signed head covers."""
    signed_by: list[str]
    """The names of the keys whose signatures hold."""
    discloser: str | None = None
    """Name and code of who discloses, where the document is there to say it."""
    at_latest: datetime | None = None
    """When a witness saw the head: the version was stored then, or before."""
    document: bool = False
    """Whether the full document is in the file and has the digest."""
    header: bool = False
    """Whether the header and what the public sees are proved to be what was stored."""
    pinned: bool = False
    """Whether the keys were given, and not taken from the file itself."""
    sentences: list[tuple[str, str]] = field(default_factory=list)
    """All of it in Chinese and in English."""


def verified(raw: bytes, keys: Sequence[str] = ()) -> Shown:
    """What the evidence in `raw` shows; `keys` are the texts of those that are trusted, else the file's own are tried.

    Raises `EvidenceInvalid` with what does not hold.
    """
    try:
        said = orjson.loads(raw)
        if said["format"] != FORMAT:
            raise ValueError
        hashing = HASHINGS[said["log"]["hashing"]]
        shown = _entry(said, hashing)
        trusted = [verifier_of(text) for text in (keys or [key["text"] for key in said["keys"]])]
        _sealed(said, hashing, shown)
        _document(said, hashing, shown)
        checkpoint = _signatures(said, trusted, shown)
        _proof(said, checkpoint, hashing)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise EvidenceInvalid("This is not an evidence file of a hub.", "这不是交换中心的证据文件。") from None
    except NoteInvalid as problem:
        raise EvidenceInvalid(
            f"The signed head does not hold: {problem}.", "签名检查点无效，或未由所给公钥签名。"
        ) from None
    shown.pinned = bool(keys)
    shown.sentences = _told(shown)
    return shown


def _entry(said: dict[str, Any], hashing: Hashing) -> Shown:
    entry, position = b64decode(said["entry"], validate=True), said["position"]
    digest = entry[8:40] if hashing.name == "sha256" else bytes.fromhex(said["digest"])
    if len(entry) != ENTRY or entry[:8] != position.to_bytes(8, "big") or digest.hex() != said["digest"]:
        raise EvidenceInvalid(
            "The log's entry is not that of this position and digest.", "日志条目与所述位置、摘要不符。"
        )
    return Shown(said["record"], said["number"], position, digest.hex(), said["log"]["origin"], 0, [])


def _sealed(said: dict[str, Any], hashing: Hashing, shown: Shown) -> None:
    parts = said.get("sealed")
    header = parts["header"] if parts is not None else said["header"]
    about = orjson.loads(b"{" + header.encode() + b"}")
    if [about["record"], about["number"], about["digest"]] != [shown.record, shown.number, shown.digest]:
        raise EvidenceInvalid("The header is of another version.", "抬头信息属于另一版本。")
    if parts is None:
        if hashing.name != "sha256" and "document" not in said:
            raise EvidenceInvalid("Nothing in the file leads to the digest.", "文件内没有可推出摘要的内容。")
        return
    terms = parts["terms"]
    hashes = [
        hashing.of(header.encode()),
        bytes.fromhex(terms["hash"]) if isinstance(terms, dict) else hashing.of(terms.encode()),
        *(hashing.of(parts[name].encode()) for name in ("public", "opened", "parties") if name in parts),
    ]
    if sealed(parts["words"], hashes, hashing) != b64decode(said["entry"])[40:]:
        raise EvidenceInvalid(
            "The header, or what the public sees, is not what was stored.", "抬头信息或公开内容与入库时不符。"
        )
    shown.header = True
    member = orjson.loads(b"{" + parts.get("opened", parts["public"]).encode() + b"}")
    shown.discloser = _discloser(member.get("document", {}))


def _document(said: dict[str, Any], hashing: Hashing, shown: Shown) -> None:
    if "document" not in said:
        return
    document = said["document"].encode()
    in_entry = b64decode(said["entry"])[8:40]
    if sha256(document).hexdigest() != shown.digest or hashing.of(document) != in_entry:
        raise EvidenceInvalid("The document does not have its digest.", "文档与其摘要不符。")
    shown.document = True
    submitted = orjson.loads(document)
    if shown.record.split("/", 1)[1] != f"{submitted['kind']}/{submitted['data_key']}":
        raise EvidenceInvalid("The document is of another record.", "文档属于另一记录。")
    shown.discloser = _discloser(submitted) or shown.discloser


def _discloser(document: dict[str, Any]) -> str | None:
    named = document.get("discloser")
    return None if named is None else f"{named['name']} ({named['code']})"


def _signatures(said: dict[str, Any], trusted: Sequence[Verifier], shown: Shown) -> Checkpoint:
    note = said["checkpoint"]
    moments = []
    signing = {(found.name, found.key_id) for found in signatures_on(note)}
    for verifier in trusted:
        if (verifier.name, verifier.key_id) not in signing:
            continue
        opened(note, verifier)
        shown.signed_by.append(verifier.name)
        if isinstance(verifier, Witness):
            moments.append(verifier.seen_at(note))
    checkpoint = checkpoint_of(text_of(note))
    if not shown.signed_by:
        raise NoteInvalid("no signature on it is of a key that is trusted")
    if checkpoint.origin != shown.origin:
        raise EvidenceInvalid("The signed head is of another log.", "签名检查点属于另一日志。")
    shown.size = checkpoint.size
    shown.at_latest = datetime.fromtimestamp(min(moments), UTC) if moments else None
    return checkpoint


def _proof(said: dict[str, Any], checkpoint: Checkpoint, hashing: Hashing) -> None:
    path = [b64decode(step, validate=True) for step in said["path"]]
    hashed = hashing.leaf(b64decode(said["entry"]))
    try:
        verify_inclusion(said["position"] - 1, checkpoint.size, hashed, path, checkpoint.root, hashing)
    except ProofInvalid:
        raise EvidenceInvalid(
            "The version is not in the log under the signed head.", "该版本不在签名检查点所覆盖的日志中。"
        ) from None


def _told(shown: Shown) -> list[tuple[str, str]]:
    told = [
        (
            f"记录 {shown.record} 第 {shown.number} 版位于账本位置 {shown.position}，摘要 {shown.digest}。",
            f"Record {shown.record}, version {shown.number}, is at position {shown.position} with digest {shown.digest}.",
        )
        if shown.header
        else (
            f"账本位置 {shown.position} 处版本的摘要为 {shown.digest}；文件称其为记录 {shown.record} 第 {shown.number} 版，未经证明。",
            f"The version at position {shown.position} has the digest {shown.digest}; that it is version {shown.number} of "
            f"record {shown.record} is what the file says, and not proved.",
        )
    ]
    if shown.discloser is not None:
        told.append((f"公开主体：{shown.discloser}。", f"Disclosed by {shown.discloser}."))
    if shown.at_latest is not None:
        moment = f"{shown.at_latest:%Y-%m-%d %H:%M:%S} UTC"
        told.append((f"不晚于 {moment} 入库。", f"It was stored no later than {moment}."))
    else:
        told.append(
            (
                "所给公钥中没有见证方的公钥，或见证方未签名：不能说明何时之前入库。",
                "By when it was stored is not shown: no key of a witness that signed it is among those that are trusted.",
            )
        )
    told.append(
        (
            f"日志 {shown.origin} 前 {shown.size} 个版本的检查点由 {'、'.join(shown.signed_by)} 签名。",
            f"The head over the first {shown.size} versions of {shown.origin} is signed by {', '.join(shown.signed_by)}.",
        )
    )
    told.append(
        ("文件含完整文档，其摘要已重新计算并相符。", "The full document is in the file and has the digest.")
        if shown.document
        else (
            "文件不含完整文档，摘要未重新计算。",
            "The full document is not in the file; its digest was not computed.",
        )
    )
    if shown.header:
        told.append(
            ("抬头信息与公开内容即入库时的内容。", "The header and what the public sees are what was stored then.")
        )
    if not shown.pinned:
        told.append(
            (
                "公钥取自文件本身：请与交换中心公布的公钥核对。",
                "The keys are the file's own: compare them with those that the hub publishes.",
            )
        )
    return told
