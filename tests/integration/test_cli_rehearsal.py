"""`parcours definition test`: what people see, what programs get, the exit codes."""

from pathlib import Path

import pytest

from tests.integration.conftest import Cli
from tests.shipped import EXAMPLES
from tests.unit.french import in_french
from tests.unit.rehearsal.loan import LOAN
from tests.unit.rehearsal.test_scenarios import FRENCH

TEST = ("definition", "test", "loan.yaml")
QUICK = (*TEST, "--budget", "0", "--lang", "en")


@pytest.fixture
def loan(cli: Cli) -> Cli:
    """The command line in a folder with a small definition and a scenario of it."""
    Path("loan.yaml").write_text(LOAN, "utf-8")
    Path("scenarios").mkdir()
    Path("scenarios/vie.yaml").write_text(FRENCH, "utf-8")
    return cli


def write(old: str, new: str) -> None:
    assert old in LOAN
    Path("loan.yaml").write_text(LOAN.replace(old, new, 1), "utf-8")


def test_a_rehearsal_tells_what_was_seen_and_opens_no_database(loan: Cli) -> None:
    said = loan(*QUICK)
    assert said.code == 0, said.out + said.err
    assert "loan.yaml: loan 1" in said.out
    assert "Seen: 100.0 % (threshold 90 %)." in said.out
    assert "No expected outcomes are recorded (--record)." in said.out
    assert "Scenarios: 1 of 1 as told." in said.out
    assert not Path("parcours.db").exists()


def test_paths_and_edges_are_lived_within_the_budget(loan: Cli) -> None:
    answer = loan(*TEST, "--budget", "2", "--json").json
    assert answer["ok"]
    assert answer["paths"] > 1
    assert answer["faults"] == []
    assert answer["coverage"]["states"] == {"seen": 4, "of": 4}


def test_what_is_recorded_is_compared_and_named_in_words(loan: Cli) -> None:
    assert loan(*TEST, "--record").code == 0
    assert "As expected (loan.expected.json)." in loan(*QUICK).out
    write("within: 15 days", "within: 16 days")
    said = loan(*QUICK)
    assert said.code == 1
    expected = "expected answer runs until 2021-03-16; got answer runs until 2021-03-17"
    assert f"deadlines after placing: {expected}" in said.out
    found = loan(*QUICK, "--json").json
    assert found["differences"][0].keys() == {"where", "expected", "seen", "message"}
    assert not found["ok"]


def test_everything_is_told_in_either_language(loan: Cli) -> None:
    loan(*TEST, "--record")
    write(
        "within: 15 days, while: asked, remind: [5 days before]",
        "within: 16 days, while: asked, remind: [6 days before]",
    )
    for command in (TEST, (*TEST, "--budget", "0", "--threshold", "100")):
        fr, en = (loan(*command, "--budget", "0", "--lang", lang).out.splitlines() for lang in ("fr", "en"))
        assert len(fr) == len(en)
        for line, other in zip(fr, en, strict=True):
            assert line != other or line.strip() == "Lent and given back"
            in_french(line.replace("loan.expected.json", "loan"))


def test_programs_get_names_and_sentences_in_the_language_asked_for(loan: Cli) -> None:
    loan(*TEST, "--record")
    write("within: 15 days", "within: 16 days")
    fr, en = (loan(*TEST, "--budget", "0", "--json", "--lang", lang).json for lang in ("fr", "en"))
    one, other = fr["differences"][0], en["differences"][0]
    assert (one["expected"], one["seen"]) == (other["expected"], other["seen"])
    assert (one["where"], other["where"]) == (
        "situation 0, échéances après la création",
        "situation 0, deadlines after placing",
    )
    assert one["message"].endswith("attendu answer court jusqu'au 2021-03-16 ; obtenu answer court jusqu'au 2021-03-17")
    assert other["message"].endswith("expected answer runs until 2021-03-16; got answer runs until 2021-03-17")


def test_survivors_are_told_in_either_language(loan: Cli) -> None:
    loan(*TEST, "--record")
    hunt = (*TEST, "--mutants", "6", "--seed", "26", "--threshold", "100")
    fr, en = (loan(*hunt, "--json", "--lang", lang).json["survivors"] for lang in ("fr", "en"))
    assert [{**each, "change": ""} for each in fr] == [{**each, "change": ""} for each in en]
    assert fr
    assert all(one["change"] != other["change"] for one, other in zip(fr, en, strict=True))
    lines = loan(*hunt, "--lang", "fr").out.splitlines()
    assert any(each.startswith("  échéance : ") for each in lines)
    assert f"  loan.yaml:{fr[0]['line']}:{fr[0]['column']}: transition, {fr[0]['change']}" in lines


def test_a_scenario_that_goes_otherwise_fails_with_its_place(loan: Cli) -> None:
    write("within: {field: loan_months, unit: months}", "within: {field: loan_months, unit: weeks}")
    said = loan(*QUICK)
    assert said.code == 1
    assert "scenarios/vie.yaml:10:" in said.out
    assert "deadline loan: expected 2021-06-02, got 2021-03-23" in said.out


def test_too_little_seen_fails(loan: Cli) -> None:
    write("needs: [loan_months], once: true", "needs: [loan_months], since: returned")
    said = loan(*QUICK, "--threshold", "100")
    assert said.code == 1
    assert "prolong, taken: in lent: not_yet" in said.out
    assert "not reached" in said.out


def test_mutants_are_hunted_with_a_seed(loan: Cli) -> None:
    said = loan(*TEST, "--mutants", "5", "--lang", "en")
    assert said.code == 2
    assert "record the expected outcomes first" in said.err
    loan(*TEST, "--record")
    answer = loan(*TEST, "--mutants", "12", "--seed", "1", "--threshold", "50", "--json").json
    assert answer["mutants"] == 12
    assert answer["ok"]
    assert all(each.keys() == {"file", "line", "column", "kind", "change"} for each in answer["survivors"])
    write("within: 15 days", "within: 16 days")
    assert loan(*TEST, "--mutants", "5").code == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [("loan.expected.json", b"[]"), ("scenarios/vie.yaml", b"scenarios: [{}]"), ("loan.yaml", b"definition: x")],
)
def test_a_file_that_cannot_be_read_is_6_with_its_place(loan: Cli, name: str, data: bytes) -> None:
    Path(name).write_bytes(data)
    said = loan(*QUICK)
    assert said.code == 6
    assert said.err.startswith(f"{name}:1:")
    assert "Traceback" not in said.err


def test_the_schema_of_scenarios_is_printed(cli: Cli) -> None:
    assert cli("definition", "schema", "--scenarios").json["title"] == "Parcours scenarios"


@pytest.mark.parametrize("path", EXAMPLES.values(), ids=EXAMPLES)
def test_examples_are_rehearsed_and_do_what_is_recorded_of_them(cli: Cli, path: Path) -> None:
    answer = cli("definition", "test", str(path), "--json").json
    assert answer["ok"], (answer["faults"], answer["differences"])
