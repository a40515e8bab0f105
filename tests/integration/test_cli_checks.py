"""`definition check` on what time brings: a life for each finding, in the language asked for, and as JSON."""

from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Cli

LIFE_FR = [
    "    2021-01-04 12:00  placement créé : Candidature à l'AMI",
    "    2021-01-05 12:01  Attribuer le poste (grant_post)",
    "    2021-01-06 12:02  Présenter un candidat (show_candidate) → Candidat présenté",
    "    2021-01-22 00:00  délai passé, toujours : Candidat présenté",
]


@pytest.fixture
def longer(tmp_path: Path) -> Path:
    text = (ROOT / "states.yaml").read_text("utf-8")
    old = "    after: candidate_shown\n    within: 15 days\n"
    assert old in text
    path = tmp_path / "longer.yaml"
    path.write_text(text.replace(old, old.replace("15", "20")), "utf-8")
    return path


def test_broken_invariant_is_told_with_a_life(cli: Cli, longer: Path) -> None:
    answer = cli("definition", "check", str(longer), "--lang", "fr")
    first, *life = answer.err.splitlines()
    assert (answer.code, answer.out) == (6, "")
    assert first.endswith(": l'invariant ne tient pas : après « candidate_shown », cela peut durer plus de 15 jours")
    assert life == LIFE_FR


def test_faults_of_the_file_are_told_in_the_language_asked_for(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text((ROOT / "states.yaml").read_text("utf-8").replace("initial: ami", "initial: amy"), "utf-8")
    fr = "l'état « amy_application » n'existe pas : vouliez-vous dire « ami_application » ?"
    en = "state 'amy_application' is unknown: did you mean 'ami_application'?"
    for lang, sentence in (("fr", fr), ("en", en)):
        answer = cli("definition", "check", str(path), "--lang", lang)
        assert (answer.code, answer.err.split(": ", 1)[1]) == (6, f"{sentence}\n")
        answer = cli("definition", "check", str(path), "--lang", lang, "--json")
        assert [each["message"] for each in answer.json["error"]["findings"]] == [sentence]
    assert fr in cli("definition", "check", str(path)).err


def test_life_is_a_path_in_json(cli: Cli, longer: Path) -> None:
    answer = cli("definition", "check", str(longer), "--lang", "en", "--json")
    (finding,) = answer.json["error"]["findings"]
    assert finding["code"] == "invariant_broken"
    assert finding["message"] == "the invariant does not hold: after 'candidate_shown', it can last more than 15 days"
    assert [step["at"] for step in finding["path"]] == [
        "2021-01-04T12:00+01:00",
        "2021-01-05T12:01+01:00",
        "2021-01-06T12:02+01:00",
        "2021-01-22T00:00+01:00",
    ]
    assert finding["path"][-1]["message"] == "the time is over, still: Candidate shown"


def test_how_many_invariants_were_proved_is_told(cli: Cli) -> None:
    assert cli("definition", "check", "--json").json["invariants"] == 8
    assert "8 invariants démontrés" in cli("definition", "check", "--lang", "fr").out


def test_publishing_does_not_look_at_time(cli: Cli, longer: Path) -> None:
    assert cli("init", "--sandbox", "--definition", str(longer)).code == 0
