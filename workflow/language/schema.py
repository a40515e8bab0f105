"""The JSON Schema of the language, for editors, in the part of draft-07 that they all know.

Generated from the models (language.py) and from nothing else.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from workflow.language.forms import Document
from workflow.language.positions import Path

_DRAFT = "http://json-schema.org/draft-07/schema#"


@cache
def definition_schema() -> dict[str, Any]:
    """The schema as plain data."""
    return schema_of(Document.model_json_schema(), "Parcours definition")


def schema_of(generated: dict[str, Any], title: str) -> dict[str, Any]:
    """A model's schema in that part of draft-07."""
    return {"$schema": _DRAFT, **_draft_07(generated), "title": title}


def schema_text() -> str:
    """The schema as the file in the repository has it."""
    return json.dumps(definition_schema(), indent=2, ensure_ascii=False) + "\n"


def keys_at(data: Any, path: Path) -> list[str]:
    """The keys that the language knows in the mapping at a path of the data."""
    schemas = [definition_schema()]
    for step in path:
        schemas = [below for schema in schemas for below in _below(schema, step)]
    return [key for schema in schemas for form in _forms(schema) for key in form.get("properties", {})]


def _forms(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        yield from _forms(definition_schema()["definitions"][name])
        return
    yield schema
    for alternative in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _forms(alternative)


def _below(schema: dict[str, Any], step: str | int) -> Iterator[dict[str, Any]]:
    for form in _forms(schema):
        if isinstance(step, int):
            yield from [form["items"]] if "items" in form else []
        elif step in form.get("properties", {}):
            yield form["properties"][step]
        else:
            yield from form.get("patternProperties", {}).values()


def _draft_07(node: Any) -> Any:
    if isinstance(node, list):
        return [_draft_07(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {_renamed(key): _draft_07(value) for key, value in node.items() if not _is_noise(key, value)}
    if "$ref" in changed:
        changed["$ref"] = changed["$ref"].replace("#/$defs/", "#/definitions/")
    if "patternProperties" in changed:
        changed["additionalProperties"] = False
    return _reference_apart(_never_null(changed))


def _renamed(key: str) -> str:
    return "definitions" if key == "$defs" else key


def _is_noise(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)


def _never_null(node: dict[str, Any]) -> dict[str, Any]:
    # A key that may be left out may not be there with nothing behind it (validation.py says so too).
    if "anyOf" not in node or node.get("default", ...) is not None:
        return node
    kept = [form for form in node.pop("anyOf") if form != {"type": "null"}]
    del node["default"]
    return {**kept[0], **node} if len(kept) == 1 else {"anyOf": kept, **node}


def _reference_apart(node: dict[str, Any]) -> dict[str, Any]:
    # What stands beside a `$ref` is ignored by draft-07, a description included.
    if "$ref" in node and len(node) > 1:
        return {"allOf": [{"$ref": node.pop("$ref")}], **node}
    return node
