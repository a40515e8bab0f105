"""What was proven before an erasure still is after it, and what was erased is nowhere in the whole folder."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow.parquet
import pytest

from storage.sql import SqlStore
from storage.sqlite import library
from tests.integration.conftest import Cli, grant, place
from tests.integration.test_cli_person import CANARY, ERASE

FORMS = {"csv": "csv", "csv-fr": "csv", "xlsx": "xlsx", "jsonl": "jsonl", "parquet": "parquet", "xes": "xes",
         "ocel": "sqlite"}  # fmt: skip
SAYING = ("--log-level", "debug", "--log-format", "json")


class Office:
    """Runs commands as `parcours` does, and keeps all that they ever said, and every checkpoint."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self._cli, self.folder = cli, folder
        self.said = ""
        self.kept: list[Path] = []

    def __call__(self, *words: str, clock: str | None = None) -> str:
        answer = self._cli(*words, *SAYING, clock=clock)
        assert answer.code == 0, answer.err
        self.said += answer.out + answer.err
        return answer.out

    def seal(self) -> None:
        note = json.loads(self("audit", "seal", "--json"))["checkpoint"]["note"]
        self.kept.append(self.folder.parent / f"kept-{self.folder.name}-{len(self.kept)}")
        self.kept[-1].write_text(note, "utf-8")

    def show_candidate(self, reference: str, name: str) -> None:
        said = ("--set", f"candidate_ref=C-{reference}", "--set", f"candidate_name={name}")
        self("fire", reference, "show_candidate", *said, "--role", "platform")

    def count(self, statement: str) -> int:
        with closing(library().connect(self.folder / "parcours.db")) as connection:
            return int(connection.execute(statement).fetchone()[0])


def kept_of(folder: Path, reference: str) -> set[bytes]:
    """The bytes that stand for the personal values of a placement: their disclosures, ciphertexts and keys."""
    store = SqlStore(f"sqlite:///{folder / 'parcours.db'}")
    with store.reading() as reading:
        found = reading.find(reference)
        assert found is not None
        disclosures = {text.encode() for text in reading.personal(found.id).values()}
    store.close()
    with closing(library().connect(folder / "parcours.db")) as connection:
        sealed = connection.execute("SELECT ciphertext FROM personal WHERE placement = ?", (found.id,)).fetchall()
        keys = connection.execute("SELECT key FROM person_key WHERE placement = ?", (found.id,)).fetchall()
    return disclosures | {row[0] for row in (*sealed, *keys)}


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder as its bytes, and where these are compressed, also as what they hold."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path.name, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())
        if path.suffix == ".parquet":
            yield f"{path.name}, read", str(pyarrow.parquet.read_table(path).to_pylist()).encode()


def spellings(text: str) -> set[bytes]:
    return {text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")}


@pytest.fixture
def office(cli: Cli, tmp_path: Path) -> Iterator[tuple[Office, set[bytes]]]:
    """Three lives, sealed as they went on; one person erased on request, one by retention; what stood for both.

    Another program has the database open all the time, so that the write-ahead log stays.
    """
    office = Office(cli, tmp_path)
    office("init", "--sandbox")
    with closing(library().connect(tmp_path / "parcours.db")) as other:
        other.execute("SELECT count(*) FROM placement").fetchall()
        yield office, lived(office, cli)


def lived(office: Office, cli: Cli) -> set[bytes]:
    for reference in ("A-1", "B-1", "C-1"):
        place(cli, reference)
        office.seal()
    grant(cli, "A-1", "B-1", "C-1")
    office.show_candidate("A-1", f"{CANARY} A")
    office.show_candidate("B-1", f"{CANARY} B")
    office.show_candidate("C-1", "Camille Roux")
    office("note", "A-1", f"{CANARY} a téléphoné", "--as", "Ada")
    office.seal()
    office("fire", "B-1", "withdraw", "--role", "host", "--reason", f"{CANARY} ne veut plus")
    office("run", "--once", clock="2021-03-17T00:00:00Z")
    office.seal()
    assert f"{CANARY} A" in cli("person", "show", "A-1").out
    gone = kept_of(office.folder, "A-1") | kept_of(office.folder, "B-1")
    assert len(gone) > 8
    assert any(sealed in data for sealed in gone for _, data in contents(office.folder))
    office("person", "erase", "A-1", "--all", *ERASE)
    office.seal()
    office("run", "--once", clock="2023-04-01T00:00:00Z")
    office.seal()
    return gone


def exported(office: Office) -> Path:
    for form, ending in FORMS.items():
        office("audit", "export", "--format", form, "--out", f"{form}.{ending}")
    office("audit", "export", "--format", "ocel", "--out", "ocel.json")
    office("audit", "export", "--format", "bundle", "--out", "part.zip", "--reference", "A-1", "--reference", "B-1")
    office("audit", "export", "--format", "bundle", "--out", "bundle.zip")
    return office.folder / "bundle.zip"


def erased_in(office: Office) -> int:
    """How many commitments the erasures of all placements name."""
    lines = (office.folder / "jsonl.jsonl").read_text("utf-8").splitlines()
    return sum(len(row["fields"]["erased"].split()) for row in map(json.loads, lines) if row["kind"] == "erasure")


def test_every_checkpoint_that_was_ever_kept_still_verifies(office: tuple[Office, set[bytes]]) -> None:
    site, _ = office
    bundle = exported(site)
    with zipfile.ZipFile(bundle) as archive:
        archive.extract("verify.py", site.folder / "alone")
    erased = erased_in(site)
    # On request a candidate and a note; by retention a candidate, and a reason's text.
    assert (erased, site.count("SELECT count(*) FROM history WHERE kind = 'erasure'"), len(site.kept)) == (6, 3, 7)
    for kept in site.kept:
        answer = json.loads(site("audit", "verify", "--checkpoint", str(kept), "--json"))
        assert (answer["ok"], answer["faults"]) == (True, [])
        words = [str(site.folder / "alone/verify.py"), str(bundle), "--checkpoint", str(kept), "--lang", "en"]
        done = subprocess.run([sys.executable, "-S", "-I", *words], capture_output=True, encoding="utf-8", check=False)
        size = int(kept.read_text("utf-8").splitlines()[1])
        assert done.returncode == 0, done.stdout
        assert f"ok The log extends your checkpoint ({size} lines)." in done.stdout
        assert f"commitments opened, {erased} erased, " in done.stdout
        assert done.stdout.endswith("VERIFIED\n")
    site("doctor")


def test_what_was_erased_is_in_no_file_and_was_never_said(office: tuple[Office, set[bytes]], cli: Cli) -> None:
    site, gone = office
    exported(site)
    site("show", "A-1", "--json")
    site("history", "B-1", "--json")
    refused = cli("person", "erase", "A-1", "--all", *ERASE, *SAYING)
    found = dict(contents(site.folder)) | {"said": (site.said + refused.out + refused.err).encode()}
    assert {"parcours.db", "parcours.db.erasures.jsonl", "parquet.parquet, read", "bundle.zip/entries.jsonl"} < set(
        found
    )
    for sign in (*spellings(CANARY), *spellings("ne veut plus"), *gone):
        assert [name for name, data in found.items() if sign in data] == []
    # The search finds what is there: the sealed row of a value that stays, a public value in the exports.
    assert all(sealed in found["parcours.db"] for sealed in kept_of(site.folder, "C-1") if not sealed.isascii())
    assert all(b"Nuits" in found[name] for name in ("csv.csv", "jsonl.jsonl", "ocel.json", "bundle.zip/entries.jsonl"))


def test_a_copy_made_afterwards_has_nothing_either(office: tuple[Office, set[bytes]]) -> None:
    site, gone = office
    site("backup", "--with-keys", "copy.db")
    data = (site.folder / "copy.db").read_bytes()
    assert not [sign for sign in (*spellings(CANARY), *gone) if sign in data]
    assert all(sealed in data for sealed in kept_of(site.folder, "C-1") if not sealed.isascii())
