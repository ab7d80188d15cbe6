"""Signed notes: what a key signed opens, and nothing else does."""

import pytest

from hub.transparency.algorithms import verifier_of
from hub.transparency.note import (
    Checkpoint,
    Ed25519Signer,
    NoteInvalid,
    checkpoint_of,
    opened,
    signed,
)

# The example of the signed-note specification (and of golang.org/x/mod/sumdb/note).
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Ed25519Signer("hub.example", bytes(range(32)))
OTHER = Ed25519Signer("hub.example", bytes(range(1, 33)))
HEAD = Checkpoint("hub.example/log", 7, bytes(32))


def test_a_note_that_others_signed_opens_with_their_key() -> None:
    assert opened(NOTE, verifier_of(KEY)).startswith("If you think")


def test_what_a_key_signed_opens_with_its_text() -> None:
    note = signed(HEAD.text(), SIGNER, at=0)

    assert checkpoint_of(opened(note, verifier_of(SIGNER.verifier.text()))) == HEAD


def test_after_a_change_of_keys_both_open_the_note() -> None:
    note = signed(HEAD.text(), OTHER, SIGNER, at=0)

    assert opened(note, SIGNER.verifier) == opened(note, OTHER.verifier) == HEAD.text()


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda note: note.replace("\n7\n", "\n8\n"),
        lambda note: note.replace("— hub.example", "— hub.other"),
        lambda note: note.split("\n\n")[0],
        lambda note: note[:-6] + "AAAA=\n",
        lambda note: "",
    ],
)
def test_a_spoilt_note_does_not_open(spoilt: object) -> None:
    assert callable(spoilt)
    with pytest.raises(NoteInvalid):
        opened(spoilt(signed(HEAD.text(), SIGNER, at=0)), SIGNER.verifier)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(NoteInvalid):
        opened(signed(HEAD.text(), SIGNER, at=0), OTHER.verifier)


@pytest.mark.parametrize(
    "text", ["", "log", "log\n-1\nAAAA\n", "log\n07\nAAAA\n", "log\n7\nAAAA\n", "\n7\n" + "A" * 43 + "=\n"]
)
def test_what_is_no_checkpoint_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoteInvalid):
        checkpoint_of(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", KEY.replace("c74f", "c74e"), KEY + "!"])
def test_what_is_no_key_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoteInvalid):
        verifier_of(text)
