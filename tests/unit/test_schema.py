"""The JSON Schema of the language: it is the one in the repository, and says what the loader says."""

import json

import pytest
from jsonschema import Draft7Validator

from tests.unit.definitions import STATES_YAML, shipped
from workflow.language.schema import definition_schema, keys_at, schema_text
from workflow.language.yaml_nodes import read_yaml

FILE = STATES_YAML.parent / "schema" / "definition.schema.json"
VALIDATOR = Draft7Validator(definition_schema())


def is_valid(text: str) -> bool:
    source, _ = read_yaml(text.encode(), "states.yaml")
    return VALIDATOR.is_valid(source.data)


def test_schema_in_the_repository_is_up_to_date() -> None:
    assert FILE.read_text("utf-8") == schema_text(), "run: make schema"


def test_schema_is_a_draft_07_schema() -> None:
    Draft7Validator.check_schema(json.loads(schema_text()))
    assert '"$defs"' not in schema_text()


def test_shipped_definitions_are_valid() -> None:
    assert is_valid(shipped())
    assert is_valid((STATES_YAML.parent / "variants" / "best_effort_selection.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    "change",
    [
        ("initial: ami_application", "inital: ami_application"),
        ("    once: true", "    once: maybe"),
        ("    to: application_refused", "    to:"),
        ("  grant_post:", "  GrantPost:"),
        ("within: 4 months", "within: four months"),
        ("counting: inclusive", "counting: exclusive"),
        ('["971", "972", "973"]', "[971, 972, 973]"),
    ],
)
def test_schema_refuses_what_the_loader_refuses(change: tuple[str, str]) -> None:
    assert not is_valid(shipped(change))


def test_keys_are_known_at_every_path() -> None:
    assert keys_at({}, ("deadlines", "x", "within")) == ["field", "unit", "at_most"]
    assert "dated_by" in keys_at({}, ("transitions", "x"))
    assert "dated_by" in keys_at({}, ("transitions", "x", 0))
    assert keys_at({}, ("transitions", "x", 0, "guards", 1)) == ["code", "require", "predicate", "message"]
