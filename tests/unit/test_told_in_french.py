"""What is found in a definition's file is told in French, in words that stand for themselves."""

import json
from pathlib import Path

import pytest

from operators.api.problems import error_answer
from tests.unit.definitions import findings, shipped, small
from tests.unit.french import well_told
from tests.unit.french_sentences import SENTENCES
from tests.unit.test_expressions import DECLARED
from tests.unit.test_loader import FAULTS
from tests.unit.timing.mistakes import MISTAKES
from workflow.errors import DefinitionError
from workflow.expressions import Environment, ExpressionError
from workflow.language.borrowed import syntax_problem, use_problem, yaml_problem
from workflow.loader import load_definition


@pytest.mark.parametrize(("change", "sentence"), SENTENCES, ids=[sentence[:50] for _, sentence in SENTENCES])
def test_fault_is_well_told(change: tuple[str, str], sentence: str) -> None:
    found = findings(small(change))
    well_told(found)
    assert sentence in [each.message_fr for each in found]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "le fichier est vide : attendu une définition"),
        (b"a: \xff\n", "l'octet 0xff n'est pas de l'UTF-8 : enregistrez le fichier en UTF-8"),
        (b"[" * 100, "plus de 32 niveaux les uns dans les autres : une définition en demande moins"),
        (b"a:\n" + b"- 1\n" * 50_001, "plus de 50 000 valeurs : attendu moins"),
        (b"# " + b"x" * 1024 * 1024, "le fichier a plus de 1 048 576 octets : attendu une définition"),
        (b"- 1\n", "trouvé une liste, attendu un groupe de clés"),
    ],
    ids=["empty", "not_utf8", "too_deep", "too_many_nodes", "too_large", "wrong_value"],
)
def test_what_is_no_definition_is_well_told(data: bytes, sentence: str) -> None:
    [found] = findings(data)
    well_told([found])
    assert found.message_fr == sentence


@pytest.mark.parametrize("name", FAULTS)
def test_faults_of_the_loader_are_well_told(name: str) -> None:
    well_told(findings(small(*FAULTS[name][0])))


@pytest.mark.parametrize("name", MISTAKES)
def test_known_mistakes_are_well_told(name: str) -> None:
    well_told(findings(shipped(*MISTAKES[name].changes)))


def test_file_that_is_not_there_is_well_told(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.yaml", "il n'existe pas"), (tmp_path, "c'est un dossier")):
        with pytest.raises(DefinitionError) as refused:
            load_definition(path)
        [found] = refused.value.findings
        assert found.sentence("fr") == f"{path}:1:1: le fichier ne peut être lu : {why}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pay >= ", "l'expression ne peut être lue : l'expression s'arrête trop tôt"),
        ("rural and has(pay)", "l'expression ne peut être lue : « and » n'a pas sa place ici"),
        ("rural)", "l'expression ne peut être lue : « ) » est de trop"),
        ("(rural", "l'expression ne peut être lue : il manque « ) »"),
        ("rank @ 3", "l'expression ne peut être lue : « @ » ne se lit pas"),
        ("rank.x > 1", "l'expression n'est pas permise : un point ne peut suivre cette valeur"),
        ("if", "l'expression n'est pas permise : le mot « if » est réservé"),
        ("[1].exists(1, true)", "l'expression n'est pas permise : exists(…) prend d'abord un nom simple"),
        ("rank > 99999999999999999999", "l'expression n'est pas permise : ce nombre est trop grand"),
        ("rank", "l'expression donne autre chose (nombre) : attendu true ou false"),
        ("pay > 'a'", "> ne s'applique pas à (nombre, texte) : attendu des valeurs de même nature"),
        ("pay > rnk", "le nom « rnk » n'existe pas : vouliez-vous dire « rank » ?"),
        ("has(pay.x)", "has(…) prend le nom d'un seul champ"),
        ("lookup(host_type, starts_on) > 1",
         "lookup(…) prend d'abord, entre guillemets, le nom d'une table"),
        ("lookup('minimum_wage') > 1", "lookup(…) prend un nom et un jour"),
        ("total('host_type') > 1",
         "le champ de type integer ou money « host_type » n'existe pas : attendu pay, rank"),
        ("has__pay", "le nom « has__pay » n'existe pas : aucun nom n'a deux tirets bas de suite"),
        ("r'a' == 'a'", "le préfixe r d'un texte n'est pas permis : supprimez-le"),
        ("rural // why", "une expression n'a pas de commentaire : écrivez-le dans le YAML, après #"),
        ("(" * 200 + "rural" + ")" * 200,
         "l'expression ne peut être lue : il y a trop de parenthèses les unes dans les autres"),
        ("rural || " * 300 + "rural", "l'expression a plus de 2000 caractères : faites-en deux conditions"),
    ],
)  # fmt: skip
def test_expression_is_refused_in_french(text: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        Environment(DECLARED).compile(text)
    assert refused.value.said.fr == sentence


@pytest.mark.parametrize(
    ("lang", "sentence"), [("fr", "l'état « opn » n'existe pas"), ("en", "state 'opn' is unknown")]
)
def test_problem_of_the_api_is_told_in_the_language_asked_for(lang: str, sentence: str) -> None:
    told = json.loads(
        bytes(error_answer(DefinitionError(findings(small(("initial: open", "initial: opn")))), lang).body)
    )
    assert told["detail"].startswith(f"test.yaml:3:10: {sentence}")
    assert [each["message"].startswith(sentence) for each in told["findings"]] == [True]


def test_what_a_library_says_and_is_not_known_is_quoted_as_english() -> None:
    assert yaml_problem("found a surprise") == "le lecteur de YAML dit en anglais « found a surprise »"
    for told in (syntax_problem, use_problem):
        assert told("a surprise") == "le moteur d'expressions dit en anglais « a surprise »"
