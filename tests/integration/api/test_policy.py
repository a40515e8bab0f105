"""Who may do what over the API: generated from its routes, for every role, at home and elsewhere, with every token."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from operators.api.app import RESOURCES, make_api
from operators.api.routing import Resource
from operators.console.policy import ANYONE, CONSOLE_ROLES, POLICY
from operators.console.routing import Declaration, UndeclaredRoute, declarations
from storage.accounts import Grant
from tests.integration.api.conftest import Desk
from tests.integration.console.test_policy import ALLOWED, EVERYWHERE_ONLY

OWN, FOREIGN = "P-75", "P-974"
_PARTS = {"name": "selection", "number": "1", "prefix": "pcs_none"}
BODIES: dict[str, Any] = {
    "/batches": {"references": [OWN], "act": {"kind": "note", "text": "seen"}},
    "/preview": {"kind": "note", "text": "seen"},
    "/confirmation": {"act": {"kind": "note", "text": "seen"}, "preview": "none", "count": 1},
    "/continuation": {},
    "/brake/release": {"reason": "other"},
    "/placements": {"reference": "P-NEW", "fields": {"territory": "75"}},
    "/transitions": {"trigger": "select_candidate"},
    "/late-facts": {"trigger": "select_candidate"},
    "/notes": {"text": "seen", "dry_run": True},
    "/amendment": {"reason": "other", "fields": {"host_name": "Ville"}, "dry_run": True},
    "/reversal": {"reason": "other", "dry_run": True},
    "/void": {"reason": "other", "dry_run": True},
    "/pause": {"reason": "other", "dry_run": True},
    "/resume": {"reason": "other", "dry_run": True},
    "/extension": {"reason": "other", "by": "2 days", "dry_run": True},
    "/move": {"reason": "other", "to": "2021-04-01", "dry_run": True},
    "/decision": {"verdict": "refuse"},
    "/erasure": {"ground": "objection", "decision": "D-1", "everything": True, "dry_run": True},
    "/hold": {"on": True, "reason": "other", "dry_run": True},
    "/set-aside": {"reason": "known"},
    "/deliveries/retry": {"key": "none"},
    "/deliveries/dismissal": {"key": "none", "reason": "known"},
    "/suppositions": {"suppose": [{"what": "select_candidate"}]},
}
"""What each act is asked with, by the end of its address."""
QUERIES = {"/date": "?from=2021-03-01&territory=75&within=15%20days"}

CONSOLE_ONLY = {"definition.simulate"}
"""What nobody does by the API: programs simulate by the command."""


def routes(desk: Desk) -> list[Declaration]:
    return list(declarations(desk.site.api.routes))


def guarded(desk: Desk) -> list[Declaration]:
    return [each for each in routes(desk) if each.action != ANYONE]


def ask(program: TestClient, declared: Declaration, reference: str = OWN) -> Response:
    path = declared.path.replace("{reference:reference}", reference)
    for name, value in _PARTS.items():
        path = path.replace(f"{{{name}}}", value)
    body = next((body for end, body in BODIES.items() if path.endswith(end)), None)
    query = next((query for end, query in QUERIES.items() if path.endswith(end)), "")
    sent = body if declared.method == "POST" else None
    return program.request(declared.method, path + query, json=sent, headers={"If-Match": "*"})


def test_every_action_of_the_policy_has_an_operation_and_the_open_one_is_the_document(desk: Desk) -> None:
    declared = routes(desk)
    assert {each.action for each in declared} - {ANYONE} == set(POLICY) - CONSOLE_ONLY
    assert [(each.method, each.path) for each in declared if each.action == ANYONE] == [("GET", "/api/v1/openapi.json")]


def test_api_with_an_undeclared_route_is_not_made(desk: Desk) -> None:
    class Careless(Resource):
        def add_to(self, web):  # type: ignore[no-untyped-def]
            web.add_api_route("/api/v1/everything", lambda: "all of it")

    with pytest.raises(UndeclaredRoute, match="/everything"):
        make_api(desk.site.api.state.console, [*RESOURCES, Careless("careless")])


@pytest.mark.parametrize("role", [*CONSOLE_ROLES, "host"])
def test_role_may_ask_what_the_policy_allows_and_nothing_else(desk: Desk, role: str) -> None:
    program = desk.program(Grant(role))
    for declared in guarded(desk):
        answer = ask(program, declared)
        assert (answer.status_code == 403) == (declared.action not in ALLOWED[role]), (declared, answer.text)
        assert answer.status_code < 500, (declared, answer.text)


@pytest.mark.parametrize("role", [*CONSOLE_ROLES, "host"])
def test_role_held_in_one_territory_meets_no_placement_of_another(desk: Desk, role: str) -> None:
    program = desk.program(Grant(role, territory="75"))
    for declared in guarded(desk):
        foreign, own = ask(program, declared, FOREIGN), ask(program, declared)
        allowed = declared.action in ALLOWED[role] - EVERYWHERE_ONLY
        assert (own.status_code == 403) == (not allowed), (declared, own.text)
        if allowed and "{reference" in declared.path:
            assert foreign.status_code == 404, (declared, foreign.text)
            assert own.status_code != 404 or "requests" in declared.path, (declared, own.text)
        assert "Cilaos" not in foreign.text, declared


def test_foreign_placement_is_told_from_none_by_nothing(desk: Desk) -> None:
    program = desk.program(Grant("viewer", territory="75"))
    there, nowhere = (program.get(f"/api/v1/placements/{name}") for name in (FOREIGN, "P-999"))
    assert there.text == nowhere.text.replace("P-999", FOREIGN)
    assert there.status_code == nowhere.status_code == 404


def test_token_of_a_host_meets_only_its_placements(desk: Desk) -> None:
    program = desk.program(Grant("host", host_siret="21750001600019"))
    assert program.get("/api/v1/placements/P-974").status_code == 200
    assert program.get("/api/v1/placements/P-75").status_code == 404
    for path in ("placements", "deadlines", "exports/placements", "approvals"):
        assert "P-75" not in program.get(f"/api/v1/{path}").text


def test_token_may_never_do_more_than_its_account(desk: Desk) -> None:
    account = desk.account(Grant("operator"), Grant("auditor"), name="Robot")
    narrow = desk.with_secret(desk.secret(account, Grant("operator", "974")))
    assert narrow.get("/api/v1/placements/P-974").status_code == 200
    assert narrow.get("/api/v1/placements/P-75").status_code == 404
    assert narrow.get("/api/v1/audit/entries").status_code == 403
    with desk.app.store.writing() as unit:
        unit.accounts.grant(account.id, (Grant("viewer"),))
    assert narrow.get("/api/v1/placements/P-974").status_code == 403


@pytest.mark.parametrize("why", ["none", "unknown", "revoked", "expired", "disabled", "cookie", "basic", "mangled"])
def test_without_a_current_token_nothing_is_answered(desk: Desk, why: str) -> None:
    account = desk.account(Grant("supervisor"), Grant("auditor"), Grant("admin"), name="Sophie")
    secret = desk.secret(account, lasts=timedelta(hours=2))
    assert desk.with_secret(secret).get("/api/v1/me").status_code == 200
    carried = {"Authorization": f"Bearer {secret}"}
    match why:
        case "none":
            carried = {}
        case "unknown":
            carried = {"Authorization": "Bearer pcs_00000000_" + "x" * 43}
        case "revoked":
            prefix = "_".join(secret.split("_")[:2])
            assert desk.with_secret(secret).post(f"/api/v1/tokens/{prefix}/revocation").status_code == 200
        case "expired":
            desk.real.advance(timedelta(hours=3))
        case "disabled":
            with desk.app.store.writing() as unit:
                unit.accounts.disable(account.id, desk.real.now())
        case "cookie":
            carried = {"Cookie": f"parcours={secret}"}
        case "basic":
            carried = {"Authorization": f"Basic {secret}"}
        case "mangled":
            carried = {"Authorization": f"Bearer {secret[:-1]}"}
    program = desk.with_secret(None)
    program.headers.update(carried)
    for declared in guarded(desk):
        # Whoever fails too often is not listened to for a while, and there are more operations than tries.
        desk.real.advance(timedelta(minutes=1))
        answer = ask(program, declared)
        assert answer.status_code == 401, (declared, answer.text)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "token_needed"


def test_document_says_under_which_action_and_for_which_roles_each_operation_is(desk: Desk) -> None:
    document = desk.with_secret(None).get("/api/v1/openapi.json").json()
    for declared in guarded(desk):
        path = declared.path.replace(":reference", "")
        operation = document["paths"][path][declared.method.lower()]
        assert operation["x-action"] == declared.action
        assert {"401", "403", "429"} <= set(operation["responses"])
