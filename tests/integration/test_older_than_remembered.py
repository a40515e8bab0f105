"""While a database does not continue the checkpoint that is remembered outside it, nothing is written to it."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from audit.continuing import expecting
from audit.remembered import Remembered
from audit.restored import DatabaseOlder
from storage.sql import SqlStore
from storage.sqlite import library
from tests.integration.conftest import POST, Cli, Once, grant, initialised, place, show_candidate
from tests.integration.test_cli_person import ERASE
from workflow.errors import IntegrityBroken, StoreUnavailable

SUPERVISOR = ("--role", "supervisor", "--reason", "other")
FIELDS = tuple(word for field in POST for word in ("--set", field))
WRITES = [
    ("place", "--reference", "Z-1", "--territory", "75", *FIELDS),
    ("fire", "A-1", "show_candidate", "--role", "platform", "--set", "candidate_ref=C", "--set", "candidate_name=N"),
    ("note", "A-1", "text"),
    ("void", "A-1", *SUPERVISOR),
    ("reverse", "A-1", *SUPERVISOR),
    ("amend", "A-1", "--set", "host_name=X", *SUPERVISOR),
    ("deadline", "extend", "A-1", "candidate_selection", "--by", "2 days", *SUPERVISOR),
    ("import", "facts.csv", "--layout", "facts"),
    ("person", "hold", "A-1", *SUPERVISOR),
    ("person", "erase", "A-1", "--all", *ERASE),
    ("actor", "erase", "Ada", *ERASE),
    ("definition", "publish", "other.yaml"),
    ("run", "--once"),
    ("run",),
    ("audit", "seal"),
    ("audit", "export", "--format", "bundle", "--out", "b.zip"),
    ("init",),
]
READS = [
    ("show", "A-1"), ("list",), ("history", "A-1"), ("can", "A-1"), ("deadlines",), ("notices",), ("stats",),
    ("person", "show", "A-1"), ("person", "find", "Camille Roux"), ("actor", "list"), ("definition", "check"),
    ("audit", "export", "--out", "log.csv"), ("backup", "copy.db"), ("person", "register", "--out", "r.jsonl"),
    ("person", "erase", "A-1", "--all", *ERASE, "--dry-run"),
]  # fmt: skip


def put_back(office: Cli) -> None:
    """A database from before the last seal, back in its place; some of it falls due."""
    initialised(office)
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    office("note", "A-1", "text", "--as", "Ada")
    assert office("audit", "seal").code == 0
    assert office("backup", "--with-keys", "old.db").code == 0
    place(office, "B-1")
    assert office("audit", "seal").code == 0
    shutil.copy("old.db", "parcours.db")
    assert office("stats", clock="2021-05-01T09:00:00Z").code == 0
    source = (Path(__file__).parents[2] / "states.yaml").read_text("utf-8")
    Path("other.yaml").write_text(source.replace("\nversion: 1\n", "\nversion: 2\n"), "utf-8")
    Path("facts.csv").write_text("reference,trigger,at\n", "utf-8")


@pytest.fixture
def restored(once: Once) -> Cli:
    return once(put_back)


def rows(folder: Path) -> list[object]:
    """Everything in the database."""
    with closing(library().connect(folder / "parcours.db")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names]  # noqa: S608 - our names


def test_no_command_and_no_daemon_writes(restored: Cli, tmp_path: Path) -> None:
    before = rows(tmp_path)
    for words in WRITES:
        answer = restored(*words, "--json", "--log-level", "error")
        assert (answer.code, answer.json["error"]["code"]) == (7, "older_than_checkpoint"), words
        assert rows(tmp_path) == before, words
    text = restored("note", "A-1", "text", "--lang", "en").err
    assert "Nothing is written." in text
    assert text.endswith("parcours audit seal --accept-restored --reason …\n")


def test_reads_work(restored: Cli) -> None:
    assert [words for words in READS if restored(*words).code != 0] == []


def test_doctor_says_so(restored: Cli) -> None:
    answer = restored("doctor", "--json")
    assert answer.code == 7
    assert any("--accept-restored" in sentence for sentence in answer.json["database"])


def test_once_a_person_has_said_so_everything_is_written_again(restored: Cli) -> None:
    assert restored("audit", "seal", "--accept-restored", "--reason", "disk died").code == 0
    assert restored("run", "--once").code == 0
    assert restored("note", "A-1", "text").code == 0
    assert restored("doctor").code == 0


@pytest.fixture
def tamper(tmp_path: Path) -> Callable[[str], None]:
    def run(statement: str) -> None:
        with closing(library().connect(tmp_path / "parcours.db", isolation_level=None)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)

    return run


@pytest.mark.parametrize(
    "statement", ["UPDATE seal SET root = zeroblob(32)", "DELETE FROM seal", "UPDATE seal SET size = size + 1"]
)
def test_seals_of_another_history_are_refused(office: Cli, tamper: Callable[[str], None], statement: str) -> None:
    place(office, "A-1")
    office("audit", "seal")
    assert office("note", "A-1", "before").code == 0
    tamper(statement)
    assert office("note", "A-1", "after").code == 7


def test_a_database_newer_than_what_is_remembered_is_written_to(office: Cli, tmp_path: Path) -> None:
    remembered = tmp_path / "parcours.db.signing-key.checkpoint"
    place(office, "A-1")
    office("audit", "seal")
    first = remembered.read_bytes()
    place(office, "B-1")
    office("audit", "seal")
    remembered.write_bytes(first)
    assert office("note", "A-1", "after a sealer was killed").code == 0
    remembered.unlink()
    assert office("note", "A-1", "without the file").code == 0


def test_a_file_that_holds_no_checkpoint_is_told(office: Cli, tmp_path: Path) -> None:
    place(office, "A-1")
    (tmp_path / "parcours.db.signing-key.checkpoint").write_text("nonsense", "utf-8")
    answer = office("note", "A-1", "text", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (7, "integrity_broken")
    assert "holds no checkpoint" in answer.json["error"]["message"]


def test_an_open_store_looks_again_when_something_new_is_remembered(office: Cli, tmp_path: Path) -> None:
    remembered = tmp_path / "parcours.db.signing-key.checkpoint"
    place(office, "A-1")
    office("audit", "seal")
    store = SqlStore(f"sqlite:///{tmp_path / 'parcours.db'}", guard=expecting(Remembered(remembered)))
    for _ in range(2):
        with store.writing() as unit:
            assert unit.find("A-1") is not None
    note = remembered.read_bytes().split(b"\n")
    Remembered(remembered).write(b"\n".join([note[0], b"99", *note[2:]]))
    for _ in range(2):
        with pytest.raises(DatabaseOlder), store.writing():
            raise AssertionError("it was written")
    store.close()


class Denied(Remembered):
    """A file that this user may not read, which no file is for root."""

    def read(self) -> bytes | None:
        try:
            raise PermissionError(13, "Permission denied")
        except OSError as error:
            raise StoreUnavailable("it cannot be read") from error


def test_whoever_may_not_read_the_file_writes_and_other_failures_are_told(tmp_path: Path, office: Cli) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'parcours.db'}", guard=expecting(Denied(tmp_path)))
    with store.writing() as unit:
        assert unit.system_head().seq == 1
    store.close()
    store = SqlStore(f"sqlite:///{tmp_path / 'parcours.db'}", guard=expecting(Remembered(tmp_path)))
    with pytest.raises((StoreUnavailable, IntegrityBroken), match="cannot be read"), store.writing():
        raise AssertionError("it was written")
    store.close()
