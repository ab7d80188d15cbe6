"""SM2 with SM3: the standard's own signature and OpenSSL's verify here, and a program that holds the key signs heads."""

import shutil
import subprocess
from pathlib import Path

import pytest

from hub.problems import InvalidSettings
from hub.transparency.algorithms import verifier_of
from hub.transparency.keys import log_keys, sm2_cosigner
from hub.transparency.note import Checkpoint, NoteInvalid, opened, signed
from hub.transparency.sm2 import ProgramSigner, Sm2Verifier

# GB/T 32918.5-2017, A.2: the key and the signature over "message digest" of its example.
KEY = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
HEAD = Checkpoint("hub.example/log", 7, bytes(32))

SCRIPT = """#!/bin/sh
message=$(mktemp)
cat > "$message"
openssl pkeyutl -sign -inkey "$1" -rawin -in "$message" -digest sm3 -pkeyopt distid:1234567812345678
rm "$message"
"""
"""A program that signs with SM2: it reads a message and writes a signature in DER."""


def test_the_signature_of_the_standard_is_good_and_no_other_one() -> None:
    verifier = Sm2Verifier("standard", KEY)

    assert verifier._verify(b"message digest", SIGNATURE)
    for wrong in (
        SIGNATURE[:-1] + b"\0",
        b"\1" + SIGNATURE[1:],
        SIGNATURE[32:] + SIGNATURE[:32],
        bytes(64),
        b"\xff" * 64,
        SIGNATURE[:63],
        b"",
    ):
        assert not verifier._verify(b"message digest", wrong)
    assert not verifier._verify(b"another message", SIGNATURE)


def test_a_key_that_is_no_point_of_the_curve_is_none() -> None:
    with pytest.raises(NoteInvalid):
        Sm2Verifier("standard", KEY[:-1] + b"\0")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sm2Verifier, str]:
    """A fresh SM2 key, and the command that signs with it."""
    assert shutil.which("openssl") is not None, "openssl is needed"
    folder = tmp_path_factory.mktemp("sm2")
    private, public, script = folder / "key.pem", folder / "key.der", folder / "sign.sh"
    made = f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out {private}"
    shown = f"openssl pkey -in {private} -pubout -outform DER -out {public}"
    for command in (made, shown):
        subprocess.run(command.split(), check=True, capture_output=True)
    script.write_text(SCRIPT)
    script.chmod(0o755)
    return Sm2Verifier("hub.example/sm2", public.read_bytes()[-64:]), f"{script} {private}"


def test_a_program_signs_a_head_with_the_time(key: tuple[Sm2Verifier, str]) -> None:
    verifier, command = key
    signer = ProgramSigner(verifier, command.split())

    note = signed(HEAD.text(), signer, at=1_800_000_000)

    known = verifier_of(verifier.text())
    assert isinstance(known, Sm2Verifier)
    assert opened(note, known) == HEAD.text()
    assert known.seen_at(note) == 1_800_000_000
    with pytest.raises(NoteInvalid):
        opened(note.replace("\n7\n", "\n8\n"), known)


def test_all_three_keys_sign_one_head(key: tuple[Sm2Verifier, str], tmp_path: Path) -> None:
    verifier, command = key
    cosigner = sm2_cosigner(verifier.text(), command)
    assert cosigner is not None

    keys = log_keys("hub.example/log", tmp_path / "log.key", [cosigner])
    note = signed(HEAD.text(), *keys.signers, at=1_800_000_000)

    assert list(keys.roles.values()) == ["log", "witness", "cosigner"]
    for text in keys.roles:
        assert opened(note, verifier_of(text)) == HEAD.text()


@pytest.mark.parametrize("command", ["false", "true", "/does/not/exist", "echo nothing"])
def test_a_program_that_does_not_sign_is_said_not_to(key: tuple[Sm2Verifier, str], command: str) -> None:
    signer = ProgramSigner(key[0], command.split())

    with pytest.raises(NoteInvalid):
        signer.sign(b"message", 0)


def test_a_program_that_signs_with_another_key_is_noticed(key: tuple[Sm2Verifier, str]) -> None:
    signer = ProgramSigner(Sm2Verifier("hub.example/sm2", KEY), key[1].split())

    with pytest.raises(NoteInvalid, match="not of the key"):
        signer.sign(b"message", 0)


def test_a_key_and_its_program_come_together(key: tuple[Sm2Verifier, str]) -> None:
    assert sm2_cosigner("", "") is None
    for text, command in (("", "sign"), (key[0].text(), ""), ("nonsense", "sign"), (log_key_text(), "sign")):
        with pytest.raises(InvalidSettings):
            sm2_cosigner(text, command)


def log_key_text() -> str:
    """A key that is not an SM2 key."""
    return "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
