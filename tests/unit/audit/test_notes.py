"""Signed notes, keys as text and checkpoints, against published examples and against tampering."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.notes import (
    Checkpoint,
    Signer,
    Verifier,
    new_signer,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_skey,
    parse_vkey,
    sign,
    sign_checkpoint,
    verified,
)
from audit.verifier import verify
from workflow.errors import IntegrityBroken

# The example of the Go implementation's documentation (golang.org/x/mod/sumdb/note).
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n".encode()
# The example of C2SP signed-note, section "Verifier keys".
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
# The example of C2SP signed-note, section "Format".
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore \
NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
# The example of C2SP tlog-checkpoint.
BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SIGNED_BODY = sign(BODY, parse_skey(SKEY))


@pytest.fixture
def signer() -> Signer:
    return new_signer("parcours.example/log")


def test_the_published_key_signs_the_published_note() -> None:
    assert sign(TEXT, parse_skey(SKEY)) == NOTE
    assert parse_skey(SKEY).verifier.vkey == VKEY
    assert parse_skey(SKEY).skey == SKEY


def test_the_published_note_is_verified() -> None:
    note, by = verified(NOTE, [parse_vkey(VKEY)])
    assert note.text == TEXT
    assert by == (parse_vkey(VKEY),)


def test_the_key_of_the_specification_has_its_id() -> None:
    public = bytes.fromhex("e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4")
    assert Verifier("example.com/foo", public).key_id.hex() == "530d903a"
    assert parse_vkey(SPEC_KEY) == Verifier("example.com/foo", public)
    assert verify.parse_vkey(SPEC_KEY).public == public


def test_the_text_of_a_note_may_hold_empty_lines() -> None:
    note = parse_note(POEM.encode())
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert note.signatures[0].name == "quasimodo.example/salvatore"
    assert note.signatures[0].key_id.hex() == "367ba04b"


@pytest.mark.parametrize("end", range(len(VKEY)))
def test_a_part_of_a_key_is_no_key(end: int) -> None:
    with pytest.raises(IntegrityBroken):
        parse_vkey(VKEY[:end])


@pytest.mark.parametrize("at", range(len(VKEY)))
def test_a_key_with_another_sign_is_refused(at: int) -> None:
    with pytest.raises(IntegrityBroken):
        parse_vkey(VKEY[:at] + chr(ord(VKEY[at]) + 1) + VKEY[at + 1 :])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a b+00000000+" + SPEC_KEY.split("+")[2], "name of a key"),
        ("x+00000000+!!", "not in base64"),
        ("x+00000000+AAAA", "has 3 bytes, not 33"),
        ("x+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(), "algorithm 2 is not understood"),
        (SPEC_KEY.replace("530d903a", "530d903b"), "id of the key example.com/foo does not fit"),
    ],
)
def test_every_refusal_of_a_key_says_why(text: str, sentence: str) -> None:
    with pytest.raises(IntegrityBroken, match=sentence):
        parse_vkey(text)


def test_a_private_key_is_not_told_in_a_refusal() -> None:
    secret = SKEY.split("+")[-1]
    with pytest.raises(IntegrityBroken) as refusal:
        parse_skey(SKEY.replace("c74f20a3", "c74f20a4"))
    assert secret not in str(refusal.value)
    with pytest.raises(IntegrityBroken, match="no private key"):
        parse_skey(VKEY)
    assert secret not in repr(parse_skey(SKEY))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_key_needs_a_name_without_spaces_or_plus(name: str) -> None:
    with pytest.raises(IntegrityBroken, match="name of a key"):
        new_signer(name)


def test_several_keys_sign_one_note(signer: Signer) -> None:
    witness = new_signer("witness.example")
    data = sign("text\n", signer, witness)
    assert verified(data, [signer.verifier])[1] == (signer.verifier,)
    assert verified(data, [witness.verifier, signer.verifier])[1] == (signer.verifier, witness.verifier)


def test_a_foreign_key_verifies_nothing(signer: Signer) -> None:
    foreign = new_signer(signer.name).verifier
    with pytest.raises(IntegrityBroken, match=r"no known key signed the note; it is signed by parcours\.example"):
        verified(sign("text\n", signer), [foreign])


def test_one_false_signature_of_a_known_key_refuses_the_note(signer: Signer) -> None:
    first, second = sign("text\n", signer), sign("other\n", signer)
    both = first + second.split(b"\n\n")[1]
    with pytest.raises(IntegrityBroken, match="does not fit"):
        verified(both, [signer.verifier])


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_a_note_with_any_byte_changed_is_refused(at: int, change: int) -> None:
    data = NOTE[:at] + bytes([NOTE[at] ^ change]) + NOTE[at + 1 :]
    with pytest.raises(IntegrityBroken):
        verified(data, [parse_vkey(VKEY)])


@given(st.integers(0, len(SIGNED_BODY) - 1), st.integers(1, 255))
def test_a_checkpoint_with_any_byte_changed_is_refused(at: int, change: int) -> None:
    data = SIGNED_BODY[:at] + bytes([SIGNED_BODY[at] ^ change]) + SIGNED_BODY[at + 1 :]
    with pytest.raises(IntegrityBroken):
        open_checkpoint(data, [parse_vkey(VKEY)], "example.com/behind-the-sofa")
    with pytest.raises(verify.Finding):
        verify.open_checkpoint(data, [verify.parse_vkey(VKEY)], "checkpoint", verify.TAMPERED)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "there are none"),
        (b"text\n", "there are none"),
        (b"text\n\n", "there are none"),
        (NOTE[:-1], "there are none"),
        (b"\n\n" + NOTE[-101:], "is empty"),
        (b"\xff\n\n", "not UTF-8"),
        (b"te\txt\n\n" + NOTE[len(TEXT) + 1 :], "control character"),
        (b"text\n\nname AAAA\n", "signature line is not"),
        ("text\n\n— name AAA\n".encode(), "not in base64"),
        ("text\n\n— name AAAAAB==\n".encode(), "not in canonical base64"),
        ("text\n\n— name AAAA\n".encode(), "holds no signature"),
        (b"x" * 1_000_001, "too long"),
        (("text\n\n" + "— name AAAAAAAA\n" * 101).encode(), "101 signatures"),
    ],
)
def test_every_refusal_of_a_note_says_why(data: bytes, sentence: str) -> None:
    with pytest.raises(IntegrityBroken, match=sentence):
        parse_note(data)


@pytest.mark.parametrize("text", ["", "\n", "no newline", "bell\a\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str, signer: Signer) -> None:
    with pytest.raises(IntegrityBroken):
        sign(text, signer)


def test_a_checkpoint_reads_as_the_example_of_its_specification() -> None:
    checkpoint = parse_checkpoint(BODY)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text == BODY


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32), st.lists(st.sampled_from("ab")))
def test_a_signed_checkpoint_is_read_back(size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint, signer = Checkpoint("log.example", size, root, tuple(extensions)), parse_skey(SKEY)
    data = sign_checkpoint(checkpoint, signer)
    assert open_checkpoint(data, [signer.verifier], "log.example") == checkpoint
    theirs = verify.open_checkpoint(data, [verify.parse_vkey(VKEY)], "checkpoint", verify.TAMPERED)
    assert (theirs.origin, theirs.size, theirs.root) == ("log.example", size, root)


def test_a_checkpoint_of_another_log_is_refused(signer: Signer) -> None:
    data = sign_checkpoint(Checkpoint("other.example", 0, bytes(32)), signer)
    with pytest.raises(IntegrityBroken, match=r"of the log other\.example, not of log\.example"):
        open_checkpoint(data, [signer.verifier], "log.example")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("origin\n1\n", "three lines"),
        ("\n1\n" + BODY.split("\n")[2] + "\n", "line 1"),
        (BODY.replace("20852163", "020852163"), "line 2"),
        (BODY.replace("20852163", "-1"), "line 2"),
        (BODY.replace("20852163", "٣"), "line 2"),
        (BODY.replace("CsUY", "CsU"), "line 3"),
        (BODY + "\n", "line 4 of the checkpoint is empty"),
    ],
)
def test_every_refusal_of_a_checkpoint_says_which_line(text: str, sentence: str) -> None:
    with pytest.raises(IntegrityBroken, match=sentence):
        parse_checkpoint(text)


def test_a_checkpoint_that_could_be_read_as_another_is_not_signed(signer: Signer) -> None:
    with pytest.raises(IntegrityBroken):
        sign_checkpoint(Checkpoint("two\nlines", 1, bytes(32)), signer)
    with pytest.raises(IntegrityBroken):
        sign_checkpoint(Checkpoint("origin", 1, bytes(31)), signer)
