"""The offline verifier: its own Ed25519 against RFC 8032, and bundles that are whole, changed, cut or foreign."""

import hashlib
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.heads import HeadsMap
from audit.notes import new_signer, sign_checkpoint
from audit.verifier import verify
from tests.unit.audit import evidence
from tests.unit.audit.evidence import Log, dumped, jsonl, listed_anew, lived, part, whole, written
from tests.unit.audit.timestamping import Authority, authority
from workflow.commitments import commitment_to

SCRIPT = Path(verify.__file__)
Files = dict[str, bytes]

# RFC 8032, section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
]


def told(files: Files, tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of verify.py, alone with the standard library, on a bundle in a folder."""
    return ran(str(written(files, tmp_path / "bundle")), *arguments)


def ran(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-S", "-I", str(SCRIPT), *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def found(files: Files, tmp_path: Path, key: bytes | None = None, held: bytes | None = None) -> tuple[int, list[str]]:
    """The verdict and the keys of what was found, without starting a process."""
    findings = verify.verify(written(files, tmp_path / "bundle"), key, held)
    for lang in ("fr", "en"):
        assert all(finding.sentence(lang) for finding in findings)
    bad = [finding.key for finding in findings if finding.status not in (verify.VERIFIED, verify.REMARK)]
    return verify.verdict(findings), bad


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
@pytest.mark.parametrize("check", [verify.pure_ed25519, verify.ed25519])
def test_the_signatures_of_rfc_8032_are_accepted(
    public: str, message: str, signature: str, check: Callable[[bytes, bytes, bytes], bool]
) -> None:
    key, text, value = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert check(key, text, value)
    assert not check(key, text + b"!", value)
    assert not check(key, text, bytes([value[0] ^ 1]) + value[1:])
    assert not check(key, text, value[:-1] + bytes([value[-1] ^ 1]))
    assert not check(key, text, value[:-1])


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 63))
def test_the_pure_verification_agrees_with_the_library(seed: bytes, message: bytes, at: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    changed = signature[:at] + bytes([signature[at] ^ 0x10]) + signature[at + 1 :]
    assert verify.pure_ed25519(public, message, signature)
    assert not verify.pure_ed25519(public, message, changed)
    assert not verify.ed25519(public, message, changed)


def test_a_second_form_of_the_same_signature_is_refused() -> None:
    public, message, signature = (bytes.fromhex(text) for text in RFC_8032[2])
    s = int.from_bytes(signature[32:], "little") + verify.ORDER
    assert not verify.pure_ed25519(public, message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "public",
    [
        (2**255 - 19).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),
        (2).to_bytes(32, "little"),
        bytes(31),
    ],
)
def test_bytes_that_encode_no_point_are_no_key(public: bytes) -> None:
    assert not verify.pure_ed25519(public, b"", bytes(64))
    assert not verify.ed25519(public, b"", bytes(64))


def test_a_whole_log_is_verified_in_the_order_that_is_promised(tmp_path: Path) -> None:
    log = lived()
    code, output = told(whole(log), tmp_path, "--lang", "en")
    lines = output.splitlines()
    assert code == 0, output
    assert lines[0] == "-- The key comes from the bundle itself: it was not checked by another channel (--key FILE)."
    assert lines[1].startswith("ok Checkpoint of parcours.example/essai, 8 lines, signed by parcours.example/key+")
    assert lines[2].startswith("-- You gave no checkpoint")
    assert lines[3:] == [
        "ok The log extends earlier_checkpoint (3 lines).",
        "ok 8 of 8 lines hash into the signed root.",
        "ok Chains without gap or branch: 4.",
        "ok Seals, their times in order: 2.",
        "ok Entries allowed by their definition: 7 (definitions, by their plain copy: 1).",
        "ok 4 commitments opened, 0 erased, 0 not disclosed.",
        "ok Files as the manifest names them: 10.",
        "-- No anchors in this bundle.",
        "VERIFIED",
    ]


def test_the_answer_is_in_french_as_well(tmp_path: Path) -> None:
    code, output = told(whole(lived()), tmp_path, "--lang", "fr")
    assert code == 0
    assert "ok 8 lignes sur 8 se condensent en la racine signée." in output
    assert output.endswith("VÉRIFIÉ\n")


def test_a_part_is_verified_by_inclusion_and_heads(tmp_path: Path) -> None:
    code, output = told(part(lived(), "p1", "p3"), tmp_path, "--lang", "en")
    assert code == 0, output
    assert (
        "ok 6 lines are in the signed log (9 lines); for 2 placements no entry is missing up to line 8 of the log "
        "(after it: 1)." in output
    )


def test_a_placement_that_was_never_there_is_shown_absent(tmp_path: Path) -> None:
    assert found(part(lived(), "p1", "nobody"), tmp_path) == (0, [])


def test_your_key_and_your_checkpoint_are_what_counts(tmp_path: Path) -> None:
    log = lived()
    key, held = tmp_path / "key", tmp_path / "held"
    key.write_text(log.signer.verifier.vkey)
    held.write_bytes(log.checkpoint(5))
    for number, files in enumerate((whole(log), part(log, "p2"))):
        arguments = ("--key", str(key), "--checkpoint", str(held), "--lang", "en")
        code, output = told(files, tmp_path / str(number), *arguments)
        assert code == 0, output
        assert output.startswith("-- The key is the one that you gave (--key).\n")
        assert "ok The log extends your checkpoint (5 lines)." in output


def test_a_zip_file_is_read_as_a_folder_is(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in whole(lived()).items():
            archive.writestr(name, data)
    assert ran(str(path))[0] == 0
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 1
    path.write_bytes(data)
    assert ran(str(path))[0] == 1


def test_without_arguments_the_bundle_it_lies_in_is_verified(tmp_path: Path) -> None:
    folder = written(whole(lived()) | {"verify.py": SCRIPT.read_bytes()}, tmp_path)
    # A bundle cannot bring modules of its own to the verifier.
    (folder / "json.py").write_text("raise SystemExit(0)")
    (folder / "leaves.jsonl").unlink()
    done = subprocess.run([sys.executable, str(folder / "verify.py")], capture_output=True, text=True)
    assert done.returncode == 2
    assert "leaves.jsonl" in done.stdout


@pytest.mark.parametrize("line", range(8))
@pytest.mark.parametrize("covered", [False, True])
def test_a_flipped_byte_is_named_by_its_line(line: int, covered: bool, tmp_path: Path) -> None:
    files = whole(lived())
    lines = files["entries.jsonl"].splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"v":1', b'"v":2') if line == 4 else lines[line].replace(b"p", b"q", 1)
    files["entries.jsonl"] = b"".join(lines)
    code, output = told(listed_anew(files) if covered else files, tmp_path, "--lang", "en")
    assert code == 1
    assert f"!! entries.jsonl, line {line + 1}: it is not the one that was sealed." in output
    assert ("!! entries.jsonl does not have the digest" in output) is not covered


@pytest.mark.parametrize("line", range(8))
def test_a_removed_line_is_noticed_however_the_trace_is_covered(line: int, tmp_path: Path) -> None:
    files = whole(lived())
    entries, leaves = (files[name].splitlines(keepends=True) for name in ("entries.jsonl", "leaves.jsonl"))
    without = files | {"entries.jsonl": b"".join(entries[:line] + entries[line + 1 :])}
    code, bad = found(listed_anew(without), tmp_path / "a")
    assert (code, bad[0]) == (1, "line_changed" if line < 7 else "line_missing")
    both = without | {"leaves.jsonl": b"".join(leaves[:line] + leaves[line + 1 :])}
    code, bad = found(listed_anew(both), tmp_path / "b")
    assert (code, bad[0]) == (1, "line_misplaced" if line < 7 else "line_missing")
    renumbered = both | {"leaves.jsonl": jsonl(range(7))}
    code, bad = found(listed_anew(renumbered), tmp_path / "c")
    assert (code, bad[0]) == (1, "line_missing")


def test_an_added_line_and_an_exchanged_one_are_noticed(tmp_path: Path) -> None:
    files = whole(lived())
    lines = files["entries.jsonl"].splitlines(keepends=True)
    plain = files | {"leaves.jsonl": jsonl(range(9))}
    added = listed_anew(plain | {"entries.jsonl": b"".join([*lines, lines[-1]])})
    assert found(added, tmp_path / "a")[1][:2] == ["line_added", "bad_link"]
    swapped = listed_anew(plain | {"entries.jsonl": b"".join([lines[1], lines[0], *lines[2:]])})
    assert found(swapped | {"leaves.jsonl": jsonl(range(8))}, tmp_path / "b")[1][0] == "other_root"


def test_a_placement_left_out_is_noticed(tmp_path: Path) -> None:
    files = part(lived(), "p1", "p2")
    manifest = json.loads(files["manifest.json"])
    keep = [b'"placement":"p2"' not in line for line in files["entries.jsonl"].splitlines()]
    for name in ("entries.jsonl", "leaves.jsonl"):
        lines = files[name].splitlines(keepends=True)
        files[name] = b"".join(line for line, kept in zip(lines, keep, strict=True) if kept)
    proofs = json.loads(files["inclusion.json"])
    files["inclusion.json"] = dumped([proof for proof, kept in zip(proofs, keep, strict=True) if kept])
    files["disclosures.jsonl"] = jsonl([])
    code, output = told(listed_anew(files), tmp_path, "--lang", "en")
    assert code == 1
    assert "!! Placement p2: its entries end at seq 0, the log has 2." in output
    heads = json.loads(files["heads.json"])
    heads["present"] = [proof for proof in heads["present"] if proof["placement"] != "p2"]
    files["heads.json"] = dumped(heads)
    assert found(listed_anew(files), tmp_path / "b")[1][0] == "unproved"
    assert manifest["scope"] == {"placements": ["p1", "p2"]}


def test_the_last_entries_of_a_placement_left_out_are_noticed(tmp_path: Path) -> None:
    files = part(lived(), "p1")
    for name in ("entries.jsonl", "leaves.jsonl"):
        lines = files[name].splitlines(keepends=True)
        files[name] = b"".join([*lines[:-2], lines[-1]])
    proofs = json.loads(files["inclusion.json"])
    files["inclusion.json"] = dumped([*proofs[:-2], proofs[-1]])
    code, output = told(listed_anew(files), tmp_path, "--lang", "fr")
    assert code == 1
    assert "!! Placement p1 : ses entrées s'arrêtent au numéro 3, le journal en compte 4." in output


def test_a_head_made_up_for_a_cut_placement_is_refused(tmp_path: Path) -> None:
    log = lived()
    short = Log(log.signer)
    short.enter("p2", "placed", "applied", secret={"host_email": "mairie@example.fr"})
    files = part(log, "p2")
    cut = [0, 2]
    for name in ("entries.jsonl", "leaves.jsonl"):
        lines = files[name].splitlines(keepends=True)
        files[name] = b"".join(lines[index] for index in cut)
    proofs, heads = json.loads(files["inclusion.json"]), json.loads(files["heads.json"])
    files["inclusion.json"] = dumped([proofs[index] for index in cut])
    heads["present"][0] |= {"seq": 1, "hash": short.heads["p2"].hash}
    files["heads.json"] = dumped(heads)
    assert found(listed_anew(files), tmp_path) == (1, ["bad_head"])


@pytest.mark.parametrize(
    ("left", "right"), [("p1", "p3"), (None, "p3"), ("p1", None), (None, None), ("p1", "p1"), ("p3", "system")]
)
def test_a_placement_that_is_there_cannot_be_called_absent(left: str | None, right: str | None, tmp_path: Path) -> None:
    log = lived()
    heads = HeadsMap(log.heads.values())
    sides = {"left": left and heads.membership(left), "right": right and heads.membership(right)}
    files = part(log, "nobody")
    plain = json.loads(files["heads.json"])
    plain["absent"] = [{"placement": "p2"} | {k: v.record() if v else None for k, v in sides.items()}]
    manifest = json.loads(files["manifest.json"]) | {"scope": {"placements": ["p2"]}}
    files |= {"heads.json": dumped(plain), "manifest.json": dumped(manifest)}
    assert found(listed_anew(files), tmp_path) == (1, ["bad_head"])


def test_neighbours_that_are_not_in_the_map_prove_no_absence(tmp_path: Path) -> None:
    files = part(lived(), "p2x")
    plain = json.loads(files["heads.json"])
    plain["absent"][0]["left"]["seq"] += 1
    files["heads.json"] = dumped(plain)
    assert found(listed_anew(files), tmp_path) == (1, ["bad_head"])


def test_acts_without_a_definition_form_one_chain_only(tmp_path: Path) -> None:
    log = lived()
    log.enter_heads()
    log.enter_heads(chain="aside")
    assert found(whole(log), tmp_path) == (1, ["second_system"])


def test_a_part_with_a_changed_or_foreign_line_is_refused(tmp_path: Path) -> None:
    files = part(lived(), "p1")
    changed = files["entries.jsonl"].replace(b"operator:x", b"operator:y", 1)
    plain = files | {"entries.jsonl": changed, "leaves.jsonl": jsonl([0, 3, 6, 7, 8])}
    assert found(listed_anew(plain), tmp_path / "a")[1][0] == "not_included"
    manifest = json.loads(files["manifest.json"])
    manifest["scope"] = {"placements": []}
    assert found(files | {"manifest.json": dumped(manifest)}, tmp_path / "b")[1][0] == "out_of_scope"


def test_an_entry_that_is_no_heads_map_proves_nothing(tmp_path: Path) -> None:
    files = part(lived(), "p3")
    files["heads.json"] = files["heads.json"].replace(b'"entry": 8', b'"entry": 2')
    assert found(listed_anew(files), tmp_path)[1][:2] == ["no_heads", "out_of_scope"]


def test_an_old_heads_map_says_how_much_it_does_not_cover(tmp_path: Path) -> None:
    log = Log()
    log.enter("p1", "placed", "applied")
    log.enter("p2", "placed", "applied")
    heads = HeadsMap(log.heads.values())
    old = heads, log.enter_heads()
    for _ in range(4):
        log.enter("p1", "note", "applied")
    code, output = told(part(log, "p1", old=old), tmp_path, "--lang", "en")
    assert code == 0, output
    assert "no entry is missing up to line 2 of the log (after it: 5)" in output


def test_a_checkpoint_older_than_yours_is_refused(tmp_path: Path) -> None:
    log, held = lived(), tmp_path / "held"
    log.enter("p3", "transition", "shown", "show")
    held.write_bytes(log.checkpoint())
    shorter = lived()
    shorter.signer = log.signer
    code, output = told(whole(shorter), tmp_path, "--checkpoint", str(held), "--lang", "en")
    assert code == 1
    assert "!! your checkpoint counts 9 lines, this bundle 8: it is older, or lines were removed." in output


@pytest.mark.parametrize("size", [5, 8])
def test_a_history_written_anew_with_the_key_is_refused_by_your_checkpoint(size: int, tmp_path: Path) -> None:
    log, forged = lived(), Log()
    forged.signer = log.signer
    for _ in range(9):
        forged.enter(f"q{_}", "placed", "applied")
    assert told(whole(forged), tmp_path / "a")[0] == 0
    held = log.checkpoint(size)
    assert found(whole(forged), tmp_path / "b", held=held) == (1, ["not_extended"])
    code, bad = found(part(forged, "q1"), tmp_path / "c", held=held)
    assert (code, bad) == {5: (1, ["not_extended"]), 8: (3, ["no_consistency"])}[size]


def test_a_foreign_key_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.vkey"
    foreign.write_text(new_signer("parcours.example/key").verifier.vkey)
    code, output = told(whole(lived()), tmp_path, "--key", str(foreign), "--lang", "en")
    assert code == 1
    assert "!! checkpoint is signed by none of the known keys" in output


def test_a_foreign_checkpoint_cannot_be_compared(tmp_path: Path) -> None:
    assert found(whole(lived()), tmp_path / "a", held=lived().checkpoint()) == (3, ["not_signed"])
    assert found(whole(lived()), tmp_path / "b", held=b"nothing") == (3, ["bad_note"])


def test_a_checkpoint_of_another_log_is_refused(tmp_path: Path) -> None:
    log, files = lived(), {}
    files = whole(log)
    other = evidence.Checkpoint("other.example", 8, bytes(32))
    files["checkpoint"] = sign_checkpoint(other, log.signer)
    assert found(listed_anew(files), tmp_path)[1][0] == "other_origin"


@pytest.mark.parametrize("name", sorted(whole(lived())))
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    files = whole(lived())
    del files[name]
    code, output = told(files, tmp_path, "--lang", "en")
    assert code == 2, output
    assert (f"?? {name} is missing." in output) or (name == "keys/log.vkey" and "no readable public key" in output)


@pytest.mark.parametrize("name", ["heads.json", "inclusion.json"])
def test_a_missing_proof_of_a_part_is_named(name: str, tmp_path: Path) -> None:
    files = part(lived(), "p1")
    del files[name]
    code, bad = found(files, tmp_path)
    assert (code, bad[0]) == (2, "missing")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("transition", "shown", "show")], ["not_allowed"]),
        ([("placed", "shown", None)], ["not_allowed"]),
        ([("placed", "applied", None), ("transition", "closed", "show")], ["not_allowed"]),
        ([("placed", "applied", None), ("timeout", "shown", "close")], ["not_allowed"]),
        ([("placed", "applied", None), ("missed", "shown", None)], ["not_allowed"]),
        ([("placed", "applied", None), ("reversal", "applied", None)], ["not_allowed"]),
        ([("placed", "applied", None), ("surprise", "applied", None)], ["unknown_kind"]),
        ([("placed", "applied", None), ("void", "voided", None)], []),
        ([("placed", "applied", None), ("automatic", "shown", "show"), ("reminder", "shown", None)], []),
    ],
)
def test_every_entry_must_be_allowed_by_its_definition(
    entries: list[tuple[str, str, str | None]], expected: list[str], tmp_path: Path
) -> None:
    log = lived()
    for kind, to, trigger in entries:
        log.enter("p4", kind, to, trigger)
    code, bad = found(whole(log), tmp_path)
    assert bad == expected
    assert code == {(): 0, ("not_allowed",): 1, ("unknown_kind",): 3}[tuple(expected)]


def test_a_reversal_leads_back_to_a_state_of_this_placement(tmp_path: Path) -> None:
    log = lived()
    concerned = log.heads["p2"]
    log.enter("p2", "reversal", "applied", concerns=2, concerns_hash=concerned.hash)
    assert found(whole(log), tmp_path / "a") == (0, [])
    log.enter("p2", "note", "applied", concerns=1, concerns_hash=concerned.hash)
    assert found(whole(log), tmp_path / "b") == (1, ["bad_concern"])


def test_a_break_in_a_chain_is_named_even_when_it_was_sealed(tmp_path: Path) -> None:
    log = lived()
    log.heads["p3"] = evidence.Head("p3", 1, "0" * 64)
    log.enter("p3", "transition", "shown", "show")
    code, output = told(whole(log), tmp_path, "--lang", "en")
    assert code == 1
    assert "ok 9 of 9 lines hash into the signed root." in output
    assert "!! entries.jsonl, line 9 (placement p3, seq 2): it does not follow line 3." in output


def test_a_definition_with_other_bytes_is_refused(tmp_path: Path) -> None:
    files = whole(lived())
    files[f"definitions/{evidence.DIGEST}.yaml"] += b"#"
    assert found(listed_anew(files), tmp_path)[1] == ["bad_definition"]


def test_what_is_not_disclosed_and_what_was_erased_is_counted(tmp_path: Path) -> None:
    log = lived()
    erased = log.disclosures.pop()
    log.disclosures.pop(0)
    log.enter("p1", "erasure", "closed", fields={"erased": commitment_to(erased[3])})
    code, output = told(whole(log), tmp_path / "a", "--lang", "en")
    assert code == 0, output
    assert "ok 2 commitments opened, 1 erased, 1 not disclosed." in output
    log.disclosures.append(erased)
    assert found(whole(log), tmp_path / "b") == (1, ["not_erased"])


def test_a_changed_or_made_up_disclosure_is_refused(tmp_path: Path) -> None:
    log = lived()
    genuine = list(log.disclosures[0])
    log.disclosures[0][3] = log.disclosures[3][3]
    assert found(whole(log), tmp_path / "a") == (1, ["bad_disclosure"])
    log.disclosures[0] = genuine
    log.disclosures.append(["p1", 9, "host_email", genuine[3]])
    assert found(whole(log), tmp_path / "b") == (1, ["bad_disclosure"])


@pytest.mark.parametrize(
    ("seals", "expected"),
    [
        ([(3, "2026-03-01T09:00:00.000000Z"), (8, "2026-03-01T08:00:00.000000Z")], "bad_seal"),
        ([(5, "2026-03-01T09:00:00.000000Z"), (5, "2026-03-01T10:00:00.000000Z")], "bad_seal"),
        ([(9, "2026-03-01T09:00:00.000000Z")], "bad_seal"),
        ([(8, "yesterday")], "bad_seal"),
        ([(8, 7)], "malformed"),
        ([(3, "2026-03-01T09:00:00.000000Z")], "last_seal"),
    ],
)
def test_seals_go_forward(seals: list[tuple[int, object]], expected: str, tmp_path: Path) -> None:
    files = whole(lived()) | {"seals.jsonl": jsonl(seals)}
    assert found(listed_anew(files), tmp_path) == (1, [expected])


def test_anchors_are_counted_and_not_believed(tmp_path: Path) -> None:
    files = whole(lived())
    digest = hashlib.sha256(files["checkpoint"]).digest()
    anchors = {"anchors/stamp.tsr": b"x" + digest, "anchors/other.eml": b"nothing"}
    code, output = told(listed_anew(files | anchors), tmp_path, "--lang", "en")
    assert code == 0
    assert "-- Other anchors: 2, with the digest of a checkpoint that is here: 1;" in output


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa") / "ours")


def test_a_time_stamp_says_its_checkpoint_and_time_but_not_by_whom(tsa: Authority, tmp_path: Path) -> None:
    files = whole(lived())
    answer = tsa.stamp(files["checkpoint"])
    anchors = {
        "anchors/1.tsr": answer,
        "anchors/2.tst": tsa.token_of(answer),
        "anchors/3.tsr": tsa.stamp(files["earlier_checkpoint"]),
        "anchors/4.tsr": tsa.stamp(b"another"),
    }
    code, output = told(listed_anew(files | anchors), tmp_path, "--lang", "en")
    year = verify.parse_stamp(answer).at[:4]
    lines = [line.partition(f" at {year}") for line in output.splitlines() if "anchors/" in line]
    assert code == 0
    assert [line for line, _, _ in lines] == [
        "-- anchors/1.tsr: the checkpoint (8 lines) existed",
        "-- anchors/2.tst: the checkpoint (8 lines) existed",
        "-- anchors/3.tsr: the earlier checkpoint (3 lines) existed",
        "-- anchors/4.tsr: a time stamp of another checkpoint,",
    ]
    assert all("signature not checked" in rest for _, _, rest in lines[:3])


def test_a_time_stamp_is_checked_with_the_certificates_that_were_given(tsa: Authority, tmp_path: Path) -> None:
    files = whole(lived())
    bundle = listed_anew(files | {"anchors/1.tsr": tsa.stamp(files["checkpoint"])})
    code, output = told(bundle, tmp_path, "--lang", "en", "--tsa", str(tsa.root))
    assert code == 0
    assert "\nok anchors/1.tsr: the checkpoint (8 lines) existed at " in output
    assert "signature checked by openssl" in output


def test_a_time_stamp_of_others_or_with_another_time_is_not_believed(tsa: Authority, tmp_path: Path) -> None:
    files = whole(lived())
    answer = tsa.stamp(files["checkpoint"])
    at = re.sub(r"\D", "", verify.parse_stamp(answer).at).encode()
    changed = answer.replace(at + b"Z", b"20100101000000Z", 1)
    for number, (stamp, root) in enumerate([(changed, tsa), (answer, authority(tmp_path / "other"))]):
        bundle = written(listed_anew(files | {"anchors/1.tsr": stamp}), tmp_path / str(number))
        findings = verify.verify(bundle, tsa=root.root.read_bytes())
        assert (verify.verdict(findings), findings[-1].key) == (verify.UNKNOWN, "stamp_not_signed")


def test_without_openssl_a_signature_is_not_checked(
    tsa: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = whole(lived())
    bundle = written(listed_anew(files | {"anchors/1.tsr": tsa.stamp(files["checkpoint"])}), tmp_path / "bundle")
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = verify.verify(bundle, tsa=tsa.root.read_bytes())[-1]
    assert finding.status == verify.REMARK
    assert "not checked" in finding.sentence("en")


def test_a_damaged_time_stamp_is_told_and_never_a_crash(tsa: Authority) -> None:
    answer, told = tsa.stamp(b"x"), random.Random(161)
    for _ in range(2000):
        data = bytearray(answer[: told.choice([len(answer), told.randrange(len(answer))])] or b"0")
        data[told.randrange(min(len(data), 200))] = told.randrange(256)
        try:
            stamp = verify.parse_stamp(bytes(data))
        except (ValueError, IndexError):
            continue
        assert len(stamp.digest) == 32


def test_a_file_that_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    files = whole(lived()) | {"keys/other.vkey": b"", "my own notes.txt": b""}
    assert found(files, tmp_path) == (1, ["unlisted"])


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"\xff", b"null", b'{"format": 2}', b'{"a":1,"a":2}', b"9" * 9999]
)
@pytest.mark.parametrize("name", sorted(part(lived(), "p1")))
def test_whatever_a_file_holds_is_answered_without_a_traceback(name: str, content: bytes, tmp_path: Path) -> None:
    files = part(lived(), "p1") | {name: content}
    code, _ = found(listed_anew(files) if name != "manifest.json" else files, tmp_path)
    # Nothing to disclose is no fault; everything else is.
    assert code in (1, 2, 3) or (name, content) in ((n, b"") for n in ("disclosures.jsonl", "consistency.json"))


@pytest.mark.parametrize("seed", range(40))
def test_any_byte_changed_in_a_zip_file_is_answered_without_a_traceback(seed: int, tmp_path: Path) -> None:
    path, chance = tmp_path / "bundle.zip", random.Random(seed)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in whole(lived()).items():
            archive.writestr(name, data)
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    findings = verify.verify(path)
    assert verify.verdict(findings) in (0, 1, 2, 3)
    assert all(finding.key != "failed" for finding in findings)


@pytest.mark.parametrize(
    "arguments", [("--unknown",), ("nowhere.zip",), (str(SCRIPT),), ("--key", "nowhere"), ("--lang", "de")]
)
def test_wrong_usage_is_a_sentence_and_not_an_incomplete_bundle(arguments: tuple[str, ...]) -> None:
    code, output = ran(*arguments)
    assert code == 3
    assert output.splitlines()[-1] in ("INDÉCIDABLE", "CANNOT TELL")


def test_nothing_in_a_bundle_can_steer_the_terminal(tmp_path: Path) -> None:
    log = lived()
    log.enter("p4", "placed", "\x1b[2J")
    _, output = told(whole(log), tmp_path, "--lang", "en")
    assert "\x1b" not in output
    assert "�[2J" in output
