"""Who may do what: every route has a word of the policy, and every role meets exactly the pages that are open to it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from operators.console.app import SCREENS, make_console
from operators.console.policy import ANYONE, CONSOLE_ROLES, POLICY
from operators.console.routing import Declaration, Screen, UndeclaredRoute, declarations
from storage.accounts import Grant
from tests.integration.console.conftest import Office

_READING = {"console.enter", "placement.read", "placement.export", "definition.read"}
_ACTING = {*_READING, "placement.act", "placement.decide", "personal.reveal"}
ALLOWED = {
    "viewer": {*_READING, "incident.read", "notice.read", "system.read"},
    "operator": {*_ACTING, "placement.place", "incident.read", "notice.read", "system.read"} - {"placement.decide"},
    "supervisor": {
        *_ACTING,
        "placement.place",
        "placement.correct",
        "person.manage",
        "definition.simulate",
        "incident.read",
        "incident.retry",
        "incident.aside",
        "notice.read",
        "notice.retry",
        "notice.dismiss",
        "system.read",
        "brake.release",
    },
    "author": {"console.enter", "definition.read", "definition.simulate", "system.read"},
    "auditor": {*_READING, "incident.read", "notice.read", "system.read", "audit.read", "audit.export", "access.read"},
    "admin": {"console.enter", "system.read", "account.manage"},
    "host": _ACTING,
}
"""The policy once more, role by role."""

EVERYWHERE_ONLY = {
    "system.read",
    "brake.release",
    "notice.read",
    "notice.retry",
    "notice.dismiss",
    "audit.read",
    "audit.export",
    "access.read",
    "account.manage",
}
OWN, FOREIGN = "P-75", "P-974"
_PARTS = {
    "trigger": "select_candidate", "name": "selection", "kind": "pause", "number": "1", "account_id": "operator:none",
}  # fmt: skip
_KINDS = {"/correct": "amend", "/data": "hold"}
"""What stands in for `kind` where a line in a ledger is none."""


def routes(office: Office) -> list[Declaration]:
    return list(declarations(office.console.inner.routes))


def address(declared: Declaration, reference: str) -> str:
    path = declared.path.replace("{reference:reference}", reference)
    for place, kind in _KINDS.items():
        path = path.replace(f"{place}/{{kind}}", f"{place}/{kind}")
    for name, value in _PARTS.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def ask(browser: TestClient, declared: Declaration, reference: str = OWN) -> Response:
    return browser.request(
        declared.method, address(declared, reference), data={} if declared.method == "POST" else None
    )


def is_sent_to_login(answer: Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/login")


def guarded(office: Office) -> Iterator[Declaration]:
    return (each for each in routes(office) if each.action != ANYONE)


def test_every_action_of_the_policy_has_a_route_and_the_open_routes_are_these(office: Office) -> None:
    declared = routes(office)
    assert {each.action for each in declared} - {ANYONE} == set(POLICY)
    assert {(each.method, each.path) for each in declared if each.action == ANYONE} == {
        ("GET", "/livez"), ("GET", "/readyz"), ("GET", "/login"), ("POST", "/login"), ("POST", "/logout"),
        ("POST", "/language"), ("GET", "/welcome"), ("POST", "/welcome"),
        ("GET", "/login/oidc"), ("GET", "/login/oidc/back"), ("GET", "/signed-out"), ("GET", "/signed-out/provider"),
        ("GET", "/calendar/{token}.ics"),
    }  # fmt: skip


def test_console_with_an_undeclared_route_is_not_made(office: Office) -> None:
    class Careless(Screen):
        def add_to(self, web):  # type: ignore[no-untyped-def]
            web.add_api_route("/everything", lambda: "all of it")

    with pytest.raises(UndeclaredRoute, match="/everything"):
        make_console(office.app, screens=[*SCREENS, Careless()])


@pytest.mark.parametrize("role", [*CONSOLE_ROLES, "host"])
def test_role_meets_the_pages_that_are_open_to_it_and_no_others(office: Office, role: str) -> None:
    browser = office.entered(Grant(role))
    for declared in guarded(office):
        status = ask(browser, declared).status_code
        assert (status == 403) == (declared.action not in ALLOWED[role]), (declared, status)
        assert status < 500, (declared, status)


@pytest.mark.parametrize("role", [*CONSOLE_ROLES, "host"])
def test_role_held_in_one_territory_meets_no_placement_of_another(office: Office, role: str) -> None:
    browser = office.entered(Grant(role, territory="75"))
    for declared in guarded(office):
        own, foreign = ask(browser, declared), ask(browser, declared, FOREIGN)
        allowed = declared.action in ALLOWED[role] - EVERYWHERE_ONLY
        assert (own.status_code == 403) == (not allowed), (declared, own.status_code)
        if allowed and "{reference" in declared.path:
            assert foreign.status_code == 404, declared
            assert own.status_code != 404 or "requests" in declared.path, declared
        assert "Cilaos" not in foreign.text, declared


def test_role_held_for_one_host_meets_only_its_placements(office: Office) -> None:
    browser = office.entered(Grant("host", host_siret="21750001600019"))
    assert browser.get("/placements/P-974").status_code == 200
    assert browser.get("/placements/P-75").status_code == 404
    assert "P-75" not in browser.get("/placements").text
    assert "P-75" not in browser.get("/placements.csv").text


def test_without_a_session_every_page_leads_to_the_login(office: Office) -> None:
    expired, revoked, disabled = (office.account(Grant("supervisor"), Grant("auditor"), name=n) for n in "abc")
    browsers = {"none": office.browser(), "unknown": office.browser(), "revoked": office.with_session(revoked)}
    browsers |= {"disabled": office.with_session(disabled), "expired": office.with_session(expired)}
    browsers["unknown"].cookies.set("parcours", "made-up", domain="localhost.local")
    assert all(is_sent_to_login(browsers[name].post("/logout")) for name in ["revoked"])
    with office.app.store.writing() as unit:
        unit.accounts.disable(disabled.id, office.real.now())
    kept = office.with_session(revoked)
    for name, browser in browsers.items():
        if name == "expired":
            office.real.advance(timedelta(hours=13))
        for declared in guarded(office):
            assert is_sent_to_login(ask(browser, declared)), (name, declared)
    assert is_sent_to_login(kept.get("/"))


def test_page_that_was_wanted_comes_after_the_login(office: Office) -> None:
    answer = office.browser().get("/placements?state=candidate_shown")
    assert answer.headers["location"] == "/login?next=%2Fplacements%3Fstate%3Dcandidate_shown"


def test_unknown_page_is_a_sentence(office: Office) -> None:
    answer = office.entered(Grant("viewer")).get("/nowhere")
    assert answer.status_code == 404
    assert "n’existe pas" in answer.text
