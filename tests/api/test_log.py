"""The log over HTTP: tiles that rebuild the tree, proofs that hold, evidence that needs no hub."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from hub.ledger.epochs import begin_epoch
from hub.transparency.algorithms import verifier_of
from hub.transparency.merkle import SHA256, verify_consistency, verify_inclusion
from hub.transparency.note import checkpoint_of, opened, text_of
from hub.transparency.reopening import reopen
from hub.transparency.verifying import EvidenceInvalid, verified
from tests.builders import a_blacklist_entry, a_later_version, a_procurement_notice, a_submission, a_tender_notice
from tests.hub import A, Caller, Hub, a_hub
from tests.ledger.entries import an_entry
from tests.transparency.test_merkle import naive_root

pytestmark = pytest.mark.anyio


async def signed(hub: Hub, size: int) -> str:
    """The newest note, once it covers so many versions."""
    async with asyncio.timeout(10):
        while True:
            note = (await hub.public.get("/v1/log/checkpoint")).text
            if not note.startswith("{") and checkpoint_of(text_of(note)).size >= size:
                return note
            await asyncio.sleep(0.02)


@pytest.fixture
async def long(anyio_backend: str, database_url: str) -> AsyncIterator[Hub]:
    """A hub with 300 versions in its log, on either engine."""
    async with a_hub(database_url) as hub:
        for start in range(0, 300, 100):
            await hub.runtime.appender.append_all([an_entry(f"k{number}") for number in range(start, start + 100)])
        if hub.runtime.database.is_postgresql:
            await integrated(hub)
        await signed(hub, 300)
        yield hub


async def integrated(hub: Hub) -> None:
    """What a worker's keeper would do, once."""
    from tests.transparency.test_tree import an_integrator

    await (await an_integrator(hub.runtime.database)).integrate()


async def test_before_the_first_version_there_is_no_head(hub: Hub) -> None:
    for path in (
        "checkpoint",
        "keys",
        "proof/inclusion?position=1",
        "proof/consistency?first=1&second=1",
        "tile/0/000",
    ):
        assert (await hub.public.get(f"/v1/log/{path}")).status_code == 404, path


async def test_the_head_opens_with_the_published_keys(hub: Hub, platform: Caller) -> None:
    await platform.push(a_tender_notice())

    note = await signed(hub, 1)
    keys = await hub.public.read("/v1/log/keys")

    assert [key["role"] for key in keys["keys"]] == ["log", "witness"]
    for key in keys["keys"]:
        assert checkpoint_of(opened(note, verifier_of(key["text"]))).origin == keys["origin"]
    response = await hub.public.get("/v1/log/checkpoint")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"


async def test_tiles_and_entries_rebuild_the_signed_root(long: Hub) -> None:
    head = checkpoint_of(text_of(await signed(long, 300)))

    full = await long.public.get("/v1/log/tile/0/000")
    rest = await long.public.get("/v1/log/tile/0/001.p/44")
    above = await long.public.get("/v1/log/tile/1/000.p/1")
    bundles = [await long.public.get(f"/v1/log/tile/entries/{path}") for path in ("000", "001.p/44")]

    leaves = hashes(full.content) + hashes(rest.content)
    assert naive_root(leaves) == head.root
    assert hashes(above.content) == [naive_root(leaves[:256])]
    entries = [entry for bundle in bundles for entry in cut(bundle.content)]
    assert [SHA256.leaf(entry) for entry in entries] == leaves
    feed = await long.public.read("/v1/feed", limit=1000)
    assert [(entry[:8], entry[8:40]) for entry in entries] == [
        (shown["position"].to_bytes(8, "big"), bytes.fromhex(shown["digest"])) for shown in feed["entries"]
    ]
    for response in (full, *bundles):
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["content-type"] == "application/octet-stream"


async def test_what_another_log_may_have_at_the_same_address_is_not_kept_for_ever(long: Hub) -> None:
    epoch = await begin_epoch(long.runtime.database, "restored from a backup")
    await reopen(long.runtime.database, epoch.number, "", "sha256")
    await long.runtime.guard.look()
    await long.runtime.appender.append_all([an_entry(f"l{number}") for number in range(212)])
    if long.runtime.database.is_postgresql:
        await integrated(long)
    await signed(long, 512)

    async def kept(path: str) -> bool:
        response = await long.public.get(f"/v1/log/tile/{path}")
        assert response.status_code == 200
        assert response.headers["cache-control"] in ("no-cache", "public, max-age=31536000, immutable")
        return response.headers["cache-control"] != "no-cache"

    shared = ("0/000", "0/001.p/44", "1/000.p/1", "entries/000", "entries/001.p/44")
    behind = ("0/001", "0/001.p/45", "1/000.p/2", "entries/001", "entries/001.p/45")
    assert [await kept(path) for path in shared] == [True] * 5
    assert [await kept(path) for path in behind] == [False] * 5


def hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + 32] for at in range(0, len(tile), 32)]


def cut(bundle: bytes) -> list[bytes]:
    """The entries of a bundle, each behind its length in two bytes."""
    found = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return found


@pytest.mark.parametrize(
    "path",
    [
        "0/001",
        "0/001.p/45",
        "0/000.p/256",
        "0/000.p/0",
        "0/000.p/01",
        "0/0",
        "0/0000",
        "0/x000/000",
        "0/x001/234",
        "00/000",
        "64/000",
        "1/000",
        "2/000.p/1",
        "entries/001",
        "entries/002",
        "data/000",
        "0/000/",
        "",
    ],
)
async def test_a_tile_that_is_not_there_is_not_found(long: Hub, path: str) -> None:
    assert (await long.public.get(f"/v1/log/tile/{path}")).status_code == 404


async def test_proofs_hold_for_any_two_sizes(long: Hub) -> None:
    for position, size in ((1, 1), (1, 300), (256, 257), (300, 300), (17, 40)):
        proof = await long.public.read("/v1/log/proof/inclusion", position=position, size=size)
        leaf, path = SHA256.leaf(b64decode(proof["entry"])), [b64decode(step) for step in proof["path"]]
        assert b64decode(proof["leaf"]) == leaf
        verify_inclusion(position - 1, size, leaf, path, b64decode(proof["root"]))
    for first, second in ((1, 300), (256, 300), (300, 300), (44, 45)):
        proof = await long.public.read("/v1/log/proof/consistency", first=first, second=second)
        old, new = b64decode(proof["first_root"]), b64decode(proof["second_root"])
        verify_consistency(first, second, old, new, [b64decode(step) for step in proof["path"]])
    head = checkpoint_of(text_of(await signed(long, 300)))
    newest = await long.public.read("/v1/log/proof/inclusion", position=5)
    assert (newest["size"], b64decode(newest["root"])) == (head.size, head.root)


@pytest.mark.parametrize(
    "query",
    [
        "inclusion?position=0",
        "inclusion?position=301",
        "inclusion?position=5&size=4",
        "inclusion?position=5&size=301",
        "inclusion?position=x",
        "inclusion",
        "consistency?first=0&second=1",
        "consistency?first=2&second=1",
        "consistency?first=1&second=301",
        "consistency?first=1",
    ],
)
async def test_a_proof_of_what_is_not_there_is_refused(long: Hub, query: str) -> None:
    assert (await long.public.get(f"/v1/log/proof/{query}")).status_code == 400


async def evidence(caller: Caller, receipt: dict[str, Any]) -> bytes:
    """The evidence of a version, as this caller gets it."""
    response = await caller.get(f"/v1/versions/{receipt['position']}/evidence")
    assert response.status_code == 200, response.text
    return response.content


async def test_a_receipt_leads_to_evidence_that_holds_without_the_hub(
    hub: Hub, platform: Caller, consumer: Caller
) -> None:
    notice = a_tender_notice()
    response = await platform.put(notice)
    link = response.headers["link"]
    assert link.endswith('; rel="evidence"')

    answer = await platform.get(link[1 : link.index(">")])
    keys = [key["text"] for key in (await hub.public.read("/v1/log/keys"))["keys"]]
    shown = verified(answer.content, keys)

    assert (shown.record, shown.number, shown.position) == (f"{A}/tender_notice/{notice['data_key']}", 1, 1)
    assert shown.digest == response.json()["digest"]
    assert shown.discloser == f"{notice['discloser']['name']} ({notice['discloser']['code']})"
    assert shown.at_latest is not None
    assert (shown.document, shown.header, shown.pinned) == (True, True, True)
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence-1.json"'
    government = verified(await evidence(consumer, response.json()))
    assert (government.document, government.pinned) == (True, False)


async def test_the_public_gets_evidence_of_what_the_public_sees(hub: Hub, platform: Caller, other: Caller) -> None:
    (receipt,) = await platform.push(a_tender_notice())

    for reader in (hub.public, other):
        raw = await evidence(reader, receipt)
        shown = verified(raw)
        assert (shown.document, shown.header) == (False, True)
        assert "document" not in orjson.loads(raw)
        assert b"secrecy_review" not in raw
        assert shown.discloser is not None


async def test_evidence_of_what_is_withheld_tells_the_public_nothing_of_it(hub: Hub, platform: Caller) -> None:
    entry = a_blacklist_entry(disclosure="on_request")
    (receipt,) = await platform.push(entry)

    raw = await evidence(hub.public, receipt)

    assert [code for code in entry["discloser"].values() if code.encode() in raw] == []
    assert verified(raw).discloser is None
    withdrawn = (await platform.withdraw(entry, at="2026-11-30T00:00:00+08:00")).json()
    assert entry["discloser"]["code"].encode() not in await evidence(hub.public, withdrawn)


async def test_what_evidence_without_a_seal_says_of_its_record_is_not_told_as_proved(
    hub: Hub, platform: Caller
) -> None:
    (receipt,) = await platform.push(a_tender_notice())
    said = orjson.loads(await evidence(platform, receipt))
    document, header = said.pop("document"), said.pop("sealed")["header"]
    another = said | {"record": f"{A}/win_result_notice/forged", "number": 7}
    another["header"] = header.replace(said["record"], another["record"]).replace('"number":1', '"number":7')

    shown = verified(orjson.dumps(another))

    assert shown.header is False
    assert "not proved" in shown.sentences[0][1]
    assert "未经证明" in shown.sentences[0][0]
    assert "not proved" in verified(orjson.dumps(said | {"header": header, "document": document})).sentences[0][1]
    with pytest.raises(EvidenceInvalid, match="another record"):
        verified(orjson.dumps(another | {"document": document}))


async def test_every_version_of_a_record_has_evidence(hub: Hub, platform: Caller) -> None:
    notice = a_tender_notice()
    await platform.push(notice, a_later_version(notice))
    await platform.withdraw(notice)

    for number in (1, 2, 3):
        response = await platform.get(platform.record(notice, f"/versions/{number}/evidence"))
        assert verified(response.content).number == number
    assert (await platform.get(platform.record(notice, "/versions/4/evidence"))).status_code == 404
    assert (await platform.get("/v1/versions/4/evidence")).status_code == 404


async def test_old_evidence_holds_after_the_log_has_grown_and_changed_its_key(hub: Hub, platform: Caller) -> None:
    (receipt,) = await platform.push(a_tender_notice())
    raw = await evidence(platform, receipt)
    await platform.push(*(a_tender_notice() for _ in range(3)))
    await signed(hub, 4)

    keys = [key["text"] for key in (await hub.public.read("/v1/log/keys"))["keys"]]
    assert verified(raw, keys).size >= 1
    proof = await hub.public.read("/v1/log/proof/consistency", first=verified(raw).size, second=4)
    assert b64decode(proof["first_root"]) == checkpoint_of(text_of(orjson.loads(raw)["checkpoint"])).root


async def test_one_character_changed_in_evidence_shows_nothing_or_less(hub: Hub, platform: Caller) -> None:
    (_, receipt, _) = await platform.push(a_tender_notice(), a_procurement_notice(), a_tender_notice())
    await signed(hub, 3)
    raw = await evidence(platform, receipt)
    keys = [key["text"] for key in orjson.loads(raw)["keys"]]
    whole = verified(raw, keys)

    for at in range(0, len(raw), 7):
        byte = raw[at]
        changed = raw[:at] + bytes([byte ^ 1 if byte not in b" \n" else ord("x")]) + raw[at + 1 :]
        try:
            shown = verified(changed, keys)
        except EvidenceInvalid:
            continue
        # A member under another name is not there: without it less is shown, and nothing else.
        assert shown.sentences[0] == whole.sentences[0]
        less = len(shown.signed_by) < 2 or not shown.document or not shown.header
        elsewhere = orjson.loads(changed).get("keys") != orjson.loads(raw)["keys"]
        assert less or elsewhere, raw[max(0, at - 40) : at + 20]


async def test_evidence_of_a_position_that_no_ledger_has_is_none(hub: Hub, platform: Caller) -> None:
    (receipt,) = await platform.push(a_tender_notice())
    await signed(hub, 1)
    said = orjson.loads(await evidence(platform, receipt))

    with pytest.raises(EvidenceInvalid):
        verified(orjson.dumps(said | {"position": -1}))


async def test_a_log_that_hashes_with_sm3_has_evidence_too(sqlite_database_url: str) -> None:
    async with a_hub(sqlite_database_url, log_hashing="sm3", log_origin="hub.example/sm") as hub:
        platform = await hub.platform()
        (receipt,) = await platform.push(a_tender_notice())

        raw = await evidence(platform, receipt)
        shown = verified(raw)

        assert (shown.document, shown.header, shown.origin) == (True, True, "hub.example/sm")
        public = await evidence(hub.public, receipt)
        assert verified(public).digest == receipt["digest"]
        forged = orjson.loads(raw)
        forged["document"] = forged["document"].replace("3501", "3502", 1)
        with pytest.raises(EvidenceInvalid):
            verified(orjson.dumps(forged))


async def test_evidence_before_an_opening_holds_and_does_not_lead_to_what_is_sealed(
    hub: Hub, platform: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = a_submission("bidder_list", body__bid_open_time="2099-01-01T09:30:00+08:00")
    later = a_later_version(listed, body__bid_open_time="2100-01-01T09:30:00+08:00")
    (receipt, _) = await platform.push(listed, later)
    bidder = listed["body"]["bidder_name"].encode()

    public = await evidence(hub.public, receipt)
    assert bidder not in public
    assert "sealed" not in orjson.loads(public)
    assert verified(public).header is False
    assert verified(await evidence(platform, receipt)).header is True
    # The second version put the opening off, for the first one too.
    monkeypatch.setattr("hub.transparency.evidence.now", lambda: 4_085_000_000_000_000)
    assert bidder not in await evidence(hub.public, receipt)
    monkeypatch.setattr("hub.transparency.evidence.now", lambda: 5_000_000_000_000_000)
    opened_at_last = await evidence(hub.public, receipt)
    assert bidder in opened_at_last
    assert verified(opened_at_last).header is True
    # Taken back unopened, neither is ever opened.
    await platform.withdraw(listed)
    assert bidder not in await evidence(hub.public, receipt)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"format":"hub-evidence/1"}', b"\xff"])
async def test_what_is_no_evidence_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        verified(raw)


async def test_another_ones_key_does_not_verify_it(hub: Hub, platform: Caller) -> None:
    (receipt,) = await platform.push(a_tender_notice())
    stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    with pytest.raises(EvidenceInvalid):
        verified(await evidence(platform, receipt), [stranger])


async def test_evidence_of_a_version_that_no_head_covers_yet_is_asked_for_again(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.api.evidence.WAIT", 0.3)
    async with a_hub(postgresql_url) as hub:
        platform = await hub.platform()
        (receipt,) = await platform.push(a_tender_notice())

        response: httpx.Response = await platform.get(f"/v1/versions/{receipt['position']}/evidence")
        assert response.status_code == 404
        assert "ask again" in response.json()["detail"]
        await integrated(hub)
        assert verified(await evidence(platform, receipt)).position == 1
