"""One person in many placements on the command line, and the names of those who act: found, erased, re-applied."""

import io
import json
import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import Cli, grant, place, show_candidate
from tests.integration.test_cli_person import ERASE, everywhere

NAME = "Camille Roux"
SAYING = ("--log-level", "debug", "--log-format", "json")


@pytest.fixture
def three(office: Cli) -> Cli:
    """Three placements with one candidate; on the second a hold, on the third a note that names her and a colleague."""
    references = ("A-1", "B-1", "C-1")
    for reference in references:
        place(office, reference)
    grant(office, *references)
    for reference in references:
        said = ("--set", f"candidate_ref=K-{reference}", "--set", f"candidate_name={NAME}", "--role", "platform")
        assert office("fire", reference, "show_candidate", *said).code == 0
    assert office("person", "hold", "B-1", "--reason", "litige", "--role", "supervisor").code == 0
    assert office("note", "C-1", "CAMILLE ROUX a téléphoné à Bo", "--as", "Ada").code == 0
    return office


def erased(cli: Cli, reference: str) -> set[str]:
    values = cli("person", "show", reference, "--json").json["values"]
    return {each["field"] for each in values if each["erased"]}


def test_find_names_placements_and_fields_and_shows_no_value(three: Cli) -> None:
    answer = three("person", "find", "camille  roux", "--json", *SAYING)
    assert answer.code == 0
    told = [tuple(each[key] for key in ("reference", "fields", "others", "held")) for each in answer.json["placements"]]
    assert told == [
        ("A-1", ["candidate_name"], ["candidate_ref"], False),
        ("B-1", ["candidate_name"], ["candidate_ref", "note"], True),
        ("C-1", ["candidate_name", "note"], ["candidate_ref"], False),
    ]
    text = three("person", "find", NAME, "K-A-1", *SAYING, "--lang", "en")
    assert "3 placements." in text.out
    for said in (answer, text):
        assert NAME not in said.out + said.err
        assert "K-A-1" not in said.out + said.err


def test_find_reads_the_text_from_the_input(three: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NAME}\n"))
    assert len(three("person", "find", "-", "--json").json["placements"]) == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert three("person", "find", "-").code == 2


def test_in_a_copy_without_keys_find_says_what_it_could_not_compare(three: Cli) -> None:
    three("backup", "copy.db")
    answer = three("person", "find", NAME, "--database", "sqlite:///copy.db", "--json").json
    assert (answer["placements"], answer["unopened"]) == ([], 8)
    assert (
        "8 values have no key" in three("person", "find", NAME, "--database", "sqlite:///copy.db", "--lang", "en").out
    )


def test_erasing_a_person_asks_first_and_then_tells_of_each_placement(three: Cli) -> None:
    asked = three("person", "erase", "--person", NAME, *ERASE, "--json")
    preview = asked.json["error"]["preview"]
    assert (asked.code, [item["reference"] for item in preview]) == (2, ["A-1", "B-1", "C-1"])
    tried = three("person", "erase", "--person", NAME, *ERASE, "--dry-run", "--json")
    assert (tried.code, tried.json["dry_run"], tried.json["done"], tried.json["refused"]) == (3, True, 0, 1)
    assert erased(three, "A-1") == set()
    done = three("person", "erase", "--person", NAME, *ERASE, "--yes", "--json", *SAYING)
    items = {item["reference"]: item for item in done.json["items"]}
    assert (done.code, done.json["done"], done.json["refused"]) == (3, 2, 1)
    assert [items[name]["erased"] for name in ("A-1", "B-1", "C-1")] == [1, 0, 2]
    assert {blocker["code"] for blocker in items["B-1"]["error"]["blockers"]} == {"legal_hold"}
    assert [erased(three, name) for name in items] == [{"candidate_name"}, set(), {"candidate_name", "note"}]
    assert NAME not in done.out + done.err
    correlations = {three("history", name, "--json").json[-1]["correlation"] for name in ("A-1", "C-1")}
    assert correlations == {done.json["correlation"]}
    assert [each["reference"] for each in three("person", "find", NAME, "--json").json["placements"]] == ["B-1"]


def test_a_text_that_is_no_reference_is_a_person(three: Cli) -> None:
    done = three("person", "erase", "K-A-1", *ERASE, "--yes", "--lang", "en")
    assert (done.code, "A-1" in done.out, "1 values erased" in done.out) == (0, True, True)
    assert erased(three, "A-1") == {"candidate_ref"}
    missing = three("person", "erase", "Jeanne Nulle-Part", *ERASE, "--yes", "--lang", "en")
    assert (missing.code, missing.err) == (5, "No placement has this reference, and none speaks of such a person.\n")


def test_fields_or_all_widen_what_is_erased_in_each_placement(three: Cli) -> None:
    fields = ("--field", "candidate_name", "--field", "candidate_ref")
    three("person", "erase", "--person", "K-A-1", *fields, *ERASE, "--yes")
    assert erased(three, "A-1") == {"candidate_name", "candidate_ref"}
    three("person", "erase", "--person", "K-C-1", "--all", *ERASE, "--yes")
    assert erased(three, "C-1") == {"candidate_name", "candidate_ref", "note"}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("A-1", "--person", NAME, "--all"),
        ("--person", NAME, "--all", "--field", "note"),
        ("--person", NAME, "--field", "host_name", "--yes"),
        ("--person", " ", "--yes"),
        ("A-1",),
    ],
)
def test_what_does_not_say_of_whom_and_what_is_wrong_usage(three: Cli, words: tuple[str, ...]) -> None:
    assert three("person", "erase", *words, *ERASE).code == 2
    assert erased(three, "A-1") == set()


def test_one_placement_is_previewed_on_request(three: Cli) -> None:
    tried = three("person", "erase", "A-1", "--all", *ERASE, "--dry-run", "--json")
    assert (tried.code, tried.json["dry_run"], erased(three, "A-1")) == (0, True, set())


# Those who act


def actors(cli: Cli, *words: str) -> dict[str, str]:
    return {each["name"]: each["actor"] for each in cli("actor", "list", *words, "--json").json["items"]}


def test_a_name_of_somebody_who_acts_is_erased_and_the_id_stays(three: Cli, tmp_path: Path) -> None:
    ada = actors(three)["Ada"]
    assert "Ada" in three("history", "C-1").out
    done = three("actor", "erase", "Ada", *ERASE, "--json", *SAYING)
    assert (done.code, done.json["actor"]) == (0, ada)
    assert '"event": "actor.erased"' in done.err
    shown = three("history", "C-1").out
    assert "Ada" not in shown
    assert ada in shown
    assert "Ada" not in actors(three)
    assert three("actor", "erase", "Ada", *ERASE).code == 5
    assert three("actor", "erase", ada, *ERASE).code == 5
    assert three("audit", "seal").code == 0
    assert three("audit", "verify").code == 0


def test_the_name_is_in_no_file_afterwards(office: Cli, tmp_path: Path) -> None:
    canary = "Zephyrine-Canari-7421"
    place(office, "A-1")
    office("note", "A-1", "bonjour", "--as", canary)
    assert canary.encode() in everywhere(tmp_path)
    assert office("actor", "erase", canary, *ERASE).code == 0
    office("audit", "export", "--out", "log.csv")
    office("audit", "export", "--format", "bundle", "--out", "bundle.zip")
    assert canary.encode() not in everywhere(tmp_path)


def test_erasing_a_name_needs_role_ground_and_decision(three: Cli) -> None:
    for words, code in (
        (("--ground", "objection", "--decision", "D-1"), "role_needed"),
        (("--ground", "objection", "--decision", "D-1", "--role", "host"), "role_not_allowed"),
        (("--ground", "whim", "--decision", "D-1", "--role", "supervisor"), "ground_unknown"),
        (("--ground", "objection", "--decision", "a free text", "--role", "supervisor"), "decision_unclear"),
    ):
        refused = three("actor", "erase", "Ada", *words, "--json")
        assert (refused.code, [each["code"] for each in refused.json["error"]["blockers"]]) == (3, [code])
    assert "Ada" in actors(three)


def test_a_restored_copy_forgets_again_the_names_that_the_register_names(three: Cli, tmp_path: Path) -> None:
    assert three("backup", "copy.db", "--with-keys").code == 0
    three("actor", "erase", "Ada", *ERASE)
    three("person", "erase", "A-1", "--all", *ERASE)
    register = tmp_path / "parcours.db.erasures.jsonl"
    assert three("person", "register", "--out", "mine.jsonl", "--json").json["erasures"] == 2
    written, kept = ((tmp_path / name).read_text("utf-8").splitlines() for name in ("mine.jsonl", register.name))
    assert sorted(written) == sorted(kept)
    assert b"Ada" not in register.read_bytes()
    shutil.copy(tmp_path / "copy.db", tmp_path / "parcours.db")
    (warning,) = three("doctor", "--json").json["warnings"]
    assert "3 " in warning
    done = three("person", "reapply", str(register), "--role", "supervisor", "--json").json
    assert [item["status"] for item in done["items"]] == ["erased", "erased"]
    assert "Ada" not in actors(three)
    assert three("doctor", "--json").json["warnings"] == []
    again = three("person", "reapply", str(register), "--role", "supervisor", "--json").json
    assert {item["status"] for item in again["items"]} == {"nothing_left"}
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(json.dumps({"actor": "operator:1", "ground": "objection"}) + "\n")
    assert three("person", "reapply", "wrong.jsonl", "--role", "supervisor").code == 6


def test_a_person_who_also_acts_is_told(three: Cli) -> None:
    show_candidate(three, "A-1")
    three("note", "A-1", "note", "--as", NAME)
    found = three("person", "find", NAME, "--lang", "en")
    assert f"This person also acts, as {actors(three)[NAME]}" in found.out
