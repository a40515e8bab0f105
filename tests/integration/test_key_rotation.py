"""A signing key gives way to another: the log says so under both, and auditors with either key go on verifying."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from audit.keys import load_key, make_key
from audit.notes import Checkpoint, parse_checkpoint, parse_note, sign_checkpoint
from storage.sqlite import library
from tests.integration.conftest import Cli, Once, initialised, place
from tests.integration.test_audit_verify import checked, unpacked
from tests.unit.audit.evidence import listed_anew, written

KEY = Path("parcours.db.signing-key")


def sealed(office: Cli, reference: str) -> bytes:
    place(office, reference)
    note: str = office("audit", "seal", "--json").json["checkpoint"]["note"]
    return note.encode()


def rotated(office: Cli) -> dict[str, str]:
    done = office("audit", "key", "rotate", "--reason", "the administrator left", "--json")
    assert done.code == 0, done.err
    answer: dict[str, str] = done.json
    return answer


def thrice(office: Cli) -> None:
    """Checkpoints that somebody kept, of three keys one after the other; the public keys beside them."""
    initialised(office)
    kept = [sealed(office, "A-1")]
    keys = [load_key(KEY).verifier.vkey]
    for reference in ("B-1", "C-1"):
        keys.append(rotated(office)["new"])
        kept.append(sealed(office, reference))
    for number, (note, key) in enumerate(zip(kept, keys, strict=True)):
        Path(f"kept-{number}").write_bytes(note)
        Path(f"key-{number}").write_text(f"{key}\n", "utf-8")


@pytest.fixture
def notes(once: Once, tmp_path: Path) -> list[Path]:
    once(thrice)
    return [tmp_path / f"kept-{number}" for number in range(3)]


def names(note: bytes) -> list[str]:
    return [item.key_id.hex() for item in parse_note(note).signatures]


def test_the_old_key_announces_the_new_one_which_signs_alone_from_then_on(office: Cli, tmp_path: Path) -> None:
    first = sealed(office, "A-1")
    before = load_key(KEY).verifier
    done = rotated(office)
    after = load_key(KEY).verifier
    announcing = (tmp_path / f"{KEY}.checkpoint").read_bytes()
    assert (done["old"], done["new"]) == (before.vkey, after.vkey)
    assert names(first) == [before.key_id.hex()]
    assert names(announcing) == [before.key_id.hex(), after.key_id.hex()]
    assert names(sealed(office, "B-1")) == [after.key_id.hex()]
    assert not Path(f"{KEY}.next").exists()
    assert (KEY.stat().st_mode & 0o777, b"the administrator left" in (tmp_path / "parcours.db").read_bytes()) == (
        0o600, False,
    )  # fmt: skip


def test_every_checkpoint_still_verifies_whichever_key_signed_it(office: Cli, notes: list[Path]) -> None:
    for kept in notes:
        answer = office("audit", "verify", "--checkpoint", str(kept), "--json")
        assert (answer.code, answer.json["faults"]) == (0, [])
    assert office("audit", "verify", "A-1").code == 0
    assert office("doctor").code == 0
    KEY.unlink()
    assert office("audit", "verify").code == 0


@pytest.mark.parametrize("words", [(), ("--reference", "A-1")])
def test_an_auditor_with_any_of_the_keys_is_led_to_the_newest(
    office: Cli, notes: list[Path], tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = unpacked(office, tmp_path / "b", *words)
    for number in range(3):
        for kept in notes:
            code, said = checked(folder, "--key", str(tmp_path / f"key-{number}"), "--checkpoint", str(kept))
            assert code == 0, said
            assert said.count("gave way to") == 2
            assert "The log extends your checkpoint" in said
    assert checked(folder)[0] == 0


def test_a_part_continues_a_checkpoint_of_a_former_key(office: Cli, notes: list[Path], tmp_path: Path) -> None:
    folder = unpacked(office, tmp_path / "b", "--reference", "A-1", "--since-checkpoint", str(notes[0]))
    code, said = checked(folder, "--key", str(tmp_path / "key-2"), "--checkpoint", str(notes[0]))
    assert code == 0, said


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_former_key_signs_nothing_after_it_gave_way(office: Cli, tmp_path: Path) -> None:
    sealed(office, "A-1")
    stolen = load_key(KEY)
    Path("key-0").write_text(f"{stolen.verifier.vkey}\n", "utf-8")
    rotated(office)
    sealed(office, "B-1")
    files = files_of(unpacked(office, tmp_path / "b"))
    told = parse_checkpoint(parse_note(files["checkpoint"]).text)
    code, said = checked(written(listed_anew(files | {"checkpoint": sign_checkpoint(told, stolen)}), tmp_path / "c"),
                         "--key", str(tmp_path / "key-0"))  # fmt: skip
    assert code == 1, said
    assert "is signed by none of the known keys" in said


def test_an_announcement_that_no_known_key_signed_leads_nowhere(office: Cli, tmp_path: Path) -> None:
    sealed(office, "A-1")
    Path("key-0").write_text(f"{load_key(KEY).verifier.vkey}\n", "utf-8")
    rotated(office)
    files = files_of(unpacked(office, tmp_path / "b"))
    entry = next(name for name in files if name.endswith(".entry"))
    proof = entry.replace(".entry", ".tlog-proof")
    evil = make_key(tmp_path / "evil", "parcours/evil").verifier
    plain = json.loads(files[entry])
    forged = json.dumps(plain | {"fields": plain["fields"] | {"new": evil.vkey}}).encode()
    other = sign_checkpoint(Checkpoint("parcours/other", 1, bytes(32)), load_key(KEY))
    for number, (changed, sentence) in enumerate((
        ({entry: forged}, "is in no log that a known key signed"),
        ({entry: b"{}"}, f"{entry} cannot be read"),
        ({proof: files[proof].partition(b"\n\n")[0] + b"\n\n" + other}, "is signed by none of the known keys"),
    )):  # fmt: skip
        folder = written(listed_anew(files | changed), tmp_path / str(number))
        code, said = checked(folder, "--key", str(tmp_path / "key-0"))
        assert (code, sentence in said) == (1, True), said
    alone = {name: data for name, data in files.items() if name not in (entry, proof)}
    assert checked(written(listed_anew(alone), tmp_path / "alone"), "--key", str(tmp_path / "key-0"))[0] == 1


def test_a_change_that_was_interrupted_is_finished_and_nothing_is_sealed_meanwhile(
    office: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sealed(office, "A-1")
    before = KEY.read_bytes()
    rotated(office)
    after = KEY.read_bytes()
    # As if the process had ended after the announcement was committed, before the file was put in place.
    KEY.write_bytes(before)
    Path(f"{KEY}.next").write_bytes(after)
    Path(f"{KEY}.next").chmod(0o600)
    place(office, "B-1")
    refused = office("audit", "seal", "--json")
    assert (refused.code, "parcours audit key rotate" in refused.json["error"]["message"]) == (7, True)
    assert rotated(office)["disclosure"] is None
    assert KEY.read_bytes() == after
    assert office("audit", "seal", "--json").json["sealed"] == 1
    assert office("audit", "verify").code == 0


def test_a_key_that_was_made_and_not_announced_is_the_next_one(office: Cli) -> None:
    name = load_key(KEY).name
    made = make_key(Path(f"{KEY}.next"), name).verifier.vkey
    assert rotated(office)["new"] == made


@pytest.fixture
def tamper(tmp_path: Path) -> Callable[[str], None]:
    def run(statement: str) -> None:
        with closing(library().connect(tmp_path / "parcours.db", isolation_level=None)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE system_entry SET kind = 'heads' WHERE kind = 'key_rotated'",
        "DELETE FROM system_entry WHERE kind = 'key_rotated'",
        "UPDATE system_entry SET data = CAST(replace(CAST(data AS TEXT), '\"new\":', '\"old\":') AS BLOB)",
        "UPDATE seal SET note = (SELECT note FROM seal ORDER BY number DESC LIMIT 1) WHERE number = 2",
    ],
)
def test_a_change_of_key_that_is_tampered_with_is_found(
    office: Cli, notes: list[Path], tamper: Callable[[str], None], statement: str
) -> None:
    tamper(statement)
    assert office("audit", "verify").code == 7


def test_a_key_is_not_changed_without_a_reason_nor_without_the_old_one(office: Cli) -> None:
    assert office("audit", "key", "rotate").code == 2
    KEY.unlink()
    refused = office("audit", "key", "rotate", "--reason", "lost", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "key_missing")
    assert not Path(f"{KEY}.next").exists()


def test_a_database_from_before_the_change_goes_on_with_the_former_key(office: Cli, tmp_path: Path) -> None:
    sealed(office, "A-1")
    former = load_key(KEY).verifier.key_id.hex()
    assert office("backup", "old.db").code == 0
    rotated(office)
    sealed(office, "B-1")
    (tmp_path / "old.db").replace(tmp_path / "parcours.db")
    accept = ("audit", "seal", "--accept-restored", "--reason", "disk died", "--json")
    refused = office(*accept)
    assert (refused.code, f"until the file of the key {former} is back" in refused.json["error"]["message"]) == (
        7,
        True,
    )
    assert office("note", "A-1", "text").code == 7
    kept = tmp_path / f"{KEY}.{former}"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.replace(KEY)
    assert office(*accept).code == 0
    assert office("note", "A-1", "text").code == 0
    rotated(office)
    sealed(office, "C-1")
    assert office("audit", "verify").code == 0
