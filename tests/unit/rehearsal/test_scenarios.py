"""Scenario files: read strictly in two languages, lived as told, and told apart in words where they are not."""

import json
from pathlib import Path
from textwrap import dedent

import pytest
from jsonschema import Draft7Validator

from rehearsal.rehearsing import prepared
from rehearsal.scenarios.forms import scenario_schema, schema_text
from rehearsal.scenarios.living import live
from rehearsal.scenarios.reading import read_scenarios
from tests.unit.french import told_in_french
from tests.unit.rehearsal.loan import seen
from workflow.errors import InputRefused
from workflow.language.yaml_nodes import read_yaml

ROOT = Path(__file__).parents[3]
SHIPPED = [ROOT / "states.yaml", ROOT / "variants/best_effort_selection.yaml"]
ENGLISH = """\
scenarios:
  - scenario: Lent and given back
    law: None, it is a loan
    given: {territory: "75", day: 2021-03-01}
    steps:
      - day: 2021-03-02
        as: desk
        does: lend
        with: {lent_on: 2021-03-02, serial: A1, deposit: "10.50"}
        then: {state: lent, deadlines: {loan: 2021-06-02, answer: none}, fields: {loan_months: 3, deposit: "10.50"}}
      - {day: 2021-03-03, as: borrower, does: prolong, with: {loan_months: 4}, refused: [role_not_allowed]}
      - {day: 2021-06-03 00:00, then: {history: [missed loan 2021-06-03], notices: [reminder loan 2021-05-02]}}
      - {day: 2021-06-04, as: desk, does: give_back, reason: late, then: {state: returned}}
"""
FRENCH = """\
scénarios:
  - scénario: Lent and given back
    droit: None, it is a loan
    étant_donné: {territoire: "75", jour: 2021-03-01}
    étapes:
      - jour: 2021-03-02
        rôle: desk
        fait: lend
        avec: {lent_on: 2021-03-02, serial: A1, deposit: "10.50"}
        alors: {état: lent, échéances: {loan: 2021-06-02, answer: aucune}, champs: {loan_months: 3, deposit: "10.50"}}
      - {jour: 2021-03-03, rôle: borrower, fait: prolong, avec: {loan_months: 4}, refusé: [role_not_allowed]}
      - {jour: 2021-06-03 00:00, alors: {histoire: [missed loan 2021-06-03], avis: [reminder loan 2021-05-02]}}
      - {jour: 2021-06-04, rôle: desk, fait: give_back, motif: late, alors: {état: returned}}
"""


def told(text: str) -> list[str]:
    """What comes otherwise than a text says, with its place."""
    published, _, player, _ = seen()
    scenarios = read_scenarios(text.encode(), "life.yaml", player.definition)
    return [each.sentence("en") for scenario in scenarios for each in live(scenario, published, player.definition)]


def findings(text: str) -> list[str]:
    with pytest.raises(InputRefused) as refused:
        told(dedent(text))
    told_in_french(refused.value.findings)
    return [str(finding) for finding in refused.value.findings]


@pytest.mark.parametrize("text", [ENGLISH, FRENCH], ids=["english", "french"])
def test_a_life_goes_as_told_in_either_language(text: str) -> None:
    assert told(text) == []


def test_a_start_of_day_may_be_written_as_a_moment() -> None:
    assert told(ENGLISH.replace("[missed loan 2021-06-03]", "[missed loan 2021-06-03 00:00]")) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("state: lent,", "state: asked,", "life.yaml:10:16: the state: expected asked, got lent"),
        ("loan: 2021-06-02", "loan: 2021-06-01", "deadline loan: expected 2021-06-01, got 2021-06-02"),
        ("loan_months: 3", "loan_months: 4", "field loan_months: expected 4, got 3"),
        (
            "[missed loan 2021-06-03]",
            "[missed loan 2021-06-02]",
            "deadline loan missed: expected 2021-06-02, got 2021-06-03",
        ),
        (
            "refused: [role_not_allowed]",
            "refused: [field_needed]",
            "expected to be refused with field_needed, got role",
        ),
        (", refused: [role_not_allowed]", "", "life.yaml:11:9: prolong is refused: role_not_allowed"),
        ('deposit: "10.50"}\n', 'deposit: "10.49"}\n', "lend is refused: below_fee"),
    ],
)
def test_what_comes_otherwise_is_said_with_its_place(old: str, new: str, sentence: str) -> None:
    assert old in ENGLISH
    found = told(ENGLISH.replace(old, new, 1))
    assert any(sentence in each for each in found)
    assert all(each.startswith("life.yaml:") for each in found)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("does: lend", "does: lnd", "life.yaml:8:15: trigger 'lnd' is unknown: did you mean 'lend'?"),
        ("as: desk", "as: dsk", "life.yaml:7:13: role 'dsk' is unknown"),
        ("serial: A1", "seral: A1", "life.yaml:9:37: field 'seral' is unknown: did you mean 'serial'?"),
        ("state: lent", "state: lost", "state 'lost' is unknown"),
        ("    steps:", "    stps:", "life.yaml:5:5: key 'stps' is unknown: did you mean 'steps'?"),
        ('"75"', '"20"', "territory '20' is unknown"),
        ("day: 2021-03-03", "day: 2021-02-31", "there is no moment 2021-02-31"),
        ("day: 2021-06-04", "day: 2021-01-04", "lies before the step above"),
        ("as: desk, does: give_back, reason: late", "reason: late", "nobody does anything here"),
        ("day: 2021-03-02\n", "day: soon\n", "life.yaml:6:14: found 'soon'"),
    ],
)
def test_faults_are_found_with_line_and_column(old: str, new: str, finding: str) -> None:
    assert old in ENGLISH
    found = findings(ENGLISH.replace(old, new, 1))
    assert any(finding in each for each in found), found


@pytest.mark.parametrize(
    ("text", "old", "new", "sentence"),
    [
        (FRENCH, "fait: lend", "fait: lnd", "le déclencheur « lnd » n'existe pas : vouliez-vous dire « lend » ?"),
        (FRENCH, "    étapes:", "    étaps:", "la clé « étaps » n'existe pas : vouliez-vous dire « étapes » ?"),
        (FRENCH, ", jour: 2021-03-01", "", "la clé « jour » manque dans scénarios.0.étant_donné"),
        (ENGLISH, ", day: 2021-03-01", "", "la clé « day » manque dans scenarios.0.given"),
        (FRENCH, "motif: late", "motif: ", "rien ne suit « motif » : donnez une valeur ({} pour un groupe sans clés)"),
        (FRENCH, '"75"', '"20"', "le territoire « 20 » n'existe pas : attendu un code tel que 75, 2A ou 974"),
        (FRENCH, "jour: 2021-03-02\n", "jour: demain\n", "trouvé « demain », attendu un jour tel que 2021-03-16"),
        (FRENCH, "jour: 2021-03-03", "jour: 2021-02-31",
         "le moment 2021-02-31 n'existe pas : attendu un moment tel que 2021-03-16 09:30"),
        (FRENCH, "jour: 2021-06-04", "jour: 2021-01-04",
         "2021-01-04 précède l'étape qui est au-dessus : mettez les étapes dans leur ordre"),
        (FRENCH, "rôle: desk, fait: give_back, motif: late", "motif: late",
         "personne ne fait rien ici : ajoutez « fait », ou supprimez « rôle », « avec », « motif » et « refusé »"),
    ],
)  # fmt: skip
def test_faults_are_told_in_french_with_the_words_of_the_file(text: str, old: str, new: str, sentence: str) -> None:
    assert old in text
    with pytest.raises(InputRefused) as refused:
        told(text.replace(old, new, 1))
    assert sentence in [each.message_fr for each in refused.value.findings]


@pytest.mark.parametrize("text", ["", "scenarios: []", "scenarios: {}", "- a", "a: [", "scenarios: [{scenario: x}]"])
def test_what_is_no_file_of_scenarios_is_refused(text: str) -> None:
    assert findings(text)


def test_the_schema_in_the_repository_is_up_to_date() -> None:
    kept = (ROOT / "schema/scenario.schema.json").read_text("utf-8")
    assert kept == schema_text(), "run: parcours definition schema --scenarios > schema/scenario.schema.json"


def test_the_schema_takes_both_languages_and_refuses_others() -> None:
    Draft7Validator.check_schema(json.loads(schema_text()))
    validator = Draft7Validator(scenario_schema())
    files = [path for shipped in SHIPPED for path in (shipped.parent / "scenarios").glob("*.yaml")]
    for text in (ENGLISH, FRENCH, *(path.read_text("utf-8") for path in files)):
        assert validator.is_valid(read_yaml(text.encode(), "life.yaml")[0].data)
    wrong = read_yaml(ENGLISH.replace("does:", "do:", 1).encode(), "life.yaml")[0].data
    assert not validator.is_valid(wrong)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_scenarios_go_as_told(path: Path) -> None:
    published, definition = prepared(path.read_bytes(), str(path))
    files = sorted((path.parent / "scenarios").glob("*.yaml"))
    scenarios = [each for file in files for each in read_scenarios(file.read_bytes(), file.name, definition)]
    assert scenarios
    assert [o.sentence("en") for each in scenarios for o in live(each, published, definition)] == []
