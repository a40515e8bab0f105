"""An office that works on PostgreSQL, by commands alone: everything that is done on a file, and the same answers."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.driver import PROGRAM, ROOT
from tests.acceptance.postgres_site import PostgresSite, new_site
from tests.postgres import Server

SAMPLE = ROOT / "tests" / "data" / "structures_validees.csv"
CANARY = "Zéphyrine Canari"


@pytest.fixture
def site(server: Server, tmp_path: Path) -> PostgresSite:
    return new_site(server, tmp_path)


def test_sample_is_imported_swept_sealed_verified_and_exported(site: PostgresSite) -> None:
    sample = SAMPLE.read_text("utf-8").splitlines(keepends=True)
    (site.folder / "sample.csv").write_text("".join(sample[:301]), "utf-8")
    assert "created" in site.parcours("init").out
    created = site.parcours("import", "sample.csv", "--json").json["created"]
    assert created > 250
    site.parcours("run", "--once")
    assert Counter(kind for (kind,) in site.rows("SELECT kind FROM history")) == {
        "placed": created,
        "recorded": created,
        "missed": created,
    }
    again = site.parcours("import", "sample.csv", "--json").json
    assert (again["created"], again["unchanged"], again["refused"]) == (0, created, [])

    sealed = site.ask("audit", "seal")
    # One more entry than the placements have: the definition's publishing.
    assert sealed["sealed"] == 3 * created + 1
    verified = site.ask("audit", "verify")
    assert verified["ok"]
    reference = site.ask("list", "--limit", "1")["items"][0]["reference"]
    assert [entry["kind"] for entry in site.ask("history", reference)] == ["placed", "recorded", "missed"]

    exported = site.ask("audit", "export", "--format", "jsonl", "--out", "entries.jsonl")
    lines = (site.folder / "entries.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == exported["entries"] == 3 * created
    nothing_new = site.ask("audit", "export", "--format", "jsonl", "--out", "more.jsonl", "--after", exported["next"])
    assert (nothing_new["entries"], nothing_new["next"]) == (0, exported["next"])

    site.parcours("audit", "export", "--format", "bundle", "--out", "bundle.zip")
    with zipfile.ZipFile(site.folder / "bundle.zip") as bundle:
        bundle.extractall(site.folder / "bundle")
    (verifier,) = (site.folder / "bundle").rglob("verify.py")
    done = subprocess.run([sys.executable, str(verifier)], cwd=verifier.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.ask("doctor")["ok"]


def test_person_is_erased_and_a_command_s_key_answers_again(site: PostgresSite) -> None:
    site.settings["clock"] = "2021-03-01T09:00:00Z"
    site.init(sandbox=True).place("A-1")
    site.fire("A-1", "grant_post", "anct", granted_on="2021-03-01")
    fields = ["--set", "candidate_ref=C-1", "--set", f"candidate_name={CANARY}"]
    command = ("fire", "A-1", "show_candidate", "--role", "platform", *fields, "--key", "k-1")
    first, second = site.ask(*command), site.ask(*command)
    assert first["revision"] == second["revision"]
    assert CANARY in site.parcours("person", "show", "A-1").out
    erase = ("--field", "candidate_name", "--ground", "objection", "--decision", "D-1", "--role", "supervisor")
    site.parcours("person", "erase", "A-1", *erase)
    assert CANARY not in site.parcours("person", "show", "A-1").out
    assert site.ask("audit", "verify")["ok"]
    dump = json.dumps(site.ask("history", "A-1"))
    assert CANARY not in dump


def test_copy_of_a_server_s_database_is_restored_to_a_file(site: PostgresSite) -> None:
    site.init(sandbox=True).at("2021-03-01T09:00:00Z").place("A-1")
    site = site.at("2021-03-01T09:00:00Z")
    site.parcours("audit", "seal")
    site.parcours("backup", "copy.db")
    restored = ("restore", "copy.db", "--database", "sqlite:///again.db")
    answer = site.ask(*restored)
    assert (answer["placements"], answer["sealed"], answer["faults"], answer["older"]) == (1, 2, [], None)
    assert site.ask("show", "A-1", "--database", "sqlite:///again.db")["state"] == "ami_application"
    assert "exists" in site.parcours(*restored, code=1).err


def test_password_in_the_url_is_told_to_nobody(site: PostgresSite) -> None:
    site.settings["database_url"] = site.url.replace("postgres@", "postgres:Pa55wort@")
    said = site.parcours("init")
    assert "Pa55wort" not in said.out + said.err
    shown = site.parcours("config", "show")
    assert "Pa55wort" not in shown.out


def test_missing_driver_is_told_with_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['psycopg'] = None; from operators.cli import main; sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "list", "--database", "postgresql://u@localhost/x"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env={"PATH": "", "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout) == (1, "")
    assert "parcours[postgres]" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [("--help",), ("show", "A-1")])
def test_a_file_needs_no_driver_of_a_server(tmp_path: Path, command: tuple[str, ...]) -> None:
    code = "import sys; from operators.cli import main; main(sys.argv[1:]); print('psycopg' in sys.modules)"
    words = [sys.executable, "-c", code, *command, "--database", f"sqlite:///{tmp_path / 'x.db'}"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env={"PATH": "", "PYTHONPATH": str(ROOT)})
    assert done.stdout.splitlines()[-1:] == ["False"], done.stdout + done.stderr
    assert shutil.which(PROGRAM[0])
