"""`audit seal`, `audit verify` and the evidence bundle on the command line; its own verify.py checks the bundle."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app import open_app
from audit.findings import Findings, Report
from audit.leaves import Leaves
from audit.sound import Sound
from storage.sqlite import library
from tests.integration.conftest import Cli, Once, grant, initialised, place, show_candidate


def some_sealed(office: Cli) -> None:
    """A sandbox with some lives, sealed."""
    initialised(office)
    place(office, "A-1")
    place(office, "B-1", "974")
    grant(office, "A-1", "B-1")
    show_candidate(office, "A-1")
    office("run", "--once", clock="2021-03-17T00:00:00Z")
    assert office("audit", "seal").code == 0


@pytest.fixture
def sealed(once: Once) -> Cli:
    return once(some_sealed)


@pytest.fixture
def tamper(tmp_path: Path) -> Callable[[str], None]:
    """Write to the file as any program may, triggers dropped."""

    def run(statement: str) -> None:
        with closing(library().connect(tmp_path / "parcours.db", isolation_level=None)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)

    return run


def unpacked(office: Cli, folder: Path, *words: str) -> Path:
    assert office("audit", "export", "--format", "bundle", "--out", "bundle.zip", *words).code == 0
    with zipfile.ZipFile("bundle.zip") as archive:
        archive.extractall(folder)
    return folder


def checked(folder: Path, *words: str) -> tuple[int, str]:
    """What the bundle's own verifier answers, with nothing but the standard library."""
    done = subprocess.run(
        [sys.executable, "-S", "-I", str(folder / "verify.py"), "--lang", "en", *words],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


# Whether all is well


def is_sound(folder: Path) -> bool:
    """Whether one pass over the log finds that all of it holds."""
    with open_app(f"sqlite:///{folder / 'parcours.db'}") as app, app.store.seals.reading() as reading:
        last = reading.last_seal()
        size = last.size if last else 0
        report, leaves = Report(unsealed=reading.queue_length()), Leaves(reading, size)
        holds = Sound(reading, Findings(reading, report), leaves).holds()
        assert not holds or report.entries == reading.entry_count() + sum(1 for _ in reading.acts())
        return holds and leaves.hold()


def test_a_log_that_holds_is_gone_over_once(sealed: Cli, tmp_path: Path) -> None:
    assert is_sound(tmp_path)
    place(sealed, "C-1")
    grant(sealed, "A-1")
    assert is_sound(tmp_path), "some entries wait for a seal"


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM unsealed WHERE seq = 1",
        "UPDATE unsealed SET seq = 9 WHERE seq = 1",
        "INSERT INTO unsealed SELECT placement, seq FROM leaf WHERE position = 1",
        "DELETE FROM leaf WHERE position = 1",
        "UPDATE leaf SET position = 999 WHERE position = 1",
        "UPDATE leaf SET hash = iif(hash LIKE 'f%', '0', 'f') || substr(hash, 2) WHERE position = 1",
        "DELETE FROM history WHERE id = 3",
        "UPDATE history SET seq = 99 WHERE id = 3",
        "UPDATE history SET hash = 'x' WHERE id = 3",
        "UPDATE history SET prev = 'x' WHERE id = 3",
        "UPDATE history SET data = CAST(data AS TEXT) WHERE id = 3",
        "UPDATE history SET data = 7 WHERE id = 3",
        "UPDATE history SET data = CAST(replace(CAST(data AS TEXT), '\"seq\"', '\"sEq\"') AS BLOB) WHERE id = 3",
        "UPDATE placement SET seq = seq + 1 WHERE reference = 'A-1'",
        "UPDATE placement SET head = 'x' WHERE reference = 'A-1'",
        "DELETE FROM system_entry WHERE seq = 1",
        "UPDATE tile SET data = zeroblob(length(data)) WHERE level = 0",
        "UPDATE tile SET data = substr(data, 2) WHERE level = 0",
    ],
)
def test_no_damage_is_taken_for_a_log_that_holds(
    sealed: Cli, tmp_path: Path, tamper: Callable[[str], None], damage: str
) -> None:
    place(sealed, "C-1")
    tamper(damage)
    assert not is_sound(tmp_path)
    assert sealed("audit", "verify").code == 7


# Seals


def test_init_makes_the_key_and_tells_its_public_half(cli: Cli, tmp_path: Path) -> None:
    first = cli("init", "--sandbox", "--json").json
    assert (tmp_path / "parcours.db.signing-key").exists()
    assert first["public_key"].startswith(f"parcours/{first['log']}+")
    assert cli("init", "--json").json["public_key"] == first["public_key"]


def test_the_key_lies_where_the_setting_says(cli: Cli, tmp_path: Path) -> None:
    assert cli("init", "--sandbox", "--signing-key", "keys.txt").code == 0
    assert (tmp_path / "keys.txt").exists()
    missing = cli("audit", "seal", "--json")
    assert (missing.code, missing.json["error"]["code"]) == (1, "key_missing")
    assert cli("audit", "seal", "--signing-key", "keys.txt").code == 0


def test_sealing_answers_what_was_sealed_and_the_checkpoint(sealed: Cli) -> None:
    place(sealed, "C-1")
    first = sealed("audit", "seal", "--json").json
    again = sealed("audit", "seal", "--json").json
    assert (first["sealed"], first["unsealed"], first["broken"], first["late"]) == (1, 0, [], [])
    assert (again["sealed"], again["checkpoint"]) == (0, first["checkpoint"])
    assert first["checkpoint"]["note"].splitlines()[1] == str(first["checkpoint"]["size"])


def test_publishing_is_an_entry_of_the_log(office: Cli) -> None:
    assert office("audit", "seal", "--json").json["sealed"] == 1


def test_accepting_needs_a_reason(sealed: Cli) -> None:
    assert sealed("audit", "seal", "--accept-restored").code == 2
    assert sealed("audit", "seal", "--reason", "why").code == 2


def test_a_restored_database_is_refused_until_a_person_says_so(sealed: Cli, tmp_path: Path) -> None:
    sealed("backup", "old.db")
    place(sealed, "C-1")
    sealed("audit", "seal")
    (tmp_path / "old.db").replace(tmp_path / "parcours.db")
    refused = sealed("audit", "seal", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (7, "older_than_checkpoint")
    verified = sealed("audit", "verify", "--json")
    assert (verified.code, verified.json["faults"][0]["code"]) == (7, "older_than_checkpoint")
    accepted = sealed("audit", "seal", "--accept-restored", "--reason", "the disk died", "--json")
    assert accepted.code == 0
    assert accepted.json["disclosure"]
    assert sealed("audit", "verify").code == 0
    assert b"the disk died" not in (tmp_path / "parcours.db").read_bytes()


# Verifying


def test_untouched_log_holds_and_what_waits_is_only_counted(sealed: Cli) -> None:
    place(sealed, "C-1")
    answer = sealed("audit", "verify", "--json")
    found = answer.json
    assert (answer.code, found["ok"], found["faults"], found["unsealed"]) == (0, True, [], 1)
    assert found["entries"] == found["leaves"] + 1
    assert sealed("audit", "verify", "A-1").code == 0
    assert sealed("audit", "verify", "NONE").code == 5


def test_a_changed_entry_is_named_by_reference_and_seq(sealed: Cli, tamper: Callable[[str], None]) -> None:
    tamper("UPDATE history SET data = CAST(replace(CAST(data AS TEXT), 'anct', 'host') AS BLOB) WHERE seq = 2")
    answer = sealed("audit", "verify", "--json")
    assert answer.code == 7
    assert {(fault["reference"], fault["seq"]) for fault in answer.json["faults"]} == {("A-1", 2), ("B-1", 2)}
    assert sealed("audit", "verify", "A-1").code == 7
    text = sealed("audit", "verify", "--lang", "en")
    assert "A-1 2: " in text.out


def test_a_checkpoint_that_was_kept_is_compared(sealed: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(sealed("audit", "seal", "--json").json["checkpoint"]["note"], "utf-8")
    place(sealed, "C-1")
    sealed("audit", "seal")
    assert sealed("audit", "verify", "--since-checkpoint", "kept").code == 0
    kept.write_bytes(kept.read_bytes().replace(b"sealed 2021", b"sealed 2020"))
    answer = sealed("audit", "verify", "--since-checkpoint", "kept", "--json")
    assert (answer.code, answer.json["faults"][0]["code"]) == (7, "checkpoint_unreadable")


def test_without_the_keys_file_the_database_vouches_for_itself(sealed: Cli, tmp_path: Path) -> None:
    (tmp_path / "parcours.db.signing-key").unlink()
    answer = sealed("audit", "verify", "--json")
    assert (answer.code, answer.json["key_vouched"]) == (0, False)


# Bundles


def test_a_bundle_of_the_whole_log_verifies_itself(sealed: Cli, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(sealed("init", "--json").json["public_key"] + "\n", "utf-8")
    held = tmp_path / "held"
    held.write_text(sealed("audit", "seal", "--json").json["checkpoint"]["note"], "utf-8")
    place(sealed, "C-1")
    code, said = checked(unpacked(sealed, tmp_path / "b"), "--key", str(key), "--checkpoint", str(held))
    assert code == 0, said
    assert "The log extends your checkpoint" in said


@pytest.mark.parametrize("words", [("--reference", "A-1"), ("--territory", "974")])
def test_a_bundle_of_a_part_proves_that_nothing_is_left_out(sealed: Cli, tmp_path: Path, words: tuple[str]) -> None:
    folder = unpacked(sealed, tmp_path / "b", *words)
    code, said = checked(folder)
    assert code == 0, said
    lines = (folder / "entries.jsonl").read_bytes().splitlines()
    assert 2 < len(lines) < 8
    assert len(list((folder / "proofs").glob("*.tlog-proof"))) == len(lines)


def test_a_bundle_continues_the_checkpoint_that_was_given(sealed: Cli, tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.write_text(sealed("audit", "seal", "--json").json["checkpoint"]["note"], "utf-8")
    place(sealed, "C-1")
    folder = unpacked(sealed, tmp_path / "b", "--reference", "A-1", "--since-checkpoint", str(held))
    assert (folder / "earlier_checkpoint").read_bytes() == held.read_bytes()
    assert checked(folder, "--checkpoint", str(held))[0] == 0
    held.write_text("nothing", "utf-8")
    words = ("audit", "export", "--format", "bundle", "--out", "c.zip", "--since-checkpoint", str(held))
    assert sealed(*words).code == 7
    assert not list(tmp_path.glob("c.zip*"))


def test_a_flipped_byte_is_tampering_and_a_missing_file_incomplete(sealed: Cli, tmp_path: Path) -> None:
    folder = unpacked(sealed, tmp_path / "b")
    entries = folder / "entries.jsonl"
    before = entries.read_bytes()
    entries.write_bytes(before.replace(b'"kind":"placed"', b'"kind":"Placed"', 1))
    code, said = checked(folder)
    assert code == 1
    assert "entries.jsonl, line" in said
    entries.write_bytes(before)
    assert checked(folder)[0] == 0
    (folder / "leaves.jsonl").unlink()
    assert checked(folder)[0] == 2


def test_a_bundle_over_changed_history_does_not_verify(
    sealed: Cli, tmp_path: Path, tamper: Callable[[str], None]
) -> None:
    tamper("UPDATE history SET data = CAST(replace(CAST(data AS TEXT), 'anct', 'host') AS BLOB) WHERE seq = 2")
    assert checked(unpacked(sealed, tmp_path / "b"))[0] == 1


def test_personal_values_and_names_are_not_in_a_bundle(sealed: Cli, tmp_path: Path) -> None:
    folder = unpacked(sealed, tmp_path / "b")
    assert not [path for path in folder.rglob("*") if path.is_file() and b"Camille Roux" in path.read_bytes()]


def test_a_bundle_takes_no_moments_and_other_forms_no_proofs(sealed: Cli) -> None:
    words = ("audit", "export", "--out", "f")
    assert sealed(*words, "--format", "bundle", "--since", "2021-03-01").code == 2
    assert sealed(*words, "--reference", "A-1").code == 2
    assert sealed(*words, "--format", "bundle", "--reference", "NONE").code == 5


# Damage


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seal SET size = 4611686018427387904 WHERE number = (SELECT max(number) FROM seal)",
        "UPDATE seal SET note = CAST('nothing' AS TEXT)",
        "UPDATE seal SET note = x'ff'",
    ],
)
def test_damaged_seal_is_told_at_once_and_without_a_traceback(
    sealed: Cli, tamper: Callable[[str], None], statement: str
) -> None:
    tamper(statement)
    for words in (("audit", "verify"), ("audit", "verify", "--json")):
        told = sealed(*words)
        assert (told.code, "Traceback" in told.err) == (7, False)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deadline SET last_day = '2021-13-01'",
        "UPDATE deadline SET anchored_at = CAST('x' AS TEXT)",
        "UPDATE definition SET source = CAST(replace(CAST(source AS TEXT), '15 days', '16 days') AS BLOB)",
    ],
)
def test_damaged_rows_are_told_by_doctor_without_a_traceback(
    sealed: Cli, tamper: Callable[[str], None], statement: str
) -> None:
    tamper(statement)
    told = sealed("doctor")
    assert (told.code, "Traceback" in told.err) == (7, False)
