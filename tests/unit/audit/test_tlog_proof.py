"""Proofs in the text form of C2SP tlog-proof: written by the product, read by the verifier, refused where malformed."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog_proof import format_proof
from audit.tree import inclusion_proof, leaf_hash, root
from audit.verifier import verify
from tests.unit.audit.evidence import Log, listed_anew, lived, part, written

HASH = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(32)).decode()
CHECKPOINT = "example.com/log\n8\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/log hI2DJw==\n"


def text(*lines: str) -> bytes:
    return "\n".join((*lines, "", CHECKPOINT)).encode()


def test_a_proof_looks_as_the_specification_says() -> None:
    made = format_proof(5, [bytes(range(32)), bytes(32)], CHECKPOINT.encode())
    assert made == text("c2sp.org/tlog-proof@v1", "index 5", HASH, OTHER)
    assert format_proof(0, [], CHECKPOINT.encode()) == text("c2sp.org/tlog-proof@v1", "index 0")


def test_extra_data_are_passed_over() -> None:
    found = verify.parse_tlog_proof(text("c2sp.org/tlog-proof@v1", "extra ZXh0cmE=", "index 73894", HASH))
    assert found == (73894, [bytes(range(32))], CHECKPOINT.encode())


@given(st.integers(0, 10**18), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.binary(min_size=1))
def test_what_is_written_is_read_back(index: int, path: list[bytes], checkpoint: bytes) -> None:
    assert verify.parse_tlog_proof(format_proof(index, path, checkpoint)) == (index, path, checkpoint)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("c2sp.org/tlog-proof@v2", "index 5"),
        ("c2sp.org/tlog-proof@v1",),
        ("c2sp.org/tlog-proof@v1", HASH),
        ("c2sp.org/tlog-proof@v1", "index 05"),
        ("c2sp.org/tlog-proof@v1", "index -1"),
        ("c2sp.org/tlog-proof@v1", "index  5"),
        ("c2sp.org/tlog-proof@v1", "index 5 "),
        ("c2sp.org/tlog-proof@v1", "index ٥"),
        ("c2sp.org/tlog-proof@v1", "index 5", "extra ZXh0cmE="),
        ("c2sp.org/tlog-proof@v1", "extra ZXh0cmE", "index 5"),
        ("c2sp.org/tlog-proof@v1", "extra ZXh0cmE=", "extra ZXh0cmE=", "index 5"),
        ("c2sp.org/tlog-proof@v1", "index 5", HASH[:-4]),
        ("c2sp.org/tlog-proof@v1", "index 5", HASH + "\r"),
        ("c2sp.org/tlog-proof@v1", "index 5", *[HASH] * 65),
    ],
)
def test_what_is_no_proof_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"no |not |base64|padding|codec"):
        verify.parse_tlog_proof(text(*lines))
    with pytest.raises(ValueError, match="no tlog-proof"):
        verify.parse_tlog_proof(b"c2sp.org/tlog-proof@v1\nindex 5\n")


# In a bundle


def proved(log: Log) -> dict[str, bytes]:
    """A part of a log, its inclusion proved in both forms."""
    files = part(log, "p1", "p2")
    leaves = [json.loads(line)[0] for line in files["leaves.jsonl"].splitlines()]
    tiles, size = log.tiles(), len(log.lines)
    proofs = {
        f"proofs/{leaf:012}.tlog-proof": format_proof(leaf, inclusion_proof(tiles, leaf, size), files["checkpoint"])
        for leaf in leaves
    }
    return listed_anew(files | proofs)


def verdict(files: dict[str, bytes], folder: Path) -> tuple[int, set[str]]:
    findings = verify.verify(written(listed_anew(files), folder))
    return verify.verdict(findings), {finding.key for finding in findings}


def test_a_proof_of_the_bundle_stands_by_itself() -> None:
    log = lived()
    files = proved(log)
    for name, data in files.items():
        if name.startswith("proofs/"):
            proof = verify.parse_tlog_proof(data)
            checkpoint = verify.open_checkpoint(proof.checkpoint, [verify.parse_vkey(log.signer.verifier.vkey)], "", 3)
            leaf = leaf_hash(log.lines[proof.leaf])
            assert checkpoint.root == root(log.tiles(), len(log.lines))
            assert verify.includes(leaf, proof.leaf, checkpoint.size, proof.path, checkpoint.root)


def test_either_form_is_enough(tmp_path: Path) -> None:
    files = proved(lived())
    assert verdict(files, tmp_path / "both")[0] == verify.VERIFIED
    text_only = {name: data for name, data in files.items() if name != "inclusion.json"}
    assert verdict(text_only, tmp_path / "text")[0] == verify.VERIFIED
    json_only = {name: data for name, data in files.items() if not name.startswith("proofs/")}
    assert verdict(json_only, tmp_path / "json")[0] == verify.VERIFIED
    neither = {name: data for name, data in text_only.items() if not name.startswith("proofs/000000000000")}
    assert verdict(neither, tmp_path / "neither")[0] == verify.INCOMPLETE


def test_a_wrong_proof_is_found_in_either_form(tmp_path: Path) -> None:
    log = lived()
    files = proved(log)
    names = sorted(name for name in files if name.startswith("proofs/"))
    one, two = names[0], names[1]
    short = files[one].replace(files[one].split(b"\n")[2] + b"\n", b"", 1)
    elsewhere = files[one].replace(files["checkpoint"], log.checkpoint(3))
    for number, (changed, key) in enumerate((
        ({one: files[two]}, "other_proof"),
        ({one: elsewhere}, "other_proof"),
        ({one: short}, "not_included"),
        ({one: b"nonsense"}, "malformed"),
        ({"inclusion.json": b"[[], [], []]"}, "not_included"),
        ({"inclusion.json": b"null"}, "malformed"),
        ({"inclusion.json": b"[]"}, "malformed"),
    )):  # fmt: skip
        code, keys = verdict(files | changed, tmp_path / str(number))
        assert (code, key in keys) == (verify.TAMPERED, True), (number, keys)


def test_a_proof_that_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    files = proved(lived()) | {"proofs/000000000099.tlog-proof": b""}
    findings = verify.verify(written(files, tmp_path / "b"))
    assert "unlisted" in {finding.key for finding in findings}
