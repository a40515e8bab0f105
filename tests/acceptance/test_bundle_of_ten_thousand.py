"""A bundle of ten thousand entries, made by the engine itself, and what `verify.py` says of five ways to falsify it.

It runs as an auditor would run it: in a Python with nothing installed, with the key and a checkpoint from elsewhere.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import App, export_bundle, open_app, seal
from audit.notes import new_signer
from audit.verifier import verify
from bench.cohort import NOW, build
from bench.large import url
from storage.listing import PlacementFilter
from tests.unit.audit.evidence import dumped, jsonl, listed_anew
from workflow.clock import VirtualClock

ENTRIES = 10_000
Files = dict[str, bytes]


@dataclass(frozen=True)
class Evidence:
    """The whole log, a part of it, and what an auditor holds: the key, and a checkpoint older than the last."""

    whole: Files
    part: Files
    folder: Path
    key: str
    kept: bytes


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("evidence")
    with open_app(url(build(folder, ENTRIES)), clock=VirtualClock(NOW)) as app:
        kept = seal(app).last
        assert kept is not None
        whole, part = folder / "whole.zip", folder / "part.zip"
        export_bundle(app, whole)
        export_bundle(app, part, references=some_references(app), held=kept.note)
        files = read(whole)
    (folder / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
    return Evidence(files, read(part), folder, files["keys/log.vkey"].decode().strip(), kept.note)


def some_references(app: App) -> list[str]:
    return [row.reference for row in app.queries.placements(PlacementFilter(territory="974"), 50).items]


def read(bundle: Path) -> Files:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verified(evidence: Evidence, files: Files, tmp_path: Path, *, held: bytes = b"", key: str = "") -> tuple[int, str]:
    """The exit code and the answer for these files as a zip, by a bare Python."""
    bundle, vkey, kept = tmp_path / "bundle.zip", tmp_path / "received.vkey", tmp_path / "kept"
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    vkey.write_text(key or evidence.key)
    kept.write_bytes(held or evidence.kept)
    bare = [sys.executable, "-I", "-S", str(evidence.folder / "verify.py"), str(bundle)]
    words = [*bare, "--lang", "en", "--key", str(vkey), "--checkpoint", str(kept)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    return done.returncode, done.stdout


def flipped_byte(evidence: Evidence) -> Files:
    lines = evidence.whole["entries.jsonl"].splitlines(keepends=True)
    middle = len(lines) // 2
    lines[middle] = lines[middle].replace(b'"seq":', b'"seq" :', 1)
    return evidence.whole | {"entries.jsonl": b"".join(lines)}


def removed_line(evidence: Evidence) -> Files:
    """The line, and all that would show at once that it is gone."""
    entries = evidence.whole["entries.jsonl"].splitlines(keepends=True)
    del entries[len(entries) // 3]
    return evidence.whole | {"entries.jsonl": b"".join(entries), "leaves.jsonl": jsonl(range(len(entries)))}


def placement_left_out(evidence: Evidence) -> Files:
    files = dict(evidence.part)
    lines = files["entries.jsonl"].splitlines(keepends=True)
    gone = json.loads(lines[0])["placement"]
    keeps = [json.loads(line)["placement"] != gone for line in lines]
    for name in ("entries.jsonl", "leaves.jsonl"):
        both = zip(files[name].splitlines(keepends=True), keeps, strict=True)
        files[name] = b"".join(line for line, kept in both if kept)
    if "inclusion.json" in files:
        both = zip(json.loads(files["inclusion.json"]), keeps, strict=True)
        files["inclusion.json"] = dumped([proof for proof, kept in both if kept])
    return files


def older_checkpoint(evidence: Evidence) -> Files:
    return evidence.whole | {"checkpoint": evidence.kept}


@pytest.mark.parametrize("covered", [False, True])
@pytest.mark.parametrize(
    ("falsified", "said"),
    [
        (flipped_byte, "it is not the one that was sealed"),
        (removed_line, "were sealed"),
        (placement_left_out, "its entries end at seq 0"),
        (older_checkpoint, "were sealed"),
    ],
)
def test_what_was_falsified_is_named(
    falsified: Callable[[Evidence], Files], said: str, covered: bool, evidence: Evidence, tmp_path: Path
) -> None:
    files = falsified(evidence)
    code, answer = verified(evidence, listed_anew(files) if covered else files, tmp_path)
    assert (code, answer.splitlines()[-1]) == (1, "TAMPERED"), answer
    assert any(said in line for line in answer.splitlines() if line.startswith("!!")), answer


def test_the_flipped_byte_is_named_by_its_line(evidence: Evidence, tmp_path: Path) -> None:
    middle = evidence.whole["entries.jsonl"].count(b"\n") // 2 + 1
    _, answer = verified(evidence, flipped_byte(evidence), tmp_path)
    assert f"entries.jsonl, line {middle}:" in answer


def test_a_foreign_key_is_named(evidence: Evidence, tmp_path: Path) -> None:
    foreign = new_signer(evidence.key.partition("+")[0]).verifier.vkey
    code, answer = verified(evidence, evidence.whole, tmp_path, key=foreign)
    assert (code, answer.splitlines()[-1]) == (1, "TAMPERED")
    assert "signed by none of the known keys" in answer


def test_a_checkpoint_older_than_the_one_that_is_held_is_named(evidence: Evidence, tmp_path: Path) -> None:
    newest = evidence.whole["checkpoint"]
    code, answer = verified(evidence, listed_anew(older_checkpoint(evidence)), tmp_path, held=newest)
    assert code == 1
    assert "it is older, or lines were removed" in answer


@pytest.mark.parametrize("which", ["whole", "part"])
def test_what_was_not_touched_is_verified(which: str, evidence: Evidence, tmp_path: Path) -> None:
    files = evidence.whole if which == "whole" else evidence.part
    code, answer = verified(evidence, files, tmp_path)
    assert (code, answer.splitlines()[-1]) == (0, "VERIFIED"), answer
    assert evidence.whole["entries.jsonl"].count(b"\n") >= ENTRIES
