"""Behaviour files: what is read, what is refused and where, and what is written can be read again."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from operators.simulation.__main__ import schema_text
from operators.simulation.reading import read_behaviours, shipped_for
from operators.simulation.writing import drafted, written
from tests.unit.french import told_in_french
from tests.unit.simulation.plays import HABITS, habits, shipped, shipped_habits, tickets
from workflow.errors import DefinitionError

SCHEMA = Path(__file__).parents[3] / "schema/behaviour.schema.json"


def wrong(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as refused:
        habits(text)
    told_in_french(refused.value.findings)
    return [f"{each.line}:{each.column} {each.code}: {each.message}" for each in refused.value.findings]


def test_schema_in_the_repository_is_up_to_date() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text(), "run: make schema"


def test_shipped_file_is_valid() -> None:
    path = shipped_for(shipped())
    assert path is not None
    Draft202012Validator(json.loads(schema_text())).validate(yaml.safe_load(path.read_text("utf-8")))
    assert shipped_habits().payments is not None
    assert all(actor.label.fr != actor.label.en or role == "anct" for role, actor in shipped_habits().actors.items())


def test_what_is_written_is_read_again() -> None:
    for behaviours, definition in ((shipped_habits(), shipped()), (drafted(tickets()), tickets())):
        text = written(behaviours, {"decisions/open": "seen"}, "Head\nof two lines")
        again = read_behaviours(text.encode(), "again.yaml", definition)
        assert written(again, {}, "") == written(behaviours, {}, "")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("odds: 0.9", "odd: 0.9", "4:34 unknown_key: key 'odd' is unknown: did you mean 'odds'?"),
        ("do: take", "do: tak", "4:15 unknown_name: trigger 'tak' is unknown: did you mean 'take'?"),
        ("by: clerk, odds: 0.9", "by: customer, odds: 0.9",
         "4:25 unknown_name: role of take 'customer' is unknown: expected one of clerk"),
        ("odds: 0.9", "odds: 1.9", "4:38 wrong_value: found '1.9', expected at most 1"),
        ("odds: 0.9", "odds: oui", "4:40 wrong_value: found 'oui', expected a number, with a point for decimals"),
        ("median: 8, ", "", "4:69 missing_key: key 'median' is missing"),
        ("behaviours: tickets", "behaviours: placement",
         "1:13 unknown_name: behaviours of 'placement' is unknown: expected one of tickets"),
        ("  working:", "  worked:", "5:3 unknown_name: state or trigger 'worked' is unknown: did you mean 'working'?"),
        ("{cost: {between", "{territory: {between",
         "5:91 unknown_name: field 'territory' is unknown: expected one of cost"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(before: str, after: str, expected: str) -> None:
    assert before in HABITS
    found = wrong(HABITS.replace(before, after))
    assert len(found) == 1
    place, _, rest = expected.partition(" ")
    assert found[0].endswith(rest)
    assert found[0].split(":")[0] == place.split(":")[0]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("odds: 0.9", "odd: 0.9", "la clé « odd » n'existe pas : vouliez-vous dire « odds » ?"),
        ("do: take", "do: tak", "le déclencheur « tak » n'existe pas : vouliez-vous dire « take » ?"),
        ("by: clerk, odds: 0.9", "by: customer, odds: 0.9",
         "pour take, le rôle « customer » n'existe pas : attendu clerk"),
        ("odds: 0.9", "odds: 1.9", "trouvé « 1.9 », attendu au plus 1"),
        ("odds: 0.9", "odds: oui", "trouvé « oui », attendu un nombre, avec un point pour les décimales"),
        ("median: 8", "median: 0", "trouvé le nombre 0, attendu plus de 0"),
        ("median: 8, ", "", "la clé « median » manque"),
        ("behaviours: tickets", "behaviours: placement", "la définition « placement » n'existe pas : attendu tickets"),
        ("behaviours: tickets", "behaviours: 12", "trouvé le nombre 12, attendu du texte : mettez des guillemets"),
        ("{exponential", "{fixed: 3, exponential", "attendu une seule clé parmi lognormal, exponential, uniform, "
         "empirical, fixed, trouvé exponential, fixed"),
        ("least: 0, most: 20", "least: 30, most: 20", "least dépasse most"),
        ("{exponential: {mean: 9}}", "{empirical: [2, 1]}", "les quantiles vont du plus court au plus long"),
        ("{exponential: {mean: 9}}", "{empirical: []}", "trouvé une liste, attendu au moins un élément"),
        ("{exponential: {mean: 9}}", "{fixed: 1, in: weeks}",
         "trouvé « weeks », attendu l'une de ces valeurs : days, working days"),
        ("cost: {between: {least: 100, most: 900}}", "cost: {day: demain}",
         "trouvé « demain », attendu un texte de la forme ^[+-]?[0-9]+ (days|weeks|months|years)$"),
        ("odds: 0.8", "odds: 0.8, reason: []", "trouvé une liste, attendu du texte : mettez des guillemets"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_french(before: str, after: str, sentence: str) -> None:
    assert before in HABITS
    with pytest.raises(DefinitionError) as refused:
        habits(HABITS.replace(before, after))
    assert sentence in [each.message_fr for each in refused.value.findings]


def test_odds_of_an_occasion_do_not_exceed_one() -> None:
    two = HABITS.replace("open: [{do: take", "open: [{do: close, by: clerk, odds: 0.2, after: {fixed: 1}}, {do: take")
    assert "odds_above_one" in wrong(two)[0]


def test_two_distributions_at_once_are_refused() -> None:
    assert "exactly one of" in wrong(HABITS.replace("{exponential", "{fixed: 3, exponential"))[0]


def test_a_file_that_is_not_there_is_told() -> None:
    from operators.simulation.reading import load_behaviours

    with pytest.raises(DefinitionError) as refused:
        load_behaviours(Path("/nowhere/habits.yaml"), tickets())
    assert refused.value.findings[0].code == "file_unreadable"


def test_every_key_is_in_its_reference() -> None:
    said = (SCHEMA.parents[1] / "docs/reference/behaviours.md").read_text("utf-8")
    schema = json.loads(schema_text())
    models = [schema, *schema["$defs"].values()]
    keys = {key for model in models for key in model.get("properties", {})} - {"fr", "en"}
    assert {key for key in keys if f"`{key}" not in said and f"{key}:" not in said} == set()
