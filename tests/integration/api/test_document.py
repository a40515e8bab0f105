"""The OpenAPI document is the one that is committed, and whatever it lets somebody send is answered as it says."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import APIOperation, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from operators.api.app import routed
from operators.api.documents import document
from operators.console.policy import CONSOLE_ROLES
from storage.accounts import Grant
from tests.integration.api.conftest import Desk, opened

ROOT = Path(__file__).parents[3]
COMMITTED = ROOT / "schema" / "openapi.json"
REFERENCE = ROOT / "docs" / "reference" / "api.md"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]  # fmt: skip
ROLES = (*CONSOLE_ROLES, "host", "none")
OURS = ("authorization", "user-agent")
TRIED = 4
"""So many requests for each operation and role; half of them with a placement that is there."""

_SCHEMA = schemathesis.openapi.from_dict(json.loads(COMMITTED.read_text("utf-8")))


def operations() -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for found in _SCHEMA.get_all_operations():
        yield found.ok()


def test_committed_document_is_that_of_the_code() -> None:
    committed = json.loads(COMMITTED.read_text("utf-8"))
    assert committed == document(routed()), "python -m operators.api > schema/openapi.json"
    assert committed["openapi"].startswith("3.1")


def test_reference_page_has_every_operation_with_its_action() -> None:
    page = REFERENCE.read_text("utf-8")
    told = re.findall(r"^\| `((?:GET|POST) .*?)` \| (.*?) \| `([a-z.]+)` \|", page, re.M)
    said = [
        (f"{method.upper()} {path.removeprefix('/api/v1')}", operation["description"], operation["x-action"])
        for path, methods in document(routed())["paths"].items()
        for method, operation in methods.items()
    ]
    assert told == said


def test_reference_page_has_every_status_that_the_document_has() -> None:
    page = REFERENCE.read_text("utf-8")
    told = set(re.findall(r"^\| ([45][0-9]{2}) \|", page, re.M))
    documented = {
        status for path in document(routed())["paths"].values() for o in path.values() for status in o["responses"]
    }
    assert {status for status in documented if status >= "400"} | {"405"} == told


@pytest.fixture(scope="module")
def programs(built_for_api: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, TestClient]]:
    """A program with a token of each role, over one database, and one without a token."""
    folder = tmp_path_factory.mktemp("document") / "database"
    shutil.copytree(built_for_api, folder)
    yield from (_programs(desk) for desk in opened(folder))


def _programs(desk: Desk) -> dict[str, TestClient]:
    return {role: desk.with_secret(None) if role == "none" else desk.program(Grant(role)) for role in ROLES}


def send(program: TestClient, case: Case, known: bool) -> Any:
    """What is answered; `known`: about the placement that is there, at whatever revision."""
    if known and "reference" in case.path_parameters:
        case.path_parameters["reference"] = "P-75"
        case.path_parameters.update({"name": "selection"} if "name" in case.path_parameters else {})
    asked = case.as_transport_kwargs(base_url="http://localhost")
    # The token is the program's: one that is made up would be none.
    said = {name: value for name, value in asked["headers"].items() if name.lower() not in OURS}
    sent = {name: asked[name] for name in ("params", "json") if asked.get(name) is not None}
    if isinstance(asked.get("data"), bytes | str):
        sent["content"] = asked["data"]
    headers = {**said, **({"If-Match": "*"} if known else {})}
    return program.request(case.method, asked["url"], headers=headers, **sent)


@pytest.mark.parametrize("operation", list(operations()), ids=lambda each: each.label)
def test_whatever_the_document_allows_is_answered_as_it_says(
    operation: APIOperation[Any, Any, Any, Any], programs: dict[str, TestClient]
) -> None:
    asked = 0

    @seed(20210316)
    @settings(max_examples=TRIED, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=[Phase.generate])  # fmt: skip
    @given(case=operation.as_strategy())
    def answered(case: Case) -> None:
        nonlocal asked
        for role in ROLES:
            asked += 1
            answer = send(programs[role], case, known=asked // len(ROLES) % 2 == 0)
            case.validate_response(answer, checks=CHECKS)
            assert (
                role != "none" or answer.status_code in (400, 401, 404, 422) or operation.path.endswith("openapi.json")
            )

    answered()
    assert asked >= len(ROLES)
