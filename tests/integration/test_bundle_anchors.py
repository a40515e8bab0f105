"""Stamps and receipts of checkpoints in evidence bundles: from the command line to the auditor's answer."""

import json
import zipfile
from pathlib import Path

import pytest

from audit.anchor_record import read_receipts
from audit.anchors import digest_of
from audit.keys import load_key
from audit.notes import Checkpoint, parse_checkpoint, parse_note, sign_checkpoint
from tests.integration.conftest import Cli, place
from tests.integration.test_anchoring import FROM, TO, Mailbox, answering, configured, served
from tests.integration.test_audit_verify import checked, unpacked
from tests.unit.audit.evidence import listed_anew, written
from tests.unit.audit.timestamping import Authority, authority
from workflow.errors import IntegrityBroken


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa") / "ours")


def checkpoint_of(office: Cli) -> bytes:
    note: str = office("audit", "seal", "--json").json["checkpoint"]["note"]
    return note.encode()


@pytest.fixture
def stamped(office: Cli, tsa: Authority) -> tuple[bytes, bytes]:
    """Two checkpoints, each sent by both channels when it was the last; afterwards the log goes on."""
    notes = []
    mailbox = Mailbox()
    with answering(lambda query: (200, tsa.answer(query))) as url, served(mailbox) as port:
        configured(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from=FROM, mail_to=list(TO),
                   timestamp_url=url, timestamp_roots=str(tsa.root), anchor_interval_s=0)  # fmt: skip
        for reference in ("A-1", "B-1"):
            place(office, reference)
            notes.append(checkpoint_of(office))
            assert office("audit", "anchor").code == 0
    place(office, "C-1")
    return notes[0], notes[1]


def size_of(note: bytes) -> int:
    return int(note.splitlines()[1])


@pytest.mark.parametrize("words", [(), ("--reference", "A-1")])
def test_auditor_is_told_of_which_older_checkpoint_a_stamp_is_and_when(
    office: Cli, stamped: tuple[bytes, bytes], tsa: Authority, tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = unpacked(office, tmp_path / "b", *words)
    code, said = checked(folder, "--tsa", str(tsa.root))
    assert code == 0, said
    first, second = map(size_of, stamped)
    assert f"ok The log extends 2 checkpoints among the anchors (from {first} to {second} lines)." in said
    # The newer one of them is also the last but one of the log.
    for note, which in zip(stamped, ("an older", "the earlier"), strict=True):
        name = f"anchors/{size_of(note):012}-{digest_of(note)[:12]}"
        assert (folder / f"{name}.checkpoint").read_bytes() == note
        assert f"ok {name}.rfc3161.tsr: {which} checkpoint ({size_of(note)} lines) existed at 20" in said
    assert said.count("signature checked by openssl") == 2
    assert "Other anchors: 2, with the digest of a checkpoint that is here: 2;" in said


def test_export_counts_the_anchors_and_holds_no_address(
    office: Cli, stamped: tuple[bytes, bytes], tmp_path: Path
) -> None:
    answer = office("audit", "export", "--format", "bundle", "--out", "b.zip", "--json").json
    assert (answer["anchors"], answer["anchors_left_out"]) == (4, 0)
    with zipfile.ZipFile("b.zip") as archive:
        mails = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".email.json")]
        everything = b"".join(map(archive.read, archive.namelist()))
    assert {mail["checkpoint"] for mail in mails} == {digest_of(note) for note in stamped}
    assert {mail["detail"] for mail in mails} == {"accepted for 2 of 2 recipients"}
    assert not any(address.encode() in everything for address in (FROM, *TO))


@pytest.mark.parametrize("words", [(), ("--reference", "A-1")])
def test_stamped_checkpoint_that_the_bundle_does_not_extend_is_tampering(
    office: Cli, stamped: tuple[bytes, bytes], tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = unpacked(office, tmp_path / "b", *words)
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    name = f"anchors/{size_of(stamped[0]):012}-{digest_of(stamped[0])[:12]}.checkpoint"
    told = parse_checkpoint(parse_note(stamped[0]).text)
    other = sign_checkpoint(Checkpoint(told.origin, told.size, bytes(32)), load_key(Path("parcours.db.signing-key")))
    for number, (note, sentence) in enumerate((
        (other, f"The log does not extend {name} ({told.size} lines)"),
        (stamped[0].replace(b"sealed 2021", b"sealed 2020"), f"on {name} is wrong"),
    )):  # fmt: skip
        code, said = checked(written(listed_anew(files | {name: note}), tmp_path / str(number)))
        assert (code, sentence in said) == (1, True), said


def test_a_part_without_the_proof_to_a_stamped_checkpoint_cannot_tell(
    office: Cli, stamped: tuple[bytes, bytes], tmp_path: Path
) -> None:
    folder = unpacked(office, tmp_path / "b", "--reference", "A-1")
    proofs = json.loads((folder / "consistency.json").read_bytes())
    del proofs[str(size_of(stamped[0]))]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files["consistency.json"] = json.dumps(proofs).encode()
    code, said = checked(written(listed_anew(files), tmp_path / "c"))
    assert code == 3, said
    assert "No proof links anchors/" in said


def test_anchors_that_a_restored_log_does_not_continue_are_left_out_and_counted(
    office: Cli, stamped: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert office("backup", "old.db").code == 0
    place(office, "D-1")
    note = checkpoint_of(office)
    mailbox = Mailbox()
    with served(mailbox) as port:
        configured(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from=FROM, mail_to=list(TO),
                   anchor_interval_s=0)  # fmt: skip
        assert office("audit", "anchor").code == 0
    assert read_receipts(tmp_path / "parcours.db.signing-key.anchors.jsonl")[-1][0] == note
    (tmp_path / "old.db").replace(tmp_path / "parcours.db")
    assert office("audit", "seal", "--accept-restored", "--reason", "disk died").code == 0
    answer = office("audit", "export", "--format", "bundle", "--out", "b.zip", "--json").json
    assert (answer["anchors"], answer["anchors_left_out"]) == (4, 1)
    text = office("audit", "export", "--format", "bundle", "--out", "b.zip", "--lang", "en")
    assert "warning: 1 anchors are of checkpoints that this log does not continue." in text.out


def test_record_that_another_process_is_writing_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    assert read_receipts(path) == ()
    line = {"v": 1, "at": "2026-03-01T12:00:00.000000Z", "event": "due", "checkpoint": "d", "text": "t", "channels": []}
    sent = {**line, "event": "sent", "channel": "email", "token": None, "detail": "accepted"}
    path.write_text(json.dumps(line) + "\n" + json.dumps(sent) + "\n" + '{"v": 1, "at"')
    before = path.read_bytes()
    ((checkpoint, receipt),) = read_receipts(path)
    assert (checkpoint, receipt.detail, path.read_bytes()) == (b"t", "accepted", before)
    path.write_text("nonsense\n")
    with pytest.raises(IntegrityBroken, match="line 1"):
        read_receipts(path)
