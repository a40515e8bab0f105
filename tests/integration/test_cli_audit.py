"""Exports and backups on the command line, read back by their real readers."""

import csv
import json
from pathlib import Path

import pytest

from tests.integration.conftest import Cli, grant, place, show_candidate


def lived(office: Cli) -> None:
    place(office, "A-1")
    place(office, "B-1", "974")
    grant(office, "A-1", "B-1")
    show_candidate(office, "A-1")
    office("run", "--once", clock="2021-03-17T00:00:00Z")


def exported(office: Cli, tmp_path: Path, *words: str) -> list[dict[str, object]]:
    answer = office("audit", "export", "--format", "jsonl", "--out", "log.jsonl", *words, "--json")
    lines = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    assert answer.json["entries"] == len(lines)
    return [json.loads(line) for line in lines]


def test_jsonl_has_the_keys_of_history_and_the_reference(office: Cli, tmp_path: Path) -> None:
    lived(office)
    rows = exported(office, tmp_path)
    ours = [row for row in rows if row["reference"] == "A-1"]
    history = office("history", "A-1", "--json").json
    assert [{k: v for k, v in row.items() if k != "reference"} for row in ours] == history


def test_csv_reads_back_as_the_same_rows(office: Cli, tmp_path: Path) -> None:
    lived(office)
    assert office("audit", "export", "--out", "log.csv").code == 0
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    wanted = exported(office, tmp_path)
    assert [row["hash"] for row in rows] == [row["hash"] for row in wanted]
    assert [json.loads(row["fields"]) for row in rows] == [row["fields"] for row in wanted]
    assert rows[0].keys() == wanted[0].keys()


def test_export_selects_by_moment_and_territory(office: Cli, tmp_path: Path) -> None:
    lived(office)
    assert {row["reference"] for row in exported(office, tmp_path, "--territory", "974")} == {"B-1"}
    late = exported(office, tmp_path, "--since", "2021-03-17T00:00:00Z")
    assert "timeout" in {row["kind"] for row in late}
    assert "placed" not in {row["kind"] for row in late}
    assert len(late) + len(exported(office, tmp_path, "--until", "2021-03-17T00:00:00Z")) == len(
        exported(office, tmp_path)
    )
    occurred = exported(office, tmp_path, "--since", "2021-03-17", "--by", "occurred")
    assert {row["kind"] for row in occurred} == {"timeout"}


def test_failed_export_leaves_the_file_as_it_was(office: Cli, tmp_path: Path) -> None:
    lived(office)
    answer = office("audit", "export", "--out", "nowhere/log.csv", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (1, "failed")
    (tmp_path / "log.csv").mkdir()
    assert office("audit", "export", "--out", "log.csv").code == 1
    assert not list(tmp_path.glob("*.partial"))


def test_backup_opens_and_never_replaces(office: Cli, tmp_path: Path) -> None:
    lived(office)
    assert office("backup", "copy.db", "--json").code == 0
    copied = office("show", "A-1", "--database", "sqlite:///copy.db", "--json")
    assert copied.json["state"] == "post_vacant"
    assert office("backup", "copy.db").code == 1


def test_poller_gets_what_was_sealed_since_its_cursor(office: Cli, tmp_path: Path) -> None:
    def exported_after(*words: str) -> tuple[list[str], int, str]:
        told = office("audit", "export", "--format", "jsonl", "--out", "log.jsonl", *words, "--json").json
        manifest = json.loads((tmp_path / "log.jsonl.manifest.json").read_text("utf-8"))
        assert (manifest["next"], manifest["unsealed"]) == (told["next"], told["unsealed"])
        rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text("utf-8").splitlines()]
        return [row["reference"] for row in rows], told["unsealed"], told["next"]

    def after(cursor: str) -> tuple[str, str]:
        return "--after", cursor

    place(office, "A-1")
    references, waiting, start = exported_after("--sealed")
    assert (references, waiting) == ([], 0)
    references, waiting, from_whole = exported_after()
    assert (references, waiting, from_whole) == (["A-1"], 1, start)
    assert exported_after(*after(start)) == ([], 0, start)
    office("audit", "seal")
    place(office, "B-1", "974")
    references, waiting, second = exported_after(*after(start))
    assert (references, waiting) == (["A-1"], 0)
    office("audit", "seal")
    references, waiting, third = exported_after(*after(second))
    assert (references, waiting) == (["B-1"], 0)
    assert exported_after(*after(third)) == ([], 0, third)
    assert exported_after() == (["A-1", "B-1"], 0, third)


def test_export_says_how_much_is_not_sealed_yet(office: Cli) -> None:
    place(office, "A-1")
    words = ("audit", "export", "--out", "log.csv", "--lang", "en")
    assert office(*words).out == "log.csv: 1 entries, 1 of them not sealed yet.\n"
    office("audit", "seal")
    assert office(*words).out == "log.csv: 1 entries.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "ocel", "--out", "log.ocel"),
        ("--format", "xes", "--out", "log.xes", "--after", "WzEyXQ"),
        ("--format", "csv", "--out", "log.csv", "--after", "WzEyXQ"),
        ("--format", "csv", "--out", "log.csv", "--after", "WyJlbnRyaWVzIiwxXQ"),
        ("--format", "bundle", "--out", "log.zip", "--sealed"),
        ("--format", "xml", "--out", "log.xml"),
    ],
)
def test_export_that_makes_no_sense_is_wrong_usage(office: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = office("audit", "export", *words, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "wrong_usage")
    assert not list(tmp_path.glob("log*"))


def test_form_without_its_library_says_how_to_get_it(office: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.exports.LIBRARIES", {"parquet": "no_such_library"})
    answer = office("audit", "export", "--format", "parquet", "--out", "log.parquet", "--lang", "en")
    assert (answer.code, answer.err) == (
        2,
        "--format parquet needs the library no_such_library: pip install 'parcours[parquet]'.\n",
    )


@pytest.mark.parametrize("form", ["csv", "csv-fr", "xlsx", "jsonl", "parquet", "xes", "ocel"])
def test_every_form_is_written_with_its_schema_and_manifest(office: Cli, tmp_path: Path, form: str) -> None:
    lived(office)
    answer = office("audit", "export", "--format", form, "--out", "log.sqlite", "--json")
    assert answer.code == 0
    manifest = json.loads((tmp_path / "log.sqlite.manifest.json").read_text("utf-8"))
    assert (manifest["format"], manifest["entries"], manifest["sha256"]) == (
        form,
        answer.json["entries"],
        answer.json["sha256"],
    )
    assert json.loads((tmp_path / "log.sqlite.schema.json").read_text("utf-8"))["format"] == form
